"""The traits of an article: everything that grouping compares of it and that follows from the article alone.

In:  an article, or a match that carries one.
Out: `Traits`, and the features and the sketch in them.

The classifying stage computes them once for all themes that an article belongs to, on as many workers as there are; the fold, which is
one after the other by design, only reads them. They travel on the log, so that a replay elsewhere compares the same bytes. A match
without them (an older one, or one too large with them) gets the same from the fold.

Texts are encoded one article at a time: vectors that are computed together with those of other articles differ in their last bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from newsmon.records import Article, Match, Traits
from processors.stories.features import Features, features_of
from processors.stories.likeness import Rarity
from processors.stories.meaning import meaning_of
from processors.stories.sketch import Sketch, sketch_of, without_credits


@dataclass(frozen=True, slots=True)
class Compared:
    """The traits of one article in the form in which they are compared."""

    features: Features
    sketch: Sketch
    rarity: Rarity


def with_traits(matches: Sequence[Match]) -> tuple[Match, ...]:
    """Return the matches of one article, each with the article's traits."""
    if not matches:
        return ()
    traits = traits_of(matches[0].article)
    return tuple(msgspec.structs.replace(match, traits=traits) for match in matches)


def traits_of(article: Article) -> Traits:
    """Return the traits of an article; the encoder takes most of the time."""
    # without the credits the agency's name would be a rare name that all its articles share
    text = without_credits(_text(article.lead, article.body))
    features = replace(features_of(article.title, text, article.language), meaning=meaning_of(article.title, text))
    sketch = sketch_of(article.title, article.lead, article.body)
    return Traits(features=features.flat(), digest=sketch.text(), rarity={})


def compared(match: Match) -> Compared:
    """Return what grouping compares of a match: the traits it carries, or the same computed now."""
    traits = match.traits
    sketch = None if traits is None else Sketch.from_text(traits.digest)
    if traits is None or sketch is None:  # None: another version of the algorithm made it
        traits = traits_of(match.article)
        sketch = Sketch.from_text(traits.digest)
        assert sketch is not None, "made just now"
    known = traits.rarity
    return Compared(Features.from_flat(traits.features), sketch, lambda key: known.get(key, 1.0))


def _text(lead: str, body: str) -> str:
    return f"{lead}\n{body}" if lead and not body.startswith(lead[:80]) else body or lead
