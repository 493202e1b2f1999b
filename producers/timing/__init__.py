"""When each feed is polled: its rhythm, the shared budget, the schedule and whose turn it is. Pure; the clock is an argument.

May import answers.
"""
