"""Reads two articles side by side: why they are, or are not, one report, one event, one running story.

In:  two articles, how separate their theme keeps events, for which of their words it matches them, how common words are.
Out: `PairReading`, from the same comparison that grouping makes. Grouping measured each article by the news before it; with other shares,
such as the shipped ones, a score may differ a little from the recorded one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from newsmon.records import Article, Evidence
from processors.features.of_article import Features, features_of
from processors.features.sketch import Sketch
from processors.likeness.copies import CopyRelation, CopyVerdict, compare, compare_within_story
from processors.likeness.judgement import UNKNOWN_HOURS, Judgement, judge
from processors.likeness.profile import profile_of
from processors.likeness.theme_words import usual_keys
from processors.likeness.traits import COUNTED_KINDS, stamped_traits
from processors.likeness.weighing import other_names, weights_for
from processors.rarity.shares import KeyShares
from processors.rarity.shipped import shipped_shares

_WORD = re.compile(r"[^\W_][\w'’.,-]*[^\W_]|[^\W_]")
_READ_CHARS = 1_200  # as much as features are made of
_KINDS_OF_THINGS = ("names", "places", "numbers")


class PairVerdict(StrEnum):
    """What two articles are to each other."""

    COPY = "copy"  # the same report
    EVENT = "event"  # two reports of one event
    STORY = "story"  # two events of one running story
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Term:
    """One measured piece of evidence; what it adds to the log-odds of one event is `value` times `weight`."""

    name: str
    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class SharedKey:
    """Something that both articles hold, and how rare it is in the news at large: 1 hardly any article holds it, 0 one in ten does."""

    kind: str
    key: str
    rarity: float


@dataclass(frozen=True, slots=True)
class PairReading:
    """Everything that was compared."""

    verdict: PairVerdict
    hours_apart: float
    copy: CopyVerdict
    judgement: Judgement
    terms: tuple[Term, ...]  # those that count, the strongest first
    shared: tuple[SharedKey, ...]  # the rarest first
    only_left: tuple[str, ...]  # names, places and numbers in the news of one that the other does not mention
    only_right: tuple[str, ...]


def read_pair(
    left: Article, right: Article, *, separate: float, evidence: tuple[Sequence[Evidence], Sequence[Evidence]] = ((), ()),
    shares: KeyShares | None = None,
) -> PairReading:  # fmt: skip
    """Return how the two articles relate; symmetric but for the sides. `evidence`: the words of each for which the theme matches it.

    Words are as common as `shares` say; None: as the shipped ones do.
    """
    shares = shares or KeyShares(shipped_shares())
    known: dict[str, float] = {}
    sides: list[tuple[Features, Sketch]] = []
    spelt: dict[str, str] = {}
    for article, words in zip((left, right), evidence, strict=True):
        spelt = _spelt(article) | spelt
        traits = stamped_traits(article, shares)
        sketch = Sketch.from_text(traits.digest)
        assert sketch is not None, "made just now"
        known |= traits.rarity
        features = Features.from_flat(traits.features).with_rarity(traits.rarity)
        sides.append((replace(features, usual=usual_keys(words, features)), sketch))
    (mine, my_sketch), (theirs, their_sketch) = sides
    apart = (left.published_at or left.first_seen_at) - (right.published_at or right.first_seen_at)
    hours_apart = abs(apart.total_seconds()) / 3600 or UNKNOWN_HOURS
    judgement = judge(mine, theirs, hours_apart=hours_apart, separate=separate)
    copy = _copy(mine, my_sketch, theirs, their_sketch, is_event=judgement.event_score >= 0)
    weights = weights_for(judgement.evidence)
    terms = [Term(name, value, weights.get(name, 0.0)) for name, value in judgement.evidence.items()]
    return PairReading(
        verdict=_verdict(copy, judgement), hours_apart=hours_apart, copy=copy, judgement=judgement,
        terms=tuple(sorted((one for one in terms if one.value and one.weight), key=lambda one: (-abs(one.value * one.weight), one.name))),
        shared=_shared(mine, theirs, known, spelt), only_left=_only(mine, theirs, spelt), only_right=_only(theirs, mine, spelt),
    )  # fmt: skip


def _copy(left: Features, left_sketch: Sketch, right: Features, right_sketch: Sketch, *, is_event: bool) -> CopyVerdict:
    """Return how the texts relate as copies, with the doubts that grouping has of short ones."""
    verdict = compare(left_sketch, right_sketch)
    others = other_names(profile_of(left), profile_of(right))
    if verdict.relation is CopyRelation.NONE and is_event and not others:
        return compare_within_story(left_sketch, right_sketch)
    is_doubtful = verdict.relation is not CopyRelation.EXACT and not (left_sketch.minhash and right_sketch.minhash)
    return replace(verdict, relation=CopyRelation.NONE) if is_doubtful and others else verdict


def _verdict(copy: CopyVerdict, judgement: Judgement) -> PairVerdict:
    if copy.relation is not CopyRelation.NONE:
        return PairVerdict.COPY
    if judgement.event_score >= 0:
        return PairVerdict.EVENT
    return PairVerdict.STORY if judgement.story_score >= 0 else PairVerdict.DIFFERENT


def _spelt(article: Article) -> dict[str, str]:
    """Return a word of the article for each key that is made of one word: keys are cut short and without accents."""
    found: dict[str, str] = {}
    for word in _WORD.findall(f"{article.title} {article.lead} {article.body[:_READ_CHARS]}"):
        features = features_of(word, "", article.language)
        for kind in COUNTED_KINDS:
            for key in getattr(features, kind):
                found.setdefault(key, word)
    return found


def _shared(left: Features, right: Features, rarity: Mapping[str, float], spelt: Mapping[str, str]) -> tuple[SharedKey, ...]:
    found: dict[str, SharedKey] = {}  # by word: a name is a word as well
    for kind in COUNTED_KINDS:
        for key in sorted(getattr(left, kind) & getattr(right, kind)):
            word = spelt.get(key, key.partition(":")[2])
            found.setdefault(word, SharedKey(kind, word, rarity.get(key, 1.0)))
    return tuple(sorted(found.values(), key=lambda one: (-one.rarity, COUNTED_KINDS.index(one.kind), one.key)))


def _only(features: Features, other: Features, spelt: Mapping[str, str]) -> tuple[str, ...]:
    mentioned = other.names | other.openers | other.places | other.numbers
    own = {key for kind in _KINDS_OF_THINGS for key in getattr(features, kind) & features.core}
    return tuple(sorted(spelt.get(key, key.partition(":")[2]) for key in own - mentioned))
