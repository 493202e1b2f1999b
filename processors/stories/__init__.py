"""Groups matches into stories: copies, likeness, placement, and the fold that decides and remembers.

In: matches in offset order. Out: one StoryState per match. May import alerts.
"""
