"""What the processor answers to one record: raw bytes in, records to send out. Knows neither Kafka clients nor runners. [pure]

In: a raw record, the decision functions (`Decisions`). Out: the records it leads to, or RecordError for bytes that are not one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from newsmon.codec import decode, encode
from newsmon.kafka.limits import MAX_RECORD_BYTES
from newsmon.records import Article, Classification, Match, Story, StoryState
from newsmon.topics import ALERTS, CLASSIFICATIONS, MATCHES, STORIES, STORY_STATE, Topic

# Room in the largest record Kafka takes for key, headers and framing.
LARGEST_VALUE_BYTES = MAX_RECORD_BYTES - 64 * 1024


@dataclass(frozen=True, slots=True)
class Incoming:
    """One record as read: `topic` is its full name on the cluster; `value` None is a tombstone."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to send; `partition` None lets the key decide, `value` None deletes the key's record."""

    topic: Topic
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


class OutputTooLargeError(Exception):
    """An answer that Kafka would refuse for its size: the fault of the record that led to it, not of the broker."""


class DeskLike(Protocol):
    """One partition's judgement and memory (`processors.stories.grouping.Desk`)."""

    def restore(self, states: Iterable[StoryState]) -> None: ...
    def decide(self, match: Match, *, source_offset: int) -> StoryState: ...
    def apply(self, state: StoryState) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Decisions:
    """The pure rules the processor applies; `theme_ids` and `generation` name the themes they were made for."""

    classify: Callable[[Article, datetime], tuple[Classification, tuple[Match, ...]]]
    new_desk: Callable[[], DeskLike]
    theme_ids: tuple[str, ...]
    generation: str


@dataclass(frozen=True, slots=True)
class Classified:
    """The answer to one article record."""

    classification: Classification
    matches: tuple[Match, ...]
    outgoing: tuple[Outgoing, ...]


def classify_record(incoming: Incoming, decisions: Decisions, *, now: datetime) -> Classified:
    """Exactly one classification, keyed by article, and one match per theme hit, keyed by theme. RecordError for poison."""
    article = decode(incoming.value, Article)
    classification, matches = decisions.classify(article, now)
    outgoing = [Outgoing(CLASSIFICATIONS, article.article_id.encode(), encode(classification))]
    outgoing += [Outgoing(MATCHES, match.theme_id.encode(), encode(match)) for match in matches]
    return Classified(classification, matches, _fitting(outgoing))


def outputs_of(state: StoryState, partition: int) -> tuple[Outgoing, ...]:
    """Everything one decision says, always the same bytes: its state (to the input's partition), its stories, its alerts."""
    theme = state.theme_id.encode()
    outgoing = [Outgoing(STORY_STATE, state.match_id.encode(), encode(state), partition)]
    outgoing += [_story(story) for story in (*state.closed, state.story)]
    outgoing += [Outgoing(ALERTS, alert.theme_id.encode(), encode(alert)) for alert in state.closed_alerts]
    if state.alert is not None:
        outgoing.append(Outgoing(ALERTS, theme, encode(state.alert)))
    if state.burst is not None:
        outgoing.append(Outgoing(ALERTS, theme, encode(state.burst)))
    return _fitting(outgoing)


def tombstones_of(match_ids: Iterable[str], partition: int) -> tuple[Outgoing, ...]:
    """Deletions of states nobody needs any more."""
    return tuple(Outgoing(STORY_STATE, match_id.encode(), None, partition) for match_id in match_ids)


def _story(story: Story) -> Outgoing:
    return Outgoing(STORIES, story.theme_id.encode(), encode(story))


def _fitting(outgoing: Iterable[Outgoing]) -> tuple[Outgoing, ...]:
    fitting = tuple(outgoing)
    for one in fitting:
        if one.value is not None and len(one.value) > LARGEST_VALUE_BYTES:
            raise OutputTooLargeError(f"a record of {len(one.value)} bytes for {one.topic.base_name}, at most {LARGEST_VALUE_BYTES} fit")
    return fitting
