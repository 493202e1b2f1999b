"""How an alert ends: told as it was begun, as one message for all themes, and to nobody who never had it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, update
from support.alerts import SAMPLE, alert
from support.delivering import attempt_rows, dispatching, fill, outbox_rows, soon
from support.receivers import SECRET, receiver_settings

from newsmon.app.listener import Answer, VerifyingReceiver
from newsmon.records import Alert, AlertReason, AlertState, Severity, ThemeScore
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import ReceiverSettings
from sinks.database.engine import reading, writing
from sinks.database.outbox_tables import outbox
from sinks.ledger import delivery as ledger_delivery
from sinks.ledger.tally import Horizon
from sinks.message.chat_text import chat_message
from sinks.outbox.release import release_due
from sinks.outbox.replay import Selection, replay
from sinks.outbox.settle import mark_dead

THEMES = ("ukraine-peacekeeping", "us-trade", "defence-spending")
NOWHERE = "http://127.0.0.1:1/"


def desk_at(url: str = NOWHERE, **changes: Any) -> ReceiverSettings:
    return receiver_settings("desk", url, **{"notify_closed": True} | changes)


def opened(number: int = 1, themes: tuple[str, ...] = THEMES, **changes: Any) -> list[Alert]:
    """The alerts one article causes, one per theme."""
    cause = msgspec.structs.replace(SAMPLE.articles[0], article_id=f"a_{number}", revision_id=f"r_{number}")
    others = {theme: tuple(ThemeScore(theme_id=one, score=2.0, threshold=1.0) for one in themes if one != theme) for theme in themes}
    return [alert(number, theme_id=theme, articles=(cause,), also_matched=others[theme], **changes) for theme in themes]


def over(one: Alert, revision: int = 2) -> Alert:
    """The alert's last revision; its articles are the story's, the newest first, as the processor makes it."""
    newest = msgspec.structs.replace(SAMPLE.articles[0], article_id="a_later", revision_id=f"r_later_{one.theme_id}")
    return msgspec.structs.replace(
        one, revision=revision, state=AlertState.CLOSED, reason=AlertReason.STORY_CLOSED, articles=(newest, *one.articles)
    )  # fmt: skip


def balanced(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        lines = [line(connection, Horizon()) for line in (ledger_delivery.owed, ledger_delivery.messages, ledger_delivery.proven)]
    assert all(line.balanced for line in lines), lines
    return {name: count for name, count in lines[0].parts.items() if count}


def ends(engine: Engine) -> dict[str, tuple[str, str | None]]:
    return {row.theme_id: (row.state, row.reason) for row in outbox_rows(engine) if row.revision == 2}


async def test_themes_told_in_one_message_end_in_one_message_however_far_apart_they_close(engine: Engine) -> None:
    async with VerifyingReceiver(SECRET.text()) as receiver:
        desk = desk_at(receiver.url)
        async with dispatching(engine, [desk]) as dispatcher:
            begun = opened()
            fill(engine, begun, [desk])
            dispatcher.wake()
            await soon(lambda: balanced(engine) == {"delivered": 3}, "the opening")
            for one in begun:  # from three partitions, each as its own stories go on
                assert len(receiver.deliveries) == 1
                fill(engine, [over(one)], [desk])
                dispatcher.wake()
            await soon(lambda: balanced(engine) == {"delivered": 6}, "the end, long before the wait does")
    first, last = (one.payload for one in receiver.deliveries)
    assert first is not None
    assert last is not None
    assert (first["type"], last["type"]) == ("newsmon.alert.opened", "newsmon.alert.closed")
    for message in (first, last):
        assert {message["data"]["theme"]["id"], *(one["theme"]["id"] for one in message["data"]["also_alerts"])} == set(THEMES)
    assert {one["state"] for one in (last["data"], *last["data"]["also_alerts"])} == {"closed"}
    assert last["data"]["alert_id"] == first["data"]["alert_id"]  # so that a pager closes the incident it opened
    said = chat_message(receiver.deliveries[1].body)
    assert said.closes
    assert "(closed: story closed)" in said.title


def test_when_a_theme_goes_on_the_others_end_together_after_the_wait_and_it_ends_alone(engine: Engine) -> None:
    desk = desk_at(closed_wait_s=300)
    begun = opened()
    fill(engine, begun, [desk])
    now = datetime.now(UTC)
    with writing(engine) as connection:
        release_due(connection, "desk", now=now + timedelta(seconds=10))
        connection.execute(update(outbox).values(state="delivered"))
    fill(engine, [over(begun[0])], [desk])
    with writing(engine) as connection:  # the second closes when the first has waited long
        connection.execute(update(outbox).where(outbox.c.revision == 2).values(next_attempt_at=now))
    fill(engine, [over(begun[1])], [desk])
    with writing(engine) as connection:
        assert release_due(connection, "desk", now=now + timedelta(seconds=1)) == 1
    [message] = [row for row in outbox_rows(engine) if row.revision == 2 and row.carried_by is None]
    told = json.loads(message.payload)["data"]
    assert {told["theme"]["id"], *(one["theme"]["id"] for one in told["also_alerts"])} == {begun[0].theme_id, begun[1].theme_id}
    fill(engine, [over(begun[2])], [desk])
    with writing(engine) as connection:
        assert release_due(connection, "desk", now=datetime.now(UTC)) == 1
    assert ends(engine) == dict.fromkeys(THEMES, ("pending", None))


def test_who_never_had_the_alert_is_not_told_of_its_end(engine: Engine) -> None:
    grave = receiver_settings("grave", NOWHERE, notify_closed=True, min_severity="urgent")
    gone = receiver_settings("gone", NOWHERE, notify_closed=True)
    desk = desk_at()
    begun = alert(1)
    fill(engine, [begun], [desk, grave])  # below what `grave` wants; `gone` is not there yet
    risen = msgspec.structs.replace(over(begun), severity=Severity.URGENT)
    fill(engine, [risen], [desk, grave, gone])
    found = {row.receiver: (row.state, row.reason) for row in outbox_rows(engine) if row.revision == 2}
    assert found == {"desk": ("held", "not_yet_told"), "grave": ("suppressed", "never_told"), "gone": ("suppressed", "never_told")}
    assert all(not row.payload for row in outbox_rows(engine) if row.reason == "never_told")
    assert balanced(engine)["suppressed"] == 3


@pytest.mark.parametrize(
    ("state", "end"),
    [
        ("pending", ("held", "not_yet_told")), ("held", ("held", "not_yet_told")), ("delivered", ("pending", None)),
        ("dead", ("suppressed", "never_told")), ("suppressed", ("suppressed", "never_told")),
    ],
)  # fmt: skip
def test_what_became_of_the_opening_decides(engine: Engine, state: str, end: tuple[str, str | None]) -> None:
    fill(engine, [alert(1)], [desk_at()])
    with writing(engine) as connection:
        connection.execute(update(outbox).values(state=state))
    fill(engine, [over(alert(1))], [desk_at()])
    assert list(ends(engine).values()) == [end]


@pytest.mark.parametrize(("refused", "themes"), [(False, THEMES[:1]), (True, THEMES)])
async def test_an_end_waits_for_its_opening_and_comes_to_nothing_with_it(engine: Engine, refused: bool, themes: tuple[str, ...]) -> None:
    """The opening is refused for good after the end was queued; or it is accepted at the third attempt, and then the end is told."""
    answers = [Answer(status=503), Answer(status=503)]
    if refused:
        answers.append(Answer(status=400, headers={"webhook-delivery": "abort-message"}))
    async with VerifyingReceiver(SECRET.text(), answers=answers) as receiver:
        desk = desk_at(receiver.url, closed_wait_s=0.1)
        begun = opened(themes=themes)
        fill(engine, [*begun, *(over(one) for one in begun)], [desk])
        assert {state for state, _reason in ends(engine).values()} == {"held"}
        async with dispatching(engine, [desk]):
            done = {"dead": len(themes), "suppressed": len(themes)} if refused else {"delivered": 2 * len(themes)}
            await soon(lambda: balanced(engine) == done, "an end of both")
    told = [one.payload["type"] for one in receiver.deliveries if one.payload is not None]
    assert told == ["newsmon.alert.opened"] * 3 + ([] if refused else ["newsmon.alert.closed"])
    assert set(ends(engine).values()) == {("suppressed", "never_told") if refused else ("delivered", None)}
    if refused:
        assert [one.reason for one in attempt_rows(engine) if one.outcome == "suppressed"] == ["never_told"] * len(themes)


@pytest.mark.parametrize("queued_first", [True, False])
async def test_when_the_opening_is_replayed_the_end_follows_it(engine: Engine, queued_first: bool) -> None:
    refuses = [Answer(status=400, headers={"webhook-delivery": "abort-message"})]
    async with VerifyingReceiver(SECRET.text(), answers=refuses) as receiver:
        desk = desk_at(receiver.url, closed_wait_s=0.1)
        begun, ended = opened(), [over(one) for one in opened()]
        fill(engine, [*begun, *ended] if queued_first else begun, [desk])
        async with dispatching(engine, [desk]):
            await soon(lambda: {row.state for row in outbox_rows(engine) if row.revision == 1} == {"dead"}, "refused")
            await soon(lambda: not queued_first or balanced(engine) == {"dead": 3, "suppressed": 3}, "the end of the end")
        fill(engine, ended, [desk])
        assert balanced(engine) == {"dead": 3, "suppressed": 3}
        with writing(engine) as connection:
            replay(connection, Selection(), configured=["desk"], also_delivered=False, now=datetime.now(UTC), dry_run=False)
        assert balanced(engine) == {"pending": 3, "held": 3}
        async with dispatching(engine, [desk]):
            await soon(lambda: balanced(engine) == {"delivered": 6}, "both")
    told = [one.payload["type"] for one in receiver.deliveries if one.payload is not None]
    assert told == ["newsmon.alert.opened", "newsmon.alert.opened", "newsmon.alert.closed"]


def test_when_the_receiver_is_lost_with_the_opening_the_end_goes_with_it(engine: Engine) -> None:
    desk = desk_at()
    fill(engine, [alert(1), over(alert(1))], [desk])
    now = datetime.now(UTC)
    with writing(engine) as connection:
        assert mark_dead(connection, "desk", DeliveryReason.RECEIVER_DISABLED, now=now) == 1
        assert release_due(connection, "desk", now=now) == 0
    assert balanced(engine) == {"dead": 1, "suppressed": 1}


def test_an_end_waits_in_a_digest_and_out_of_it_as_long_as_the_opening_is_on_its_way(engine: Engine) -> None:
    night = desk_at(digest="daily", flash_passes=True)
    loud, quiet = alert(1, severity=Severity.FLASH), alert(2)
    fill(engine, [loud, quiet, over(quiet)], [night])
    fill(engine, [msgspec.structs.replace(over(loud), severity=Severity.NOTICE)], [night])
    assert balanced(engine) == {"pending": 1, "held": 3}
    later = datetime.now(UTC) + timedelta(days=2)
    with writing(engine) as connection:
        assert release_due(connection, "desk", now=later) == 1
    [digest] = [json.loads(row.payload) for row in outbox_rows(engine) if row.kind == "digest"]
    assert [(one["alert_id"], one["state"]) for one in digest["data"]["alerts"]] == [(quiet.alert_id, "closed")]
    [waiting] = [row for row in outbox_rows(engine) if row.state == "held"]
    assert (waiting.alert_id, waiting.reason) == (loud.alert_id, "digest")  # it still belongs into a digest
    with writing(engine) as connection:
        connection.execute(update(outbox).where(outbox.c.alert_id == loud.alert_id, outbox.c.revision == 1).values(state="delivered"))
        assert release_due(connection, "desk", now=later + timedelta(days=1)) == 1


def test_opened_and_over_in_one_batch_and_twice(engine: Engine) -> None:
    begun = opened()
    batch = [*begun, *(over(one) for one in begun)]
    for _ in range(2):
        fill(engine, batch, [desk_at()])
    assert balanced(engine) == {"held": 6}
    with writing(engine) as connection:
        assert release_due(connection, "desk", now=datetime.now(UTC) + timedelta(seconds=5)) == 1
    assert balanced(engine) == {"pending": 3, "held": 3}
    with writing(engine) as connection:
        connection.execute(update(outbox).where(outbox.c.state == "pending").values(state="delivered"))
        assert release_due(connection, "desk", now=datetime.now(UTC) + timedelta(hours=1)) == 1  # the end, as one message


def test_stories_of_different_articles_end_in_messages_of_their_own(engine: Engine) -> None:
    desk = desk_at()
    fill(engine, [alert(1), alert(2)], [desk])
    with writing(engine) as connection:
        connection.execute(update(outbox).values(state="delivered"))
    fill(engine, [over(alert(1)), over(alert(2))], [desk])
    assert {row.state for row in outbox_rows(engine) if row.revision == 2} == {"pending"}
    assert {row.carried_by for row in outbox_rows(engine)} == {None}
