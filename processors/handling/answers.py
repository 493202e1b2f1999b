"""The records that answer one article, one match or one correction.

In: a raw article with the rules, or a decision on a match or correction.
Out: the records to publish; RecordError for bytes that are not a record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from newsmon.codec import decode, encode
from newsmon.records import Article, Classification, Corrected, GroupState, Match, state_id
from newsmon.topics import ALERTS, CLASSIFICATIONS, MATCHES, STORIES, STORY_STATE
from processors.handling.decisions import Decisions
from processors.handling.messages import LARGEST_VALUE_BYTES, Incoming, Outgoing, fitting
from processors.rarity.observation import Observation
from processors.rarity.shares import KeyShares

SOURCE_LOG = "newsmon-source-log"


@dataclass(frozen=True, slots=True)
class Classified:
    """The answer to one article record, by the article alone."""

    article: Article
    classification: Classification
    matches: tuple[Match, ...]
    observation: Observation | None  # what is counted of it


def classify_record(incoming: Incoming, decisions: Decisions, *, now: datetime) -> Classified:
    """Exactly one classification, and one match per matching theme. RecordError for unreadable bytes."""
    article = decode(incoming.value, Article)
    classification, matches = decisions.classify(article, now)
    return Classified(article, classification, matches, decisions.observe(article))


def answers_of(classified: Classified, decisions: Decisions, shares: KeyShares | None) -> tuple[Outgoing, ...]:
    """The classification, keyed by article, and the matches, keyed by theme, with what `shares` says about them."""
    outgoing = [Outgoing(CLASSIFICATIONS, classified.article.article_id.encode(), encode(classified.classification))]
    matches = classified.matches if shares is None else decisions.stamp(classified.matches, shares)
    outgoing += [Outgoing(MATCHES, match.theme_id.encode(), _match_bytes(match)) for match in matches]
    return fitting(outgoing)


def _match_bytes(match: Match) -> bytes:
    """The match with its traits, or without them if it would be too large for Kafka: grouping then computes them itself."""
    value = encode(match)
    if len(value) <= LARGEST_VALUE_BYTES or match.traits is None:
        return value
    return encode(msgspec.structs.replace(match, traits=None))


def outputs_of(state: GroupState, partition: int, log_id: str | None = None) -> tuple[Outgoing, ...]:
    """Every record of one decision, always the same bytes: its state (on the input's partition), its stories, its alerts.

    A header of the state names the log that its `source_offset` counts in.
    """
    headers = () if log_id is None else ((SOURCE_LOG, log_id.encode()),)
    outgoing = [Outgoing(STORY_STATE, state_id(state).encode(), encode(state), partition, headers)]
    if isinstance(state, Corrected):  # what came of it is known once the stories are as it says
        answers = (*state.stories, state)
        outgoing += [Outgoing(STORIES, state.correction.theme_id.encode(), encode(answer)) for answer in answers]
        raised = state.alerts
    else:
        outgoing += [Outgoing(STORIES, story.theme_id.encode(), encode(story)) for story in (*state.closed, state.story)]
        raised = (*state.closed_alerts, *(one for one in (state.alert, state.burst) if one is not None))
    outgoing += [Outgoing(ALERTS, alert.theme_id.encode(), encode(alert)) for alert in raised]
    return fitting(outgoing)


def tombstones_of(state_ids: Iterable[str], partition: int) -> tuple[Outgoing, ...]:
    """Deletions of states that no longer matter."""
    return tuple(Outgoing(STORY_STATE, name.encode(), None, partition) for name in state_ids)
