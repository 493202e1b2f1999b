"""How common a name, place, number or word is in a theme: in news about ships a ship's name tells two events apart, "tanker" does not.

In:  the usage so far, the first report of each event of the theme, the moment.
Out: the usage after it; the rarity of a key in the theme.

It counts events, not reports: ten outlets reporting one event do not make its words common. Only the counts of days (UTC) that are over are
used, as with the rarity in the news at large, so other live stories change no verdict. The counts are a summary of bounded size: after
each event the largest count beyond the bound is subtracted from all of them (Misra and Gries 1982, in the form of Agarwal et al. 2012).
So no count is too high, and none is too low by more than events x keys of one / bound: every key in more than an eighth of the events is
there. Old events fade: the counts are halved whenever there are a thousand events.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime

from newsmon.records import KeyCounts, ThemeUsage
from processors.features.of_article import Features
from processors.likeness.weighing import Rarity

MOST_KEYS = 256  # about 3 kB in each state, twice
_DAY_S = 86_400
_HALVED_AT = 1_000  # events
_UNSEEN = 20  # events assumed before the first: a young theme proves nothing
_UNSEEN_WITH_KEY = 0.4  # of them
_USUAL = 0.02  # the share of events above which a key is no longer rare
_NOTHING = KeyCounts(event_count=0, counts={})


def usage_at(before: ThemeUsage | None, theme_id: str, at: datetime) -> ThemeUsage:
    """Return the usage at a moment: the counts of days that are over by then are in use.

    Time does not go back by one day; if it goes back by more, a clock was ahead, and the day it made is over.
    """
    day = int(at.timestamp()) // _DAY_S
    if before is None:
        return ThemeUsage(theme_id=theme_id, day=day, past=_NOTHING, today=_NOTHING)
    if before.day - 1 <= day <= before.day:
        return before
    past = _summed(before.past, before.today.event_count, before.today.counts)
    return ThemeUsage(theme_id=theme_id, day=day, past=past, today=_NOTHING)


def usage_after(usage: ThemeUsage, features: Features) -> ThemeUsage:
    """Return the usage after one more event, whose first report has these features."""
    today = _summed(usage.today, 1, dict.fromkeys(sorted(features.keys()), 1))
    return ThemeUsage(theme_id=usage.theme_id, day=usage.day, past=usage.past, today=today)


def rarity_with(usage: ThemeUsage, at_large: Rarity) -> Rarity:
    """Return a function that gives the rarity of a key: in the news at large or in the theme, whichever is lower."""
    in_theme = rarity_in(usage)
    return lambda key: min(at_large(key), in_theme(key))


def rarity_in(usage: ThemeUsage) -> Rarity:
    """Return a function that gives the rarity of a key in the theme alone: 1 in fewer than one event in fifty, 0 in all of them."""
    counts, events = usage.past.counts, usage.past.event_count + _UNSEEN

    def rarity(key: str) -> float:
        share = (max(counts.get(key, 0) - 1, 0) + _UNSEEN_WITH_KEY) / events  # in events other than the one that may be meant
        return min(math.log(share) / math.log(_USUAL), 1.0)

    return rarity


def _summed(before: KeyCounts, event_count: int, more: Mapping[str, int]) -> KeyCounts:
    counts = dict(before.counts)
    for key, count in more.items():
        counts[key] = counts.get(key, 0) + count
    event_count += before.event_count
    if len(counts) > MOST_KEYS:
        off = sorted(counts.values(), reverse=True)[MOST_KEYS]
        counts = {key: count - off for key, count in counts.items()}
    if event_count >= _HALVED_AT:
        event_count //= 2
        counts = {key: count // 2 for key, count in counts.items()}
    return KeyCounts(event_count=event_count, counts={key: counts[key] for key in sorted(counts) if counts[key] > 0})
