"""How a feed is doing, whose fault a failure is, and which notices it earns. Pure.

May import answers and timing.
"""
