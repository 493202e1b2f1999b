"""The verdict on two texts is the same alone and beside other live stories of the theme. Without the encoder; the benchmark `inbox.py` goes to 1,000."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from support.inbox.incidents import Text, everyday, incidents, match_at
from support.inbox.verdicts import Company, Verdict, series_pairs, verdict

from newsmon.records import Match

AT = datetime(2026, 11, 17, 14, tzinfo=UTC)
APART = timedelta(minutes=26)
FROM = {"the day before": timedelta(hours=36), "the same day": timedelta(hours=13), "over a week": timedelta(days=7)}
COMPANY: dict[str, Callable[[int], Iterable[Text]]] = {
    "ashore": everyday,
    "in the words of the theme": lambda count: (text for text, _again in incidents(count)),
}
WRITTEN = (
    ("de", "Drohne trifft Tanker {name} vor dem Jemen", "Der Tanker {name} brannte am Montag {miles} Seemeilen vor Hudaida, die {crew} Seeleute sind wohlauf."),
    ("pl", "Dron trafił tankowiec {name} u wybrzeży Jemenu", "Tankowiec {name} płonął w poniedziałek {miles} mil od Hudajdy, {crew} marynarzy jest bezpiecznych."),
    ("uk", "Дрон влучив у танкер {name} біля Ємену", "Танкер {name} горів у понеділок за {miles} миль від Ходейди, {crew} моряків не постраждали."),
)  # fmt: skip
ABOUT = {"name": "Calder Rose", "miles": 60, "crew": 21}
ANOTHER = {"name": "Umbra Star", "miles": 140, "crew": 17}


@cache
def invented_pairs() -> dict[str, tuple[Match, Match]]:
    """Reports of one incident and of two, one headline twice, with and without a text, in one language and in two, with other figures only."""
    ours = list(incidents(8, seed=9))
    texts = {f"incident {number}": pair for number, pair in enumerate(ours[:4])}
    for number, (first, again) in enumerate(ours[:4]):
        texts[f"one headline {number}"] = first, replace(again, title=first.title)
        texts[f"one bare headline {number}"] = replace(first, body=""), replace(again, title=first.title, body="")
        texts[f"incidents {number} and {number + 4}"] = first, ours[number + 4][0]
    bare = Text("levy-1", "Insurers ask 40 million dollars for the tanker", "", "Harbour Watch")
    texts["other figures"] = bare, replace(bare, name="levy-2", title="Insurers ask 65 million dollars for the tanker", source="Quay Times")
    for number, (language, title, body) in enumerate(WRITTEN):
        one, same, other = (
            Text(f"{language}-{which}", title.format(**about), body.format(**about), f"Outlet {which}", language)
            for which, about in enumerate((ABOUT, ABOUT, ANOTHER))
        )
        texts[f"one headline, {language}"] = one, replace(same, body=WRITTEN[number][2].format(**ABOUT | {"crew": 22}))
        texts[f"two ships, {language}"] = one, other
        texts[f"two languages, en and {language}"] = (
            Text(
                "en-0",
                "Drone hits tanker Calder Rose off Yemen",
                "The tanker Calder Rose burned 60 miles off Hodeidah on Monday.",
                "Outlet 8",
            ),
            same,
        )
    return {
        name: (match_at(left, AT, encoded=False), match_at(right, AT + APART, encoded=False)) for name, (left, right) in texts.items()
    }  # fmt: skip


def company(kind: str, when: str, count: int) -> Company:
    """So many others, spread evenly from that long ago to an hour, or to the midnight, before the pair."""
    until = AT - (timedelta(hours=15) if when == "the day before" else timedelta(hours=1))
    start = AT - FROM[when]
    return Company(
        match_at(text, start + (until - start) * number / count, encoded=False) for number, text in enumerate(COMPANY[kind](count))
    )  # fmt: skip


@cache
def alone() -> dict[str, Verdict]:
    return {name: verdict(*pair) for name, pair in invented_pairs().items()}


@pytest.mark.parametrize("when", FROM)
@pytest.mark.parametrize("kind", COMPANY)
def test_other_live_stories_change_no_verdict(kind: str, when: str) -> None:
    beside = company(kind, when, 60)
    assert {name: verdict(*pair, beside=beside) for name, pair in invented_pairs().items()} == alone()


def test_nor_on_the_written_series() -> None:
    beside, pairs = company("ashore", "the day before", 60), list(series_pairs("ships", AT, encoded=False))
    assert [verdict(*pair, beside=beside) for pair in pairs] == [verdict(*pair) for pair in pairs]


def test_alone_some_are_one_event_and_some_are_not() -> None:
    """Else a fold that puts everything together, or nothing, would pass."""
    found = alone()
    together = {name for name, one in found.items() if one in (Verdict.EVENT, Verdict.COPY)}
    assert {name for name in found if name.startswith(("one headline", "one bare headline"))} <= together
    assert not {name for name in found if name.startswith(("incidents", "other figures"))} & together
