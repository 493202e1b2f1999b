"""Matches are grouped into stories: copies, likeness, placing, and the fold that decides and remembers. Pure.

In: matches in offset order. Out: one StoryState a match. May import alerts.
"""
