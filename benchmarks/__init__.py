"""How fast the loaders are, as ratios to the bare engine doing the same work in the same run.

Absolute times mean nothing on a shared machine, so every figure is ours ÷ floor: both sides run in processes of their own,
in turn, with the same threads and memory, and their medians are compared. What is measured lives in the other modules.
"""
