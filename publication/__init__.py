"""What leaves the warehouse for people and programs that do not query it: written from checked marts, and atomically.

Nothing is computed here that a mart could say, and nothing is shown on a screen.
"""
