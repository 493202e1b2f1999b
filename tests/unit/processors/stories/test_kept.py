"""What is remembered in few bytes comes back as it was: features, states, and the bands of sketches."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from support.inbox.incidents import as_copy, incidents, match_at

from newsmon.codec import encode
from processors.features.of_article import RARITY_STEPS, Features, features_of
from processors.features.packed import packed, unpacked
from processors.stories.band_table import BandTable
from processors.stories.grouping import Grouping

AT = datetime(2026, 11, 10, tzinfo=UTC)
SHORT = features_of("Drone hits tanker Calder Rose off Yemen", "The Calder Rose burned 60 miles off Hodeidah; 21 are safe.", "en")
LONG = replace(
    SHORT, words=frozenset(f"w:{number}" for number in range(300)), usual=frozenset(("w:7",)),
    at_large={f"w:{number}": number % RARITY_STEPS / RARITY_STEPS for number in range(300)},
)  # fmt: skip


@pytest.mark.parametrize("features", [SHORT, LONG, Features.from_flat({})])
def test_features_are_unpacked_as_they_were(features: Features) -> None:
    assert unpacked(packed(features)) == features
    assert unpacked(packed(features)).flat() == features.flat()


def test_states_come_back_to_the_byte() -> None:
    texts = [report for pair in incidents(12) for report in (*pair, as_copy(pair[0]))]
    matches = [match_at(text, AT + timedelta(minutes=number), encoded=False) for number, text in enumerate(texts)]
    fold, states = Grouping(), []
    for offset, match in enumerate(matches):
        state = fold.decide(match, source_offset=offset)
        if offset == 5:  # of another version: neither its sketch nor its features can be made from what is remembered
            state = msgspec.structs.replace(state, digest="0:AAAA", features=state.features | {"kind of old": ["1"]})
        fold.apply(state)
        states.append(state)
    assert [encode(state) for state in fold.states()] == [encode(state) for state in states]
    assert [encode(fold.decide(match, source_offset=99)) for match in matches] == [encode(state) for state in states]


def test_a_band_is_held_by_the_live_sketches_that_have_it_in_order() -> None:
    chance = random.Random(3)
    table, held = BandTable(), dict[int, set[int]]()
    for number in range(1_500):
        held[number] = {chance.randrange(150) << 50 | 7 for _ in range(6)}
        table.add(number, held[number])
        if chance.random() < 0.4:
            gone = chance.choice(list(held))
            table.remove(gone)
            del held[gone]
        if number % 20 == 0:
            bands = [chance.randrange(150) << 50 | 7 for _ in range(30)]
            assert list(table.holders(bands)) == [[one for one, bands_of in held.items() if band in bands_of] for band in bands]
