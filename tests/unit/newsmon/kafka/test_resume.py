"""Where reading resumes, and why: every way in which a stored position and a log can disagree has its word."""

from __future__ import annotations

import pytest

from newsmon.kafka.positions.identity import log_id, same_log
from newsmon.kafka.positions.resume import TROUBLE, ResumeReason, StoredPosition, resume_at
from sinks.database.offsets import position_digest

OLD, NEW, FAR = "c1/t1", "c1/t2", "c2/t1"
R = ResumeReason


@pytest.mark.parametrize(
    ("stored", "beginning", "end", "log", "offset", "reason", "lost"),
    [
        (None, 0, 9, OLD, 0, R.FIRST_TIME, 0),
        (None, 4, 9, OLD, 4, R.FIRST_TIME, 0),
        (StoredPosition(5, OLD), 0, 9, OLD, 5, R.STORED, 0),
        (StoredPosition(9, OLD), 0, 9, OLD, 9, R.STORED, 0),
        (StoredPosition(4, OLD), 4, 4, OLD, 4, R.STORED, 0),  # everything was read, then expired: nothing is lost
        (StoredPosition(5, None), 0, 9, OLD, 5, R.ADOPTED, 0),  # stored before newsmon kept identities
        (StoredPosition(5, "c1/"), 0, 9, OLD, 5, R.ADOPTED, 0),  # the broker has learnt to tell topic ids
        (StoredPosition(5, OLD), 0, 9, None, 5, R.STORED, 0),  # not known now contradicts nothing
        (StoredPosition(2, OLD), 4, 9, OLD, 4, R.EXPIRED, 2),
        (StoredPosition(2, None), 4, 9, OLD, 4, R.EXPIRED, 2),
        (StoredPosition(5, OLD), 0, 90, NEW, 0, R.LOG_REPLACED, None),  # longer than the stored offset: only the identity tells
        (StoredPosition(5, OLD), 0, 0, NEW, 0, R.LOG_REPLACED, None),
        (StoredPosition(5, OLD), 7, 90, NEW, 7, R.LOG_REPLACED, None),  # a replaced log may have expired records, too
        (StoredPosition(5, OLD), 0, 90, FAR, 0, R.LOG_REPLACED, None),  # another cluster
        (StoredPosition(10, None), 0, 9, OLD, 0, R.LOG_REPLACED, None),  # nothing to adopt: it contradicts
        (StoredPosition(10, None), 0, 9, None, 0, R.LOG_REPLACED, None),
        (StoredPosition(10, OLD), 0, 9, OLD, 0, R.LOG_TRUNCATED, None),  # the same log, but its end went back
        (StoredPosition(5, OLD, is_intact=False), 0, 9, OLD, 0, R.OFFSET_CHANGED, 0),
        (StoredPosition(99, OLD, is_intact=False), 0, 9, OLD, 0, R.OFFSET_CHANGED, 0),
        (StoredPosition(5, OLD, is_intact=False), 0, 9, NEW, 0, R.LOG_REPLACED, None),
    ],
)
def test_reading_resumes_by_position_identity_and_bounds(
    stored: StoredPosition | None, beginning: int, end: int, log: str | None, offset: int, reason: ResumeReason, lost: int | None
) -> None:
    resume = resume_at(stored, beginning=beginning, end=end, log_id=log)
    assert (resume.offset, resume.reason, resume.lost_count) == (offset, reason, lost)
    assert resume.is_trouble == (reason in TROUBLE)
    assert resume.changes_row == (reason in {*TROUBLE, R.ADOPTED})
    assert resume.log_id == (log or (stored.log_id if stored else None))


def test_a_log_that_kafka_calls_truncated_is_read_again() -> None:
    resume = resume_at(StoredPosition(5, OLD, leader_epoch=3), beginning=0, end=9, log_id=OLD, truncated=True)
    assert (resume.offset, resume.reason, resume.leader_epoch) == (0, R.LOG_TRUNCATED, None)


def test_an_undisturbed_position_keeps_the_epoch_of_what_was_read() -> None:
    assert resume_at(StoredPosition(5, OLD, leader_epoch=3), beginning=0, end=9, log_id=OLD).leader_epoch == 3


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (None, OLD, True), (OLD, None, True), (OLD, OLD, True), (OLD, NEW, False), (OLD, FAR, False),
        ("c1/", OLD, True), ("/t1", OLD, True), ("/t2", OLD, False), ("c2/", OLD, False),
    ],
)  # fmt: skip
def test_only_parts_known_on_both_sides_can_differ(one: str | None, other: str | None, same: bool) -> None:
    assert same_log(one, other) is same
    assert same_log(other, one) is same


def test_the_topic_id_of_a_broker_that_has_none_is_not_taken_for_one() -> None:
    assert log_id("c", "00000000-0000-0000-0000-000000000000") == "c/"
    assert log_id(None, None) is None


def test_every_part_of_a_position_is_in_its_digest() -> None:
    said = {
        position_digest(*place)
        for place in [
            ("store", "t", 0, 5, OLD, 1), ("deliver", "t", 0, 5, OLD, 1), ("store", "u", 0, 5, OLD, 1), ("store", "t", 1, 5, OLD, 1),
            ("store", "t", 0, 6, OLD, 1), ("store", "t", 0, 5, NEW, 1), ("store", "t", 0, 5, OLD, 2),
        ]
    }  # fmt: skip
    assert len(said) == 7
