"""Breaking-news stubs: a headline over a refrain that all the outlet's stubs share. The refrain makes no copy; the same headline does."""

from __future__ import annotations

import itertools

import pytest

from processors.features.sketch import sketch_of
from processors.likeness.copies import CopyRelation, compare

REFRAINS = (
    "This is a breaking news story. More details will be published shortly.",
    "Our newsroom is following this. Watch live on all channels for the latest.",
    "Mehr in Kürze auf unserer Seite. Dieser Beitrag wird fortlaufend ergänzt.",
    "Plus de détails dans quelques instants. Cet article sera mis à jour.",
    "Wkrótce więcej szczegółów. Artykuł będzie aktualizowany na bieżąco.",
    "Подробиці згодом. Матеріал оновлюється.",
    "Lisätietoja luvassa pian. Juttua täydennetään.",
)
HEADLINES = {
    "nothing alike": ("Norland bans export of copper", "Bridge over the Larn gives way"),
    "one frame, other names": ("Tanker Amber Finch hit off Westholm", "Freighter Grey Heron hit off Westholm"),
    "one frame, another figure": ("Norland puts 15% tariff on Ostmark steel", "Norland puts 40% tariff on Ostmark copper"),
    "the opposite": ("Court upholds tariff on Ostmark steel", "Court strikes down tariff on Ostmark timber"),
    "a word each": ("Explosion", "Resignation"),
}


@pytest.mark.parametrize("refrain", REFRAINS)
@pytest.mark.parametrize("kind", HEADLINES)
def test_a_shared_refrain_makes_no_copy(kind: str, refrain: str) -> None:
    one, other = (sketch_of(headline, "", refrain) for headline in HEADLINES[kind])
    assert compare(one, other).relation is CopyRelation.NONE


@pytest.mark.parametrize("refrain", REFRAINS)
def test_the_same_headline_over_the_same_refrain_is_a_copy(refrain: str) -> None:
    for headline in itertools.chain.from_iterable(HEADLINES.values()):
        if headline.count(" "):  # of one word nobody can tell
            assert compare(sketch_of(headline, "", refrain), sketch_of(headline, "", refrain)).relation is not CopyRelation.NONE
