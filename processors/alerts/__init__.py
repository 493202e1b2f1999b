"""Whether a match on a story deserves an alert, how loud it is, and when a theme bursts. Pure.

In: matches, stories, the last alert. Out: an alert or a reason why not. May import matching and themes.
"""
