"""The sample company's InfoHub: which assets its engagements have, what is wrong with them, and the files that say so.

The company itself (accounts, deals, tickets, usage) is made in the package above.
"""
