"""The new facts of a report on a told event: names, places and figures that no told text of its story had, and whether they are material.

In:  the report and its features, those of the texts that messages showed, the rarity of a key, how surely it was said already.
Out: the words of the text that state the facts; none if they are not worth a message.

A follow-up may name another official in its third sentence and still say nothing new. So of a report that was surely said already only
the headline counts: a decision, a figure, two names, or one if what was told names something else. One that may report another event is
told for anything new at its top, but not for names if what was told is in another language: there they are inflected or spelt differently.
One that was hardly said is also told if most of its top is new, if its headline names an act that no told text names (a vote on what was
agreed a day earlier), or if no told text has most of the headline's words: a wrong join may cost the best headline, but not the event.
Set on eight sets of real news, three written series and the demo's feeds, none of whose events it loses; see benchmarks/RESULTS.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from newsmon.records import Match
from processors.features.of_article import Features, features_of
from processors.likeness.profile import weight_by_kind
from processors.likeness.weighing import Rarity
from processors.stories.said import Said

_WORD = re.compile(r"[^\W_][\w.,%'’-]*")
_SHOWN = 8
_HEADLINE = 1.5  # a percentage or a sum of money, or two names
_DOUBTFUL_HEADLINE = 0.8  # one name, or two that are common words
_DOUBTFUL_TOP = 1.5
SURE, _HARDLY, _HARDLY_BARE = 2.0, 0.5, 1.2  # log-odds of having been said; a bare headline proves less
_MOSTLY_NEW = 0.7
_LACKING, _LEAST_WORDS = 0.5, 3
_DECIDING = frozenset(f"k:{act}" for act in ("approve", "reject", "sign", "overturn", "uphold", "delay", "withdraw"))
_ACT = 0.2  # rarity of an event word: "vote" and "reject" pass, "imports" and "sign" do not


def new_facts(features: Features, told: Iterable[Features]) -> frozenset[str]:
    """Return the keys of names, places and numbers at the top of a report that none of the told texts had anywhere."""
    facts = _facts_of(features)
    for known in told:
        facts -= known.names | known.places | known.numbers | known.openers
    return facts


def _facts_of(features: Features) -> frozenset[str]:
    return (features.names | features.places | features.numbers) & features.core


def material_facts(match: Match, features: Features, told: Iterable[Features], rarity: Rarity, *, said: Said) -> tuple[str, ...]:
    """Return the words for the new facts of a match if they are worth a message; `said`: how surely it was told already."""
    known = list(told)
    facts = new_facts(features, known)
    article = match.article
    text = article.lead or article.body
    is_hardly_said = said.score < (_HARDLY if text.strip() else _HARDLY_BARE)
    if facts and _are_material(facts, features, rarity, said, is_hardly_said=is_hardly_said):
        return _words_of(facts, article.title, text, article.language)
    if (said.in_its_language or said.score < SURE) and is_decision(features, known):
        return (article.title,)
    in_a_headline = said.in_a_headline and bool(text.strip())  # a bare one has no lead that would show what is new
    return (article.title,) if is_hardly_said and _is_another_headline(features, known, rarity, in_a_headline=in_a_headline) else ()


def is_decision(features: Features, told: Iterable[Features]) -> bool:
    """Return whether the headline says that somebody decided what no told text says was decided: approved, signed, struck down."""
    return bool((features.title_concepts & _DECIDING).difference(*(known.concepts for known in told)))


def _are_material(facts: frozenset[str], features: Features, rarity: Rarity, said: Said, *, is_hardly_said: bool) -> bool:
    if said.is_linked and not said.in_its_language:
        facts = frozenset(key for key in facts if key[0] != "s")
    in_headline = _weight(facts & features.title, rarity)
    if said.score >= SURE and said.is_linked:
        return in_headline >= (_DOUBTFUL_HEADLINE if said.names_differ else _HEADLINE)
    new = _weight(facts, rarity)
    is_detail = said.in_a_headline and not said.names_differ  # of what a told headline says
    if in_headline >= _DOUBTFUL_HEADLINE or (new >= _DOUBTFUL_TOP and not is_detail):
        return True
    return (is_hardly_said or not said.is_linked) and 0 < new >= _MOSTLY_NEW * _weight(_facts_of(features), rarity)


def _is_another_headline(features: Features, told: Sequence[Features], rarity: Rarity, *, in_a_headline: bool) -> bool:
    """True when the headline names an act that no told text names, or every told text in its language lacks half of its (3+) words.

    Other words for what a told headline says (`in_a_headline`) make no other headline.
    """
    acts = features.title_concepts.difference(*(known.concepts for known in told))
    if told and any(rarity(act) >= _ACT for act in acts):
        return True
    if in_a_headline:
        return False
    texts = [known.words | known.title_words for known in told if known.language == features.language]
    words = features.title_words
    whole = math.fsum(map(rarity, words))
    if not texts:
        return bool(told)
    if len(words) < _LEAST_WORDS or not whole:
        return False
    return min(math.fsum(map(rarity, words - text)) for text in texts) >= _LACKING * whole


def _weight(facts: Iterable[str], rarity: Rarity) -> float:
    """Return how much is new, in rare names."""
    return math.fsum(weight_by_kind(key, unknown_name=1.0, other=0.5) * rarity(key) for key in facts)


def _words_of(facts: frozenset[str], title: str, text: str, language: str) -> tuple[str, ...]:
    """Return the words of title and text that state the facts, in order, at most eight; the title if no single word does."""
    found: dict[str, None] = {}
    for line in (title, text[:400]):
        for word in _WORD.findall(line):
            shown = word.strip(".,'’-")
            if shown in found or not shown:
                continue
            keys = features_of("", f"… {shown}", language)
            if facts & (keys.names | keys.openers | keys.places | keys.numbers):
                found[shown] = None
    return tuple(found)[:_SHOWN] or (title,)
