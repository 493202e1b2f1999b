"""Decides when each feed is polled: its publishing rhythm, the pace all feeds share, its next due time, the order of due feeds.

In: results, rhythms, settings and the time, as an argument. Out: times, with the reason. May import answers.
"""
