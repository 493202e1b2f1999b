"""Reads what older versions of newsmon wrote: one step from each version of a record to the next.

In: a record as JSON gives it, of any version up to the newest. Out: the same record in its newest version, and so is
every record inside it.

`STEPS["article/1"]` takes the fields of an article of version 1 and returns those of version 2; it need not touch the
`record` field. A step stays forever: a compacted topic may hold a record of any age. A step may trust nothing about its
input: where a field is missing or has another type it raises KeyError, TypeError, ValueError, AttributeError or
IndexError, and the bytes go to quarantine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from newsmon import ids

Raw = dict[str, Any]
Step = Callable[[Raw], Raw]

_EVENT_FIELDS = ("title", "opened_at", "updated_at", "article_count", "copy_count", "source_count", "outlet_count", "severity")


def as_it_is(raw: Raw) -> Raw:
    """The step where the newer version only adds fields that have a default, or words to a closed set."""
    return raw


def _without_older_pulses(raw: Raw) -> Raw:
    """Drops the pulses that story-state/1 held at first: those themes learn their season again.

    Version 1 has pulses of two shapes. The older one holds rates, the newer one the sums they are made of, and a rate
    does not say how long it was watched for. Kept with guessed sums, it would raise bursts that are none.
    """
    return raw | {"pulses": [pulse for pulse in raw.get("pulses", ()) if not isinstance(pulse["level"], int | float)]}


def _packed_in_form_1(raw: Raw) -> Raw:
    """Names the form of packed entries that there was before forms had numbers; `producers.articles.state_record` reads it."""
    return raw | {"known_form": 1}


def _with_one_event(raw: Raw) -> Raw:
    """Makes the members of a story of version 1, and the story itself, those of its only event."""
    event_id = ids.event_id(raw["story_id"])
    latest = raw["latest"]
    event = {name: raw[name] for name in _EVENT_FIELDS} | {"event_id": event_id, "severity_reason": _severity_reason(raw)}
    return raw | {
        "event_count": 1,
        "event": None if latest is None else event,
        "latest": None if latest is None else latest | {"event_id": event_id},
        "members": [member | {"event_id": event_id} for member in raw["members"]],
    }


def _severity_reason(raw: Raw) -> str:
    return str(raw.get("severity_reason", "theme_rules"))


def _of_one_event(raw: Raw) -> Raw:
    """Makes the members of an alert of version 1 those of its story's only event. Its title is that of the story's first member."""
    event_id = ids.event_id(raw["story_id"])
    articles = [member | {"event_id": event_id} for member in raw["articles"]]
    event = {name: raw[name] for name in ("title", "opened_at", "article_count", "source_count", "outlet_count", "severity")} | {
        "event_id": event_id,
        "updated_at": raw["raised_at"],
        "copy_count": 0,  # version 1 did not say
        "severity_reason": _severity_reason(raw),
    }
    is_told = raw["state"] != "closed" and raw["reason"] not in ("burst", "burst_over")
    return raw | {"story_title": raw["title"], "event_count": 1, "event": event if is_told else None, "articles": articles}


def _state_of_one_event(raw: Raw) -> Raw:
    """Names the only event of the story of a state of version 2."""
    return raw | {"event_id": ids.event_id(raw["story_id"])}


STEPS: Mapping[str, Step] = {
    "alert/1": _of_one_event,
    "feed-known/1": _packed_in_form_1,
    "feed-state/1": as_it_is,
    "feed-state/2": _packed_in_form_1,
    "match/1": as_it_is,
    "notice/1": as_it_is,
    "notice/2": as_it_is,
    "story-state/1": _without_older_pulses,
    "story-state/2": _state_of_one_event,
    "story/1": _with_one_event,
}


def newest(value: Any, steps: Mapping[str, Step] = STEPS) -> Any:
    """The same value with every record in it, at any depth, in its newest version; inner records are upgraded first."""
    if isinstance(value, list):
        return [newest(item, steps) for item in value]
    if not isinstance(value, dict):
        return value
    raw: Raw = {name: newest(item, steps) for name, item in value.items()}
    while isinstance(tag := raw.get("record"), str) and tag in steps:
        raw = steps[tag](raw) | {"record": following(tag)}
    return raw


def following(tag: str) -> str:
    """The tag of the next version: `article/1` gives `article/2`."""
    name, _, version = tag.partition("/")
    return f"{name}/{int(version) + 1}"
