"""How usual a name, place, number or word is in a theme: in the news about ships a ship's name tells two events apart, "tanker" does not.

In:  the usage so far, the first report of each event of the theme.
Out: the usage after it; the rarity of a key in the theme.

Events are counted, not reports: what ten outlets report is no more usual for that. The counts are a summary of bounded size: after each
event the value of the largest count beyond the bound is taken off all of them (Misra and Gries 1982, in the form of Agarwal et al. 2012),
so no count is too high, and none is too low by more than events x keys of one / bound. Every key above an eighth of the events is there.
Old events fade: the counts are halved whenever a thousand are full.
"""

from __future__ import annotations

import math

import msgspec

from newsmon.records import ThemeUsage
from processors.stories.features import Features
from processors.stories.likeness import Rarity, everything_rare

MOST_KEYS = 256  # about 3 kB in each state
_HALVED_AT = 1_000  # events
_UNSEEN = 20  # events that the theme is thought to have had before the first: a young theme proves nothing
_UNSEEN_WITH_KEY = 0.4  # of them
_USUAL = 0.02  # the share of events from which a key is less than rare


def usage_after(before: ThemeUsage | None, theme_id: str, features: Features) -> ThemeUsage:
    """Return the usage after one more event, whose first report has these features."""
    usage = before or ThemeUsage(theme_id=theme_id, event_count=0, counts={})
    counts = dict(usage.counts)
    for key in sorted(features.keys()):
        counts[key] = counts.get(key, 0) + 1
    event_count = usage.event_count + 1
    if len(counts) > MOST_KEYS:
        off = sorted(counts.values(), reverse=True)[MOST_KEYS]
        counts = {key: count - off for key, count in counts.items()}
    if event_count >= _HALVED_AT:
        event_count //= 2
        counts = {key: count // 2 for key, count in counts.items()}
    return msgspec.structs.replace(usage, event_count=event_count, counts={key: counts[key] for key in sorted(counts) if counts[key] > 0})


def rarity_with(usage: ThemeUsage | None, at_large: Rarity) -> Rarity:
    """Return a function that gives the rarity of a key: in the news at large or in the theme, whichever is less."""
    in_theme = rarity_in(usage)
    return lambda key: min(at_large(key), in_theme(key))


def rarity_in(usage: ThemeUsage | None) -> Rarity:
    """Return a function that gives the rarity of a key in the theme alone: 1 below every fiftieth event, 0 in all of them."""
    if usage is None:
        return everything_rare
    counts, events = usage.counts, usage.event_count + _UNSEEN

    def rarity(key: str) -> float:
        share = (max(counts.get(key, 0) - 1, 0) + _UNSEEN_WITH_KEY) / events  # in events other than the one that may be meant
        return min(math.log(share) / math.log(_USUAL), 1.0)

    return rarity
