"""What a receiver's inbox looks like: a story's first alert at once, its updates together, every event under its own headline."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from support.alerts import SAMPLE, alert
from support.receivers import receiver_settings

from newsmon.records import Alert, AlertReason, AlertState, Severity, ThemeScore
from newsmon.settings import ReceiverSettings
from sinks.message.alert_payload import MAX_PAYLOAD_BYTES
from sinks.message.chat_text import chat_message
from sinks.policy.inbox import Message, inbox, people_receiver

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DESK = people_receiver()


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def told(minutes: float, revision: int, title: str, *, story: int = 1, severity: Severity = Severity.NOTICE, **changes: Any) -> Alert:
    """A revision of the alert of a story, raised so many minutes after nine."""
    state = AlertState.OPENED if revision == 1 else AlertState.UPDATED
    reason = AlertReason.NEW_STORY if revision == 1 else AlertReason.MORE_SOURCES
    cause = msgspec.structs.replace(SAMPLE.articles[0], article_id=f"a_{title}", revision_id=f"r_{title}", title=title)
    assert SAMPLE.event is not None
    event = msgspec.structs.replace(SAMPLE.event, event_id=f"e_{title}", title=title)
    values: dict[str, Any] = {"state": state, "reason": reason, "articles": (cause,), "event": event} | changes
    return alert(story, raised_at=at(minutes), revision=revision, title=title, severity=severity, **values)


def seen(messages: list[Message]) -> list[tuple[float, list[str]]]:
    """When each message went, in minutes after nine, and the headlines in it."""
    return [((one.at - NINE).total_seconds() / 60, headlines(one)) for one in messages]


def headlines(message: Message) -> list[str]:
    data = json.loads(message.body)["data"]
    if message.is_digest:
        return [line["title"] for line in data["alerts"]]
    return [data["title"], *(update["title"] for update in data["also_updates"])]


def test_the_first_alert_of_a_story_goes_at_once_and_its_updates_of_an_hour_together() -> None:
    alerts = [
        told(0, 1, "talks begin"), told(10, 2, "minister leaves the talks"), told(30, 3, "talks are broken off"),
        told(35, 1, "another story", story=2), told(95, 4, "talks resume"), told(300, 5, "a treaty is signed"),
    ]  # fmt: skip
    assert seen(inbox(alerts, DESK)) == [
        (0, ["talks begin"]),
        (35, ["another story"]),
        (60, ["talks are broken off", "minister leaves the talks"]),
        (120, ["talks resume"]),
        (300, ["a treaty is signed"]),
    ]


def test_a_higher_severity_goes_at_once_and_takes_along_what_waits() -> None:
    alerts = [told(0, 1, "talks begin"), told(10, 2, "minister leaves"), told(20, 3, "troops cross the border", severity=Severity.URGENT)]
    alerts.append(told(25, 4, "the council meets", severity=Severity.URGENT))
    assert seen(inbox(alerts, DESK)) == [
        (0, ["talks begin"]),
        (20, ["troops cross the border", "minister leaves"]),
        (80, ["the council meets"]),
    ]


def test_of_two_revisions_that_tell_one_event_the_newer_is_enough() -> None:
    alerts = [told(0, 1, "talks begin"), told(10, 2, "minister leaves"), told(20, 3, "minister leaves"), told(30, 4, "talks fail")]
    (_first, message) = inbox(alerts, DESK)
    assert headlines(message) == ["talks fail", "minister leaves"]
    assert json.loads(message.body)["data"]["also_updates"][0]["revision"] == 3
    assert sorted(one.revision for one in message.alerts) == [2, 3, 4]


def test_the_new_facts_of_revisions_that_are_told_as_one_are_all_told() -> None:
    alerts = [
        told(0, 1, "talks begin"), told(10, 2, "minister leaves", new_facts=("Anna Berg",)), told(15, 3, "talks fail", new_facts=("40",)),
        told(20, 4, "minister leaves", new_facts=("Oslo",)), told(30, 5, "talks fail"),
    ]  # fmt: skip
    data = json.loads(inbox(alerts, DESK)[1].body)["data"]
    assert (data["title"], data["new_facts"]) == ("talks fail", ["40"])
    assert [(one["title"], one["new_facts"]) for one in data["also_updates"]] == [("minister leaves", ["Anna Berg", "Oslo"])]


def test_an_article_of_two_themes_is_one_part_also_when_its_alerts_waited() -> None:
    themes = ("us-trade", "defence-spending")
    alerts = []
    for minutes, revision, title in ((0, 1, "tariffs on steel"), (10, 2, "steel tariffs in court"), (20, 3, "court ends steel tariffs")):
        for theme in themes:
            other = tuple(ThemeScore(theme_id=one, score=2.0, threshold=1.0) for one in themes if one != theme)
            alerts.append(told(minutes, revision, title, theme_id=theme, also_matched=other))
    first, second = inbox(alerts, DESK)
    assert (len(first.alerts), len(second.alerts)) == (2, 4)
    data = json.loads(second.body)["data"]
    assert data["title"] == "court ends steel tariffs"
    assert [one["title"] for one in data["also_updates"]] == ["steel tariffs in court"]
    assert len(data["also_alerts"]) == len(data["also_updates"][0]["also"]) == 1


@pytest.mark.parametrize("receiver", [receiver_settings("bot", "https://bot.example/hook"), people_receiver()])
def test_every_alert_is_in_exactly_one_message(receiver: ReceiverSettings) -> None:
    severities = (Severity.NOTICE, Severity.NOTICE, Severity.URGENT, Severity.NOTICE, Severity.FLASH)
    alerts = [
        told(number * 7, number // 3 + 1, f"headline {number}", story=number % 3, severity=severities[number % 5]) for number in range(60)
    ]
    messages = inbox(alerts, receiver)
    carried = sorted((one.alert_id, one.revision) for message in messages for one in message.alerts)
    assert carried == sorted((one.alert_id, one.revision) for one in alerts)
    assert len(messages) == 60 if receiver.kind == "webhook" else len(messages) < 40
    assert [message.at for message in messages] == sorted(message.at for message in messages)


def test_an_update_that_waited_into_the_quiet_hours_is_in_the_digest_after_them_under_its_own_headline() -> None:
    quiet = DESK.model_copy(update={"quiet_hours": ("09:30-18:00",)})
    alerts = [told(0, 1, "talks begin"), told(10, 2, "minister leaves"), told(20, 3, "talks fail"), told(100, 4, "talks resume")]
    first, digest = inbox(alerts, quiet)
    assert (first.at, digest.at, digest.is_digest) == (NINE, at(540), True)
    assert sorted(headlines(digest)) == ["minister leaves", "talks fail", "talks resume"]


def test_updates_that_waited_and_are_over_the_budget_then_come_as_a_digest() -> None:
    tight = DESK.model_copy(update={"budget_per_hour": 3, "group_interval_s": 600})
    alerts = [told(n, 1, f"story {n}", story=n) for n in range(2)] + [told(2 + n, 2, f"more of {n}", story=n) for n in range(2)]
    *_first, update, digest = inbox(alerts, tight)
    assert (update.at, headlines(update)) == (at(10), ["more of 0"])
    assert (digest.is_digest, digest.at, headlines(digest)) == (True, at(60), ["more of 1"])


def test_more_updates_than_one_message_holds_come_in_several() -> None:
    alerts = [told(0, 1, "talks begin"), *(told(1 + n, 2 + n, f"{n} {'x' * 700}", lead="y" * 2_000) for n in range(30))]
    messages = inbox(alerts, DESK)
    assert len(messages) > 2
    assert all(len(message.body) <= MAX_PAYLOAD_BYTES for message in messages)
    assert sorted(title for message in messages for title in headlines(message)) == sorted(one.title for one in alerts)


def test_of_an_event_that_has_no_room_no_older_revision_is_told_instead() -> None:
    wide = [told(1 + n, 2 + n, f"{n} {'x' * 700}", lead="y" * 2_000) for n in range(30)]
    short = msgspec.structs.replace(wide[0], revision=2, title="short", lead="", raised_at=at(0.5))
    newer = [msgspec.structs.replace(one, revision=one.revision + 1) for one in wide]
    messages = inbox([told(0, 1, "talks begin"), short, *newer], DESK)
    assert "short" not in [title for message in messages for title in headlines(message)]


def test_a_line_of_a_digest_counts_the_sources_of_its_event() -> None:
    quiet = DESK.model_copy(update={"quiet_hours": ("08:00-18:00",)})
    one = told(0, 1, "talks begin", source_count=7, outlet_count=9)
    assert one.event is not None
    event = msgspec.structs.replace(one.event, source_count=2, outlet_count=3)
    (digest,) = inbox([msgspec.structs.replace(one, event=event)], quiet)
    (line,) = json.loads(digest.body)["data"]["alerts"]
    assert (line["source_count"], line["outlet_count"]) == (2, 3)


def test_a_chat_shows_each_part_with_its_headline_its_source_and_why() -> None:
    alerts = [told(0, 1, "talks begin"), told(10, 2, "minister leaves", lead="He left early."), told(30, 3, "talks fail")]
    message = chat_message(inbox(alerts, DESK)[1].body)
    assert message.title.endswith("(updated: more sources) (and 1 more): talks fail")
    assert "(updated: more sources): minister leaves\nHe left early.\n- Example Wire: minister leaves" in message.text
    assert message.text.count("Why: ") == 2
