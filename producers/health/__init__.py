"""The health of feeds and of our own network, and the notices that operators get about them.

In: feeds' states, results of polls, the time. Out: a health word with its explanation, and notices. May import answers and timing.
"""
