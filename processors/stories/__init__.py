"""Groups matches into events and running stories: placement, new facts, and the fold that decides and remembers.

In: matches and corrections in offset order. Out: one StoryState or Corrected each. May import alerts, likeness, features.
"""
