"""Other forms of the webhook body: valid for those who read them, and the same bytes in every attempt."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from support.alerts import alert, wide_alert
from support.samples import NOON

from newsmon.records import AlertState
from sinks.message.alert_body import payload_bytes
from sinks.message.webhook_formats import in_format, probe_payload

# What the CloudEvents 1.0.2 JSON schema asks for, in our words.
CLOUDEVENT = {
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "properties": {
        "id": {"type": "string", "minLength": 1}, "source": {"type": "string", "format": "uri-reference", "minLength": 1},
        "specversion": {"const": "1.0"}, "type": {"type": "string", "minLength": 1}, "subject": {"type": "string", "minLength": 1},
        "time": {"type": "string", "format": "date-time"}, "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string", "format": "uri"}, "data": {"type": "object"},
    },
    "propertyNames": {"pattern": "^[a-z0-9]+$"},
}  # fmt: skip
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
ALERTMANAGER = {
    "type": "object",
    "required": ["version", "groupKey", "truncatedAlerts", "status", "receiver", "groupLabels", "commonLabels", "commonAnnotations", "externalURL", "alerts"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "4"}, "groupKey": {"type": "string"}, "truncatedAlerts": {"type": "integer"}, "receiver": {"type": "string"},
        "status": {"enum": ["firing", "resolved"]}, "groupLabels": TEXTS, "commonLabels": TEXTS, "commonAnnotations": TEXTS,
        "externalURL": {"type": "string"},
        "alerts": {"type": "array", "minItems": 1, "items": {
            "type": "object", "additionalProperties": False,
            "required": ["status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"],
            "properties": {
                "status": {"enum": ["firing", "resolved"]}, "labels": TEXTS | {"required": ["alertname"]}, "annotations": TEXTS,
                "startsAt": {"type": "string", "format": "date-time"}, "endsAt": {"type": "string", "format": "date-time"},
                "generatorURL": {"type": "string"}, "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
            },
        }},
    },
}  # fmt: skip
BODIES = {
    "plain": payload_bytes(alert(1)),
    "wide": payload_bytes(wide_alert(30)),
    "closed": payload_bytes(alert(1, state=AlertState.CLOSED, raised_at=NOON + timedelta(hours=1))),
    "test": probe_payload(now=NOON, receiver="desk"),
    "other": msgspec.json.encode({"type": "newsmon.digest", "timestamp": "2026-11-24T12:00:00Z", "data": {"items": [1, 2]}}),
}


@pytest.mark.parametrize("name", sorted(BODIES))
@pytest.mark.parametrize(("form", "schema"), [("cloudevents", CLOUDEVENT), ("alertmanager", ALERTMANAGER)])
def test_the_forms_are_what_their_readers_expect(form: str, schema: dict[str, object], name: str) -> None:
    body, media_type = in_format(form, BODIES[name], webhook_id="msg_1", receiver="desk")
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(msgspec.json.decode(body))
    assert media_type.partition(";")[0] == ("application/cloudevents+json" if form == "cloudevents" else "application/json")
    assert in_format(form, BODIES[name], webhook_id="msg_1", receiver="desk")[0] == body


def test_a_cloudevent_holds_the_alert_and_the_webhook_id() -> None:
    body, _ = in_format("cloudevents", BODIES["plain"], webhook_id="msg_1", receiver="desk")
    event, payload = msgspec.json.decode(body), msgspec.json.decode(BODIES["plain"])
    assert (event["id"], event["type"], event["data"]) == ("msg_1", payload["type"], payload["data"])


def test_alertmanagers_form_resolves_when_the_story_closes_and_keeps_its_fingerprint() -> None:
    opened, closed = (
        msgspec.json.decode(in_format("alertmanager", BODIES[name], webhook_id=name, receiver="desk")[0]) for name in ("plain", "closed")
    )
    assert (opened["status"], closed["status"]) == ("firing", "resolved")
    assert opened["alerts"][0]["fingerprint"] == closed["alerts"][0]["fingerprint"]
    assert opened["alerts"][0]["labels"] == closed["alerts"][0]["labels"]
    assert opened["alerts"][0]["endsAt"].startswith("0001-01-01")
    assert closed["alerts"][0]["endsAt"] > closed["alerts"][0]["startsAt"]


def test_a_message_of_two_themes_is_two_alerts_to_alertmanagers_readers() -> None:
    payload = msgspec.json.decode(BODIES["plain"])
    data = payload["data"]
    other = {name: data[name] for name in ("revision", "state", "reason", "severity", "story", "score", "evidence", "evidence_omitted")}
    other |= {"alert_id": "al_other", "theme": data["theme"] | {"id": "us-trade", "label": "US trade"}}
    body = msgspec.json.encode(payload | {"data": data | {"also_alerts": [other]}})
    message = msgspec.json.decode(in_format("alertmanager", body, webhook_id="msg_1", receiver="desk")[0])
    Draft202012Validator(ALERTMANAGER, format_checker=FormatChecker()).validate(message)
    assert [one["labels"]["theme"] for one in message["alerts"]] == [data["theme"]["id"], "us-trade"]
    assert len({one["fingerprint"] for one in message["alerts"]}) == 2
    assert message["commonLabels"] == {"alertname": "NewsmonAlert", "severity": data["severity"]}


def alertmanagers(body: bytes, webhook_id: str) -> list[dict[str, Any]]:
    message = msgspec.json.decode(in_format("alertmanager", body, webhook_id=webhook_id, receiver="desk")[0])
    Draft202012Validator(ALERTMANAGER, format_checker=FormatChecker()).validate(message)
    found: list[dict[str, Any]] = message["alerts"]
    return found


def test_what_a_digest_says_is_over_is_resolved_under_the_fingerprint_it_was_opened_with() -> None:
    opened = alertmanagers(BODIES["plain"], "msg_1")[0]
    line = {"alert_id": alert(1).alert_id, "also_alert_ids": ["al_other"], "revision": 2, "state": "closed", "reason": "story_closed",
            "severity": "notice", "themes": [alert(1).theme_id, "us-trade"], "title": "over"}  # fmt: skip
    going_on = line | {"alert_id": "al_more", "also_alert_ids": [], "state": "opened"}
    notice = {"notice_id": "no_1", "state": "resolved", "text": "well again"}
    digest = {"type": "newsmon.digest", "timestamp": "2026-11-24T12:00:00Z", "data": {"alerts": [line, going_on], "notices": [notice]}}
    told, *ended = alertmanagers(msgspec.json.encode(digest), "msg_2")
    assert (told["status"], told["labels"]["alertname"]) == ("firing", "NewsmonDigest")
    assert [one["status"] for one in ended] == ["resolved"] * 3
    assert (ended[0]["fingerprint"], ended[0]["labels"]) == (opened["fingerprint"], opened["labels"])
    assert [one["labels"].get("theme") for one in ended] == [alert(1).theme_id, "us-trade", None]


def test_a_notice_that_is_over_is_resolved() -> None:
    raised, resolved = (
        {"type": "newsmon.notice", "timestamp": "2026-11-24T12:00:00Z",
         "data": {"notice_id": "no_1", "state": state, "severity": "notice", "text": f"feed one is {state}"}}
        for state in ("raised", "resolved")
    )  # fmt: skip
    [before], [after] = (alertmanagers(msgspec.json.encode(one), f"msg_{number}") for number, one in enumerate((raised, resolved)))
    assert (before["status"], after["status"]) == ("firing", "resolved")
    assert (before["fingerprint"], before["labels"]) == (after["fingerprint"], after["labels"])
    assert after["annotations"]["summary"] == "feed one is resolved"
