"""Decides whether a match on a story deserves an alert, how severe it is, and when a theme bursts.

In: matches, stories, the last alert. Out: an alert, or the reason why there is none. Imports no other room.
"""
