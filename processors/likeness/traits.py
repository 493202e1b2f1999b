"""The traits of an article: everything grouping compares that follows from the article alone.

In:  an article, or a match that carries one.
Out: `Traits`, and the features and the sketch in them.

The classifying stage computes them once for all themes of an article, in parallel on all workers; the fold, which is sequential by
design, only reads them. They travel on the log, so a replay elsewhere compares the same bytes. A match
without them (an older one, or one too large with them) gets them from the fold, with the shipped rarity.

Sentences that recur in the news at large are left out of features, meaning and sketch: a refrain does not make two articles alike.

Texts are encoded one article at a time: vectors computed in a batch with other articles' differ in their last bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from newsmon.ids import source_key
from newsmon.records import Article, Match, Origin, TextSpan, Traits
from processors.features.of_article import Features, features_of
from processors.features.sketch import Sketch, sketch_of, without_credits
from processors.likeness.weighing import Rarity
from processors.meaning.distinctive import distinctive
from processors.meaning.encoder import meaning_of
from processors.rarity.observation import SENTENCE, Observation, is_counted, observation
from processors.rarity.sentences import key_at, sentences_of
from processors.rarity.shares import KeyShares
from processors.rarity.shipped import shipped_shares

COUNTED_KINDS = ("names", "openers", "places", "numbers", "concepts", "words")  # of features
_COUNTED_CHARS = 320  # the news is at the top, and finding keys is the cost of counting


@dataclass(frozen=True, slots=True)
class Compared:
    """The traits of one article in the form in which they are compared."""

    features: Features
    sketch: Sketch
    rarity: Rarity  # in the news at large


def with_traits(matches: Sequence[Match]) -> tuple[Match, ...]:
    """Return the matches of one article, each with the article's traits."""
    if not matches:
        return ()
    traits = traits_of(matches[0].article)
    return tuple(msgspec.structs.replace(match, traits=traits) for match in matches)


def stamped(matches: Sequence[Match], shares: KeyShares) -> tuple[Match, ...]:
    """Return the matches of one article with what the news at large says about its keys and its sentences."""
    if not matches:
        return ()
    traits = stamped_traits(matches[0].article, shares, matches[0].traits)
    return tuple(msgspec.structs.replace(match, traits=traits) for match in matches)


def stamped_traits(article: Article, shares: KeyShares, traits: Traits | None = None) -> Traits:
    """Return the article's traits with what the news at large says about it; `traits`: its own, if already computed."""
    outlet = source_key(article.source)
    spans = tuple(span for span, key in _sentences(article) if shares.is_formulaic(key) or shares.is_formulaic(key_at(outlet, key)))
    if spans or traits is None:
        traits = msgspec.structs.replace(traits_of(_without(article, spans)), formulaic=spans)
    return msgspec.structs.replace(traits, rarity=_rarity(traits, article.language, shares))


def _rarity(traits: Traits, language: str, shares: KeyShares) -> dict[str, float]:
    """Return how rare each key of the features is, in the order of the keys; the rarest ones, which are most, are left out."""
    keys = sorted({key for kind in COUNTED_KINDS for key in traits.features.get(kind, ())})
    found = ((key, shares.rarity(key, language)) for key in keys)
    return {key: rarity for key, rarity in found if rarity < 1}


def observed(article: Article) -> Observation | None:
    """Return what is counted of an article; None for one that is not counted.

    Only live articles are: an archive published all at once does not have the mix of a day.
    """
    if article.origin is not Origin.LIVE or not is_counted(article.article_id):
        return None
    text = without_credits(_text(article.lead, article.body))
    flat = features_of(article.title, text[:_COUNTED_CHARS], article.language)
    keys = {key for kind in COUNTED_KINDS for key in getattr(flat, kind)} | {key for _span, key in _sentences(article)}
    outlet = source_key(article.source)
    keys |= {key_at(outlet, key) for key in keys if key.startswith(SENTENCE)}
    return observation(article.article_id, article.first_seen_at, article.language, frozenset(keys))


def traits_of(article: Article) -> Traits:
    """Return the traits of an article; the encoder takes most of the time."""
    # without the credits the agency's name would be a rare name that all its articles share
    text = without_credits(_text(article.lead, article.body))
    meaning = meaning_of(article.title, text)
    features = replace(features_of(article.title, text, article.language), meaning=distinctive(meaning) if meaning is not None else None)
    sketch = sketch_of(article.title, article.lead, article.body)
    return Traits(features=features.flat(), digest=sketch.text(), rarity={})


def compared(match: Match) -> Compared:
    """Return what grouping compares of a match: the traits it carries, or the same computed now."""
    traits = match.traits
    sketch = None if traits is None else Sketch.from_text(traits.digest)
    if traits is None or sketch is None:  # None: another version of the algorithm made it
        traits = stamped_traits(match.article, KeyShares(shipped_shares()))
        sketch = Sketch.from_text(traits.digest)
        assert sketch is not None, "made just now"
    known = traits.rarity
    return Compared(Features.from_flat(traits.features).with_rarity(known), sketch, lambda key: known.get(key, 1.0))


def _sentences(article: Article) -> Iterator[tuple[TextSpan, str]]:
    """Yield the sentences that may recur, with their keys."""
    for name, text in (("lead", article.lead), ("body", article.body)):
        for one in sentences_of(text):
            yield TextSpan(field=name, start=one.start, end=one.end), one.key


def _without(article: Article, spans: Sequence[TextSpan]) -> Article:
    texts = {"lead": article.lead, "body": article.body}
    for span in sorted(spans, key=lambda span: -span.start):
        text = texts[span.field]
        texts[span.field] = text[: span.start] + text[span.end :]
    return msgspec.structs.replace(article, **texts)


def _text(lead: str, body: str) -> str:
    return f"{lead}\n{body}" if lead and not body.startswith(lead[:80]) else body or lead
