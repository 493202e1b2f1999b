"""From articles to people, with everything that sends killed in turn: no alert lost, none twice but under its own id, none astray.

Real Kafka, the real processor, store and deliver as processes, and HTTP receivers that answer 200, 500, 429 with and without
Retry-After, 410, hang, drip and close early.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, func, select
from support import deliver_process
from support.delivering import outbox_rows, soon, write_settings
from support.made_up_events import EVENTS, MONTHS, made_up_place
from support.processing import article, put_articles, records_of
from support.receivers import SECRET, closes_early, drips_its_head, hangs, raw_receiver, receiver_settings, secret_file
from support.separate_themes import separate_themes
from support.storing import with_database

from newsmon.app.listener import Answer, Received, VerifyingReceiver
from newsmon.kafka.clients import group_id
from newsmon.kafka.lag import consumer_lag
from newsmon.records import Alert, Article, Origin
from newsmon.settings import ReceiverSettings, Settings
from newsmon.topics import ALERTS, ARTICLES, MATCHES
from processors.runner.policies import decisions_for
from processors.themes import load_themes
from sinks.database.engine import create_engine_for, reading
from sinks.database.outbox_tables import outbox

ROUNDS = 3
ROLES = ("store", "deliver", "processor")
STORIES_COUNT = 1_300  # some are told apart from each other only as much as the grouping does
STALE_COUNT = 30
SEED = 20_261_124
THEME_OF_MOODY = "us-trade"


def numbered_news() -> list[Article]:
    """One story after the other, every one with a place, figures and a number of its own; among them some that are no news."""
    chance = random.Random(SEED)
    found: list[Article] = []
    names: set[str] = set()
    while len(names) < STORIES_COUNT:
        names.add(made_up_place(chance, 5))
    for number, name in enumerate(sorted(names)):
        event = EVENTS[number % 3].format(
            name=name, n=chance.randrange(1_000, 99_000), p=round(11 + 80 * chance.random(), 2), q=round(2 + 3 * chance.random(), 3),
            year=chance.randrange(2028, 2060), month=chance.choice(MONTHS),
        )  # fmt: skip
        body = f"{event}. Officials in {name} said so on Tuesday; item {number} of the day, {chance.randrange(10**9)}."
        found.append(article(number, f"{event} (no. {number})", body))
    chance.shuffle(found)
    for number in range(STALE_COUNT):  # what a replay says notifies nobody; no live report has its figure, and could join its story by it
        old = article(100_000 + number, EVENTS[1].format(name=f"Oldland{number}", p=number + 110, month="May"), f"Old item {number}.")
        found.insert(chance.randrange(len(found)), msgspec.structs.replace(old, origin=Origin.BACKFILL))
    return found


def alerts_of(news: list[Article], themes: Path) -> set[str]:
    """The ids of the alerts these articles raise, decided here, in order, by the product's own pure core."""
    decisions = decisions_for(Settings(), load_themes(themes))
    grouping = decisions.new_grouping()
    found: set[str] = set()
    offset = 0
    for one in news:
        for match in decisions.classify(one, datetime.now(UTC))[1]:
            state = grouping.decide(match, source_offset=offset)
            grouping.apply(state)
            offset += 1
            if state.alert is not None:
                found.add(state.alert.alert_id)
    return found


class Stages:
    """The three processes of one monitor, each started, killed and asked to end by name."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self.settings = settings
        self.file = write_settings(directory, settings)
        self.log = directory / "stages.log"
        self.themes = separate_themes(directory)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._environ = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMON_")} | {
            "NEWSMON_PROCESSOR__BATCH_SIZE": "50", "NEWSMON_PROCESSOR__COMMIT_INTERVAL_S": "0.5", "NEWSMON_LOG__LEVEL": "warning",
            "NEWSMON_MONITORING__PROCESSOR_PORT": "0", "NEWSMON_THEMES__DIRECTORY": str(self.themes),
        }  # fmt: skip

    def start(self, role: str) -> None:
        newsmon = [sys.executable, "-Im", "newsmon", role, "--config", str(self.file)]
        command = [sys.executable, deliver_process.__file__, str(self.file), ",".join(["0.2"] * 200)] if role == "deliver" else newsmon
        with self.log.open("ab") as log:
            self.processes[role] = subprocess.Popen(command, env=self._environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self, role: str) -> None:
        process = self.processes[role]
        assert process.poll() is None, f"{role} had ended by itself:\n{self.tail()}"
        process.kill()
        process.wait(60)

    def tail(self) -> str:
        return self.log.read_text("utf-8", "replace")[-3000:]

    def end(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(90)
            finally:
                process.kill()
                process.wait(60)


@pytest.fixture
def stages(kafka_settings: Settings, tmp_path: Path) -> Iterator[Callable[[list[ReceiverSettings]], Stages]]:
    made: list[Stages] = []

    def make(receivers: list[ReceiverSettings]) -> Stages:
        settings = with_database(kafka_settings, f"sqlite:///{tmp_path / 'newsmon.db'}", batch_size=500)
        made.append(Stages(settings.model_copy(update={"receivers": tuple(receivers)}), tmp_path))
        return made[-1]

    yield make
    for one in made:
        for process in one.processes.values():
            process.kill()
            process.wait(60)


def closing_at_first(count: int) -> tuple[Any, list[str]]:
    """Takes the request and hangs up, `count` times; then accepts. The second is filled with the ids accepted."""
    accepted: list[str] = []
    left = [count]

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if left[0] > 0:
            left[0] -= 1
            await closes_early(reader, writer)
            return
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        accepted.append("")

    return behave, accepted


async def test_with_every_sender_killed_in_turn_under_load_no_alert_is_lost_or_astray(
    stages: Callable[[list[ReceiverSettings]], Stages], kafka_settings: Settings, tmp_path: Path
) -> None:
    file = secret_file(tmp_path)
    behave, closed_accepted = closing_at_first(60)
    async with AsyncExitStack() as stack:
        grouping = await stack.enter_async_context(VerifyingReceiver(SECRET.text()))
        moody = {
            "failing": await stack.enter_async_context(VerifyingReceiver(SECRET.text(), answers=[Answer(status=500)] * 80)),
            "throttling": await stack.enter_async_context(VerifyingReceiver(SECRET.text(), answers=[Answer(status=429)] * 80)),
            "pausing": await stack.enter_async_context(
                VerifyingReceiver(SECRET.text(), answers=[Answer(status=429, headers={"Retry-After": "1"})] * 8)
            ),
        }
        gone = await stack.enter_async_context(VerifyingReceiver(SECRET.text(), answers=[Answer()] * 20 + [Answer(status=410)] * 10_000))
        raw = {
            name: await stack.enter_async_context(raw_receiver(behaviour))
            for name, behaviour in (("hung", hangs), ("dripping", drips_its_head), ("closing", behave))
        }
        receivers = [receiver_settings("desk", grouping.url, file)]
        receivers += [receiver_settings(name, one.url, file, themes=(THEME_OF_MOODY,)) for name, one in moody.items()]
        receivers += [receiver_settings("gone", gone.url, file, themes=(THEME_OF_MOODY,))]
        receivers += [receiver_settings(name, one.url, file, themes=(THEME_OF_MOODY,), timeout_s=2.0) for name, one in raw.items()]
        running = stages(receivers)
        for role in ROLES:
            running.start(role)

        news = numbered_news()
        expected = alerts_of(news, running.themes)
        assert len(expected) >= 1_000, "too few alerts to prove anything"
        kills = mid_stream = 0
        for number in range(ROUNDS):
            part = news[number * len(news) // ROUNDS : (number + 1) * len(news) // ROUNDS]
            before = len(grouping.deliveries)
            # One partition: the order of the articles, and so the alerts they raise, are those expected.
            await put_articles(kafka_settings, part[: len(part) // 2], partition=0)
            await soon(
                lambda before=before: len(grouping.deliveries) >= before + 30, f"round {number} under way:\n{running.tail()}", within_s=180
            )
            await put_articles(kafka_settings, part[len(part) // 2 :], partition=0)
            for role in ROLES:
                mid_stream += not await idle(kafka_settings)
                running.kill(role)
                running.start(role)
                kills += 1
        await soon(lambda: expected <= told(grouping), f"every alert at the desk:\n{running.tail()}", within_s=300)
        alerts = {(one.alert_id, one.revision): one for one in await records_of(kafka_settings, ALERTS, Alert)}
        engine = create_engine_for(running.settings)
        slow = ("hung", "dripping")

        def all_settled() -> bool:
            with reading(engine) as connection:
                by_state = (
                    select(outbox.c.receiver, outbox.c.state, func.count())
                    .where(outbox.c.kind == "alert")
                    .group_by(outbox.c.receiver, outbox.c.state)
                )
                counted = {(receiver, state): count for receiver, state, count in connection.execute(by_state)}
            waiting = [receiver for receiver, state in counted if state in ("pending", "held") and receiver not in slow]
            return sum(counted.values()) == len(alerts) * len(receivers) and not waiting

        await soon(all_settled, f"every delivery that can be made is made:\n{running.tail()}", within_s=300)
        await asyncio.to_thread(running.end)

    assert kills == ROUNDS * len(ROLES)
    assert mid_stream >= ROUNDS, "the kills came when there was nothing to do: this proved nothing"
    assert {alert_id for alert_id, _revision in alerts} >= expected
    rows = alert_rows(engine)
    by_receiver: dict[str, dict[str, Any]] = {one.id: {} for one in receivers}
    for row in rows:
        by_receiver[row.receiver][row.delivery_id] = row
    # Nothing lost: whatever was raised is accepted, once as far as a receiver can tell, with one body per id.
    for name, receiver in {"desk": grouping, **moody}.items():
        owed = {key for key, row in by_receiver[name].items() if name == "desk" or row.theme_id == THEME_OF_MOODY}
        accepted = {one.webhook_id for one in alerts_at(receiver) if one.accepted}
        assert accepted == owed, name
        assert {by_receiver[name][key].state for key in owed} == {"delivered"}
        ids_seen = {one.webhook_id for one in receiver.deliveries}
        assert len({(one.webhook_id, one.body) for one in receiver.deliveries}) == len(ids_seen)
        assert all(one.verified for one in receiver.deliveries)
        # Nothing astray: only what this receiver wants, and nothing that is no news.
        seen = [one.payload["data"] for one in alerts_at(receiver) if one.payload]
        assert name == "desk" or {data["theme"]["id"] for data in seen} == {THEME_OF_MOODY}
        assert not any("Oldland" in data["title"] for data in seen)
    assert {row.state for row in by_receiver["closing"].values() if row.theme_id == THEME_OF_MOODY} == {"delivered"}
    assert len(closed_accepted) >= sum(row.state == "delivered" for row in by_receiver["closing"].values())
    # The one that said 410 got nothing after that but what was under way; the rest of what it was owed is dead by name.
    answered = Counter(one.status for one in gone.deliveries)
    assert answered[204] == 20
    assert 1 <= answered[410] <= 4 * 2
    assert {(row.state, row.reason) for row in by_receiver["gone"].values() if row.theme_id == THEME_OF_MOODY} <= {
        ("delivered", None), ("dead", "gone"), ("dead", "receiver_disabled"), ("suppressed", "receiver_disabled"),
    }  # fmt: skip
    # What hangs and drips accepted nothing, and is still owed.
    for name in slow:
        assert not any(row.state == "delivered" for row in by_receiver[name].values())
        assert raw[name].requests
    repeats = sum(one.repeat for one in grouping.deliveries)
    print(f"\n{len(expected)} alerts, {len(rows)} deliveries, {kills} kills, {repeats} repeats at the desk, all under their own ids")
    engine.dispose()


def alert_rows(engine: Engine) -> list[Any]:
    """The deliveries of alerts; that a receiver was disabled is told as a notice, which is not counted here."""
    return [row for row in outbox_rows(engine) if row.kind == "alert"]


def alerts_at(receiver: VerifyingReceiver) -> list[Received]:
    """Every POST of an alert, also those that were refused."""
    return [one for one in receiver.deliveries if one.payload and one.payload["type"].startswith("newsmon.alert.")]


async def idle(settings: Settings) -> bool:
    """Whether everything on the topics has been read by who reads it."""
    prefix = settings.kafka.topic_prefix
    wanted = {"processor": (ARTICLES, MATCHES), "deliver": (ALERTS,), "store": (ARTICLES, ALERTS)}
    lags = await asyncio.to_thread(
        consumer_lag, settings, {group_id(settings, role): [topic.named(prefix) for topic in topics] for role, topics in wanted.items()}
    )
    return sum(one.lag for one in lags) == 0


def told(grouping: VerifyingReceiver) -> set[str]:
    """The alerts the receiver has accepted."""
    return {one.payload["data"]["alert_id"] for one in alerts_at(grouping) if one.accepted and one.payload}
