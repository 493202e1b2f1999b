"""What a silence covers, and what becomes of it: every kind of message by every kind of silence, before, within and after its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from support.alerts import SAMPLE, alert
from support.samples import every_record

from newsmon.records import AlertReason, AlertState, Notice, NoticeState, Severity
from newsmon.records.delivery_states import OutboxKind
from sinks.deliver.notices import notice_bytes
from sinks.message.alert_body import payload_bytes
from sinks.message.stored_body import StoredBody
from sinks.policy.joining import escalated
from sinks.policy.silences import Silence, Withheld, covers, silenced_by, stored_subject, subject_of, withheld

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NOTICE: Notice = next(one for one in every_record() if isinstance(one, Notice))
OPENED = alert(1, severity=Severity.URGENT)
UPDATED = alert(1, revision=2, severity=Severity.URGENT, state=AlertState.UPDATED, reason=AlertReason.MORE_SOURCES)
CLOSED = alert(1, revision=3, severity=Severity.URGENT, state=AlertState.CLOSED, reason=AlertReason.STORY_CLOSED)

# (kind, severity, body, what becomes of it when silenced)
MESSAGES: dict[str, tuple[OutboxKind, Severity, bytes, Withheld]] = {
    "opening": (OutboxKind.ALERT, OPENED.severity, payload_bytes(OPENED), Withheld.SUPPRESSED),
    "update": (OutboxKind.ALERT, UPDATED.severity, payload_bytes(UPDATED), Withheld.SUPPRESSED),
    "end": (OutboxKind.ALERT, CLOSED.severity, payload_bytes(CLOSED), Withheld.DEFERRED),
    "escalation": (
        OutboxKind.ESCALATION, OPENED.severity, escalated(StoredBody(payload_bytes(OPENED)), receiver="night", after_s=60.0),
        Withheld.SUPPRESSED,
    ),
    "notice": (
        OutboxKind.NOTICE, Severity.URGENT, notice_bytes(msgspec.structs.replace(NOTICE, state=NoticeState.RAISED)), Withheld.SUPPRESSED,
    ),
    "notice that it is over": (
        OutboxKind.NOTICE, Severity.URGENT, notice_bytes(msgspec.structs.replace(NOTICE, state=NoticeState.RESOLVED)), Withheld.DEFERRED,
    ),
}  # fmt: skip
ALERTS = {"opening", "update", "end", "escalation"}
SOURCE = SAMPLE.articles[0].source
# what the silence gives -> which of the messages to `desk` it covers
SILENCES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "theme": ({"theme_id": OPENED.theme_id}, ALERTS),
    "another theme": ({"theme_id": "us-trade"}, set()),
    "receiver": ({"receiver": "desk"}, set(MESSAGES)),
    "another receiver": ({"receiver": "night"}, set()),  # also not the escalation, which goes to desk because night did not answer
    "story": ({"story_id": OPENED.story_id}, ALERTS),
    "another story": ({"story_id": alert(2).story_id}, set()),
    "source": ({"source": SOURCE}, ALERTS),
    "another source": ({"source": "Nobody"}, set()),
    "words of another": ({"words": "alert 2"}, set()),
    "words folded": ({"words": "ÁLERT 1"}, ALERTS),
    "theme and words of another": ({"theme_id": OPENED.theme_id, "words": "alert 2"}, set()),
    "up to a lower severity": ({"receiver": "desk", "max_severity": Severity.NOTICE}, set()),
    "up to its severity": ({"receiver": "desk", "max_severity": Severity.URGENT}, set(MESSAGES)),
}


def silence(**given: Any) -> Silence:
    values = {"silence_id": "s", "author": "a", "comment": "", "created_at": NOW - timedelta(hours=1), "ends_at": NOW + timedelta(hours=1)}
    return Silence(**(values | given))


@pytest.mark.parametrize("which", SILENCES)
@pytest.mark.parametrize("name", MESSAGES)
def test_each_silence_covers_exactly_what_matches_all_it_gives(which: str, name: str) -> None:
    given, covered = SILENCES[which]
    kind, severity, body, becomes = MESSAGES[name]
    subject = stored_subject(kind, "desk", severity, StoredBody(body))
    assert subject is not None
    assert covers(silence(**given), subject, now=NOW) is (name in covered)
    assert not covers(silence(**given), subject, now=NOW + timedelta(hours=1))  # over
    assert withheld(kind, StoredBody(body)) is becomes


def test_an_alert_is_the_same_to_a_silence_when_it_arrives_and_when_it_is_sent() -> None:
    long = alert(1, articles=(msgspec.structs.replace(SAMPLE.articles[0], source="Газета " * 25),))
    for one in (OPENED, CLOSED, long):
        assert stored_subject(OutboxKind.ALERT, "desk", one.severity, StoredBody(payload_bytes(one))) == subject_of(one, "desk")
    assert covers(silence(source=long.articles[0].source), subject_of(long, "desk"), now=NOW)


def test_a_sign_of_life_is_never_silenced_and_of_a_digest_its_parts_are_asked() -> None:
    for kind in (OutboxKind.HEARTBEAT, OutboxKind.DIGEST):
        assert stored_subject(kind, "desk", Severity.NOTICE, StoredBody(b"{}")) is None


def test_of_several_silences_the_last_to_end_decides_until_when_an_end_waits() -> None:
    short, long = silence(silence_id="short", receiver="desk"), silence(silence_id="long", receiver="desk", ends_at=NOW + timedelta(days=1))
    found = silenced_by([short, long, silence(silence_id="other", receiver="night")], subject_of(OPENED, "desk"), now=NOW)
    assert found is long
