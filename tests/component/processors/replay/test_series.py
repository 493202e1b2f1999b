"""The written series on ships through `newsmon rehearse`, with a user's narrow theme: what an inbox must hold, whatever the weights.

The series of fires and rulings are for the benchmark (`benchmarks/inbox.py`) alone, so that its figures stay those of news not fitted on.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from support.inbox.incidents import everyday, match_at
from support.inbox.labelled import COPIES, items, known_of
from support.inbox.rehearsing import grouped_inbox, rehearsed_series
from support.inbox.scores import Inbox, Row
from support.inbox.verdicts import Company, Verdict, series_pairs, verdict

BEGIN = datetime(2026, 11, 10, tzinfo=UTC)


@cache
def ships() -> tuple[list[Row], Inbox]:
    return rehearsed_series("ships")


def test_no_incident_is_swallowed() -> None:
    inbox = ships()[1]
    assert (inbox.matched_count, inbox.incident_count, inbox.swallowed) == (58, 24, [])


def test_hardly_an_incident_is_opened_twice() -> None:
    """At most a tenth of them: some reports name neither the ship nor anything else of the incident."""
    inbox = ships()[1]
    assert len(inbox.opened_again) <= inbox.incident_count / 10


def test_nothing_is_urgent_on_the_word_of_another_event() -> None:
    assert ships()[1].falsely_loud == []


def test_a_background_piece_raises_no_severity() -> None:
    """Neither a round-up that names many incidents, nor a court's report on last year's."""
    known = known_of("ships", items("series-ships"))
    loud = {
        row["article_id"]
        for row in ships()[0]
        if row["told"] and row["told"]["severity"] != "notice" and not known[row["theme"], row["article_id"]].is_incident
    }
    assert loud == set()


@pytest.mark.parametrize("name", COPIES)
def test_copies_are_those_of_the_same_report(name: str) -> None:
    """Neither a refrain that all stubs of an outlet share nor a new toll in an agency's own words makes one."""
    inbox = grouped_inbox(name)
    assert inbox.false_copies == []
    assert inbox.copies_found == inbox.copy_count


def test_other_live_stories_part_and_join_no_events() -> None:
    """As in the unit tier, with the vectors of the encoder. What is one story, or hardly, is for the benchmark: common words become usual."""
    others = [match_at(text, BEGIN + timedelta(minutes=number)) for number, text in enumerate(everyday(60))]
    beside = Company(others)
    pairs = list(series_pairs("ships", BEGIN + timedelta(days=1)))
    one_event = (Verdict.EVENT, Verdict.COPY)
    assert [verdict(*pair, beside=beside) in one_event for pair in pairs] == [verdict(*pair) in one_event for pair in pairs]
