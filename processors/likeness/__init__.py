"""Judges two reports: one event, one running story, a copy, or different, with the measured evidence.

In: the features and sketches of reports, how rare their keys are. Out: Judgement, CopyVerdict. May import features, rarity, meaning.
"""
