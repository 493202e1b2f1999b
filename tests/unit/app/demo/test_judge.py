"""The verdict joins database and receiver: undelivered, unsigned, unowed and wrongly grouped alerts are all found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newsmon.app.demo.findings.expectations import Expectations, ExpectedAlert, ExpectedEntry
from newsmon.app.demo.findings.observed import Observed, SeenArticle, StoredDelivery, StoredMatch
from newsmon.app.demo.findings.verdict import FindingKind, alerts_complete, seen_alerts, verdict
from newsmon.app.listener import Received
from sinks.message.signature import Verdict

NOW = datetime(2026, 11, 24, 3, 15, tzinfo=UTC)
EXPECTED = Expectations(
    entry=(ExpectedEntry(key="wire/steel", feed="wire", version=1, title="Duties", themes=("us-trade",), group="steel"),),
    alert=(ExpectedAlert(theme="us-trade", group="steel"),),
)
MATCH = StoredMatch(
    match_id="m_1", theme_id="us-trade", feed_id="wire", source="Wire", title="Duties", lead="", body="", score=9.0, threshold=6.0,
    severity="notice", evidence=(), story_id="s_1", story_revision=1, relation="opened", alert_decision="new_story",
)  # fmt: skip
DELIVERY = StoredDelivery(
    delivery_id="msg_1", message_id="msg_1", alert_id="al_1", revision=1, theme_id="us-trade", story_id="s_1", title="Duties",
    severity="notice", reason="new_story", state="delivered", attempts=1, first_seen_at=NOW, delivered_at=NOW,
)  # fmt: skip
OBSERVED = Observed(
    feeds={},
    articles=(SeenArticle(feed="wire", title="Duties", themes=frozenset({"us-trade"})),),
    texts={},
    matches=(MATCH,),
    stories=(),
    deliveries=(DELIVERY,),
)
POST = Received(
    webhook_id="msg_1", verdict=Verdict.VERIFIED, repeat=False, payload={}, body=b"{}", headers={}, received_at=NOW, status=204
)  # fmt: skip


def kinds(observed: Observed, *posts: Received) -> list[FindingKind]:
    return [finding.kind for finding in verdict(EXPECTED, observed, posts)]


def test_delivered_verified_and_expected_is_good() -> None:
    assert kinds(OBSERVED, POST) == []
    assert alerts_complete(EXPECTED, OBSERVED, [POST])


def test_a_refused_first_attempt_is_no_finding_when_the_second_is_accepted() -> None:
    assert kinds(OBSERVED, replace(POST, status=503), POST) == []


@pytest.mark.parametrize("state", ["pending", "held", "suppressed", "dead"])
def test_an_alert_that_stays_in_the_outbox_is_found(state: str) -> None:
    stuck = replace(OBSERVED, deliveries=(replace(DELIVERY, state=state),))
    assert kinds(stuck) == [FindingKind.ALERT_NOT_DELIVERED]
    assert not alerts_complete(EXPECTED, stuck, [])


def test_delivered_by_the_database_but_never_received_is_found() -> None:
    assert kinds(OBSERVED) == [FindingKind.UNVERIFIED_DELIVERY]


def test_a_bad_signature_is_found_even_beside_a_good_one() -> None:
    forged = replace(POST, verdict=Verdict.NO_MATCHING_SIGNATURE, status=401)
    assert kinds(OBSERVED, POST, forged) == [FindingKind.UNVERIFIED_DELIVERY]


def test_a_signed_webhook_nobody_owed_is_found() -> None:
    assert kinds(OBSERVED, POST, replace(POST, webhook_id="msg_9")) == [FindingKind.UNEXPECTED_ALERT]


def test_an_alert_without_any_delivery_is_missing() -> None:
    silent = replace(OBSERVED, deliveries=())
    assert kinds(silent) == [FindingKind.MISSING_ALERT]
    assert not alerts_complete(EXPECTED, silent, [])


def test_the_first_member_of_a_story_is_the_one_of_its_first_revision() -> None:
    later = replace(MATCH, match_id="m_2", feed_id="post", title="Zoll", story_revision=2)
    both = replace(OBSERVED, matches=(later, MATCH))
    assert [alert.members for alert in seen_alerts(both, (POST,))] == [(("wire", "Duties"), ("post", "Zoll"))]


def test_a_later_revision_that_did_not_arrive_spoils_its_alert() -> None:
    update = replace(DELIVERY, delivery_id="msg_2", revision=2, state="pending")
    assert kinds(replace(OBSERVED, deliveries=(DELIVERY, update)), POST) == [FindingKind.ALERT_NOT_DELIVERED]
