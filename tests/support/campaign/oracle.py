"""Says of each item what its fate must be and whether it was: published, classified, stored, told to every receiver under one id.

In: the items served, what the database holds of them, what arrived. Out: every item astray, with the reason. No I/O.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from support.campaign.arrival import Arrival
from support.campaign.items import Item


class Astray(StrEnum):
    """How the fate of an item differs from what it must be."""

    NOT_PUBLISHED = "not_published"
    NOT_CLASSIFIED = "not_classified"
    WRONG_THEMES = "wrong_themes"
    NO_MATCH = "no_match"
    NO_STORY = "no_story"
    NOT_DELIVERED = "not_delivered"
    TWO_IDS = "two_ids"
    ONE_ID_FOR_TWO = "one_id_for_two"
    REPEAT_DIFFERS = "repeat_differs"  # the same webhook-id with another body
    NEVER_SERVED = "never_served"  # told, or stored, though no feed showed it
    NOT_MEANT = "not_meant"  # told, though it belongs to no theme
    BAD_SIGNATURE = "bad_signature"


@dataclass(frozen=True, slots=True)
class Finding:
    """One item astray; `number` None: a message that names no item of ours."""

    number: int | None
    what: Astray
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database holds of one item."""

    themes: frozenset[str] | None = None  # None: no classification
    matched: frozenset[str] = frozenset()
    decisions: tuple[str, ...] = ()  # on an alert, one for each match that is in a story


def verdict(
    served: Mapping[int, Item], stored: Mapping[int, Stored], arrivals: Collection[Arrival], desks: Collection[str]
) -> tuple[Finding, ...]:
    """Every item whose fate is not what it must be; empty when nothing is lost, doubled or astray."""
    findings = [finding for number, item in served.items() for finding in _stored_as_it_must(item, stored.get(number))]
    findings += [Finding(number, Astray.NEVER_SERVED, "stored") for number in stored.keys() - served.keys()]
    findings += _told_as_it_must(served, arrivals, desks)
    return tuple(sorted(findings, key=lambda one: (one.number is None, one.number or 0, one.what, one.detail)))


def missing(must_alert: Collection[int], arrivals: Iterable[Arrival], desks: Iterable[str]) -> dict[str, set[int]]:
    """By receiver: the items that it has not accepted yet."""
    accepted: dict[str, set[int | None]] = defaultdict(set)
    for one in arrivals:
        if one.accepted:
            accepted[one.desk].update(one.numbers)
    return {desk: set(must_alert) - accepted[desk] for desk in desks}


def _stored_as_it_must(item: Item, stored: Stored | None) -> Iterable[Finding]:
    wanted = frozenset({item.theme} if item.theme else ())
    if stored is None:
        yield Finding(item.number, Astray.NOT_PUBLISHED)
    elif stored.themes is None:
        yield Finding(item.number, Astray.NOT_CLASSIFIED)
    elif stored.themes != wanted:
        yield Finding(item.number, Astray.WRONG_THEMES, f"{sorted(stored.themes)} instead of {sorted(wanted)}")
    elif stored.matched != wanted:
        yield Finding(item.number, Astray.NO_MATCH, f"{sorted(stored.matched)} instead of {sorted(wanted)}")
    elif wanted and not stored.decisions:
        yield Finding(item.number, Astray.NO_STORY)


def _told_as_it_must(served: Mapping[int, Item], arrivals: Collection[Arrival], desks: Collection[str]) -> Iterable[Finding]:
    for desk, numbers in missing({number for number, item in served.items() if item.must_alert}, arrivals, desks).items():
        for number in numbers:
            yield Finding(number, Astray.NOT_DELIVERED, desk)
    ids: dict[tuple[str, int | None], set[str]] = defaultdict(set)
    items: dict[tuple[str, str], set[int | None]] = defaultdict(set)
    bodies: dict[tuple[str, str], set[int]] = defaultdict(set)
    for one in arrivals:
        bodies[one.desk, one.webhook_id].add(one.body_hash)
        if not one.verified:
            yield Finding(one.numbers[0] if one.numbers else None, Astray.BAD_SIGNATURE, f"{one.desk} {one.webhook_id}")
        for number in one.numbers if one.is_alert else ():
            ids[one.desk, number].add(one.webhook_id)
            items[one.desk, one.webhook_id].add(number)
    for (desk, number), found in ids.items():
        if number is None or number not in served:
            yield Finding(number, Astray.NEVER_SERVED, f"{desk} {min(found)}")
        elif not served[number].must_alert:
            yield Finding(number, Astray.NOT_MEANT, desk)
        if len(found) > 1:
            yield Finding(number, Astray.TWO_IDS, f"{desk} {' '.join(sorted(found))}")
    for (desk, webhook_id), numbers_of_id in items.items():
        if len(numbers_of_id) > 1:
            yield Finding(min(n or 0 for n in numbers_of_id), Astray.ONE_ID_FOR_TWO, f"{desk} {webhook_id}")
    for (desk, webhook_id), found_bodies in bodies.items():
        if len(found_bodies) > 1:
            yield Finding(None, Astray.REPEAT_DIFFERS, f"{desk} {webhook_id}")
