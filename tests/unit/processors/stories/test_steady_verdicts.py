"""The verdict on two texts is the same alone and beside other live stories of the theme. Without the encoder; the benchmark `inbox.py` goes to 1,000."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.inbox.incidents import everyday, incidents, match_at
from support.inbox.verdicts import Verdict, fold_of, series_pairs, verdict

from newsmon.records import Match

BEGIN = datetime(2026, 11, 10, tzinfo=UTC)
AT = BEGIN + timedelta(days=1)


def invented_pairs() -> dict[str, tuple[Match, Match]]:
    """Two reports of an incident, one headline twice within 26 minutes, and two incidents."""
    ours = list(incidents(8, seed=9))
    texts = {f"incident {number}": pair for number, pair in enumerate(ours[:4])}
    texts["one headline"] = ours[0][0], replace(ours[0][1], title=ours[0][0].title)
    texts |= {f"incidents {number} and {number + 4}": (ours[number][0], ours[number + 4][0]) for number in range(4)}
    return {
        name: (match_at(left, AT, encoded=False), match_at(right, AT + timedelta(minutes=26), encoded=False))
        for name, (left, right) in texts.items()
    }


@pytest.mark.parametrize("count", [10, 60])
def test_other_live_stories_change_no_verdict(count: int) -> None:
    others = [match_at(text, BEGIN + timedelta(minutes=number), encoded=False) for number, text in enumerate(everyday(count))]
    beside = fold_of(others).states()
    pairs = {f"series {number}": pair for number, pair in enumerate(series_pairs("ships", AT, encoded=False))} | invented_pairs()
    alone = {name: verdict(*pair) for name, pair in pairs.items()}
    assert {name: verdict(*pair, beside=beside) for name, pair in pairs.items()} == alone


@pytest.mark.parametrize("count", [10, 60])
def test_nor_do_stories_in_the_words_of_the_theme(count: int) -> None:
    others = [match_at(text, BEGIN + timedelta(minutes=number), encoded=False) for number, (text, _) in enumerate(incidents(count))]
    beside = fold_of(others).states()
    pairs = invented_pairs()
    assert {name: verdict(*pair, beside=beside) for name, pair in pairs.items()} == {name: verdict(*pair) for name, pair in pairs.items()}


def test_alone_some_are_one_event_and_some_are_not() -> None:
    """Else a fold that puts everything together, or nothing, would pass."""
    found = {name: verdict(*pair) for name, pair in invented_pairs().items()}
    assert found["one headline"] in (Verdict.EVENT, Verdict.COPY)
    assert not {found[f"incidents {number} and {number + 4}"] for number in range(4)} & {Verdict.EVENT, Verdict.COPY}
