"""From the link in a message to the acknowledgement: by a button, not by looking; once; for what was told; and not for just anybody."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
import pytest
from sqlalchemy import Engine, event, select
from support.alerts import SAMPLE, alert
from support.delivering import fill, outbox_rows
from support.ipv6 import needs_ipv6
from support.receivers import receiver_settings

from newsmon.errors import SettingsError
from newsmon.metrics import REGISTRY, AckAnswer
from newsmon.net.monitoring import Health
from newsmon.records import Alert, AlertReason, AlertState, Severity, ThemeScore
from newsmon.settings import AckSettings
from sinks.acks.rows import acknowledge, message_of
from sinks.acks.server import AT_ONCE, MOST_BODY_BYTES, AckServer
from sinks.database.engine import reading, writing
from sinks.database.outbox_tables import acknowledgements
from sinks.message.ack_links import AckLinks
from sinks.message.chat_text import chat_message
from sinks.message.signature import Secret
from sinks.message.webhook_formats import in_format
from sinks.outbox.escalate import escalate_due
from sinks.outbox.release import release_due

LINKS = AckLinks("https://news.example", (Secret(b"twenty-four bytes, no less"),), timedelta(days=7))
PAGER = receiver_settings("pager", "http://127.0.0.1:1/", min_severity="flash")
DESK = receiver_settings("desk", "http://127.0.0.1:1/", escalate_to="pager", escalate_after_s=60)
RECEIVERS = {"desk": DESK, "pager": PAGER}
LATER = timedelta(hours=1)


@pytest.fixture
def server(engine: Engine) -> Iterator[AckServer]:
    settings = AckSettings(public_url="https://news.example", port=0, secret_env="UNUSED")
    with AckServer(settings, LINKS, engine) as server:
        yield server


def count(answer: AckAnswer) -> float:
    return REGISTRY.get_sample_value("newsmon_ack_requests_total", {"answer": answer.value}) or 0.0


async def ask(
    server: AckServer, link: str, method: str = "GET", data: bytes | None = None, headers: Mapping[str, str] | None = None, *,
    host: str = "127.0.0.1",
) -> tuple[int, Mapping[str, str], str]:  # fmt: skip
    """The link as somebody behind the proxy follows it."""
    url = f"http://{host}:{server.port}{urlsplit(link).path}"
    async with aiohttp.ClientSession() as session, session.request(method, url, data=data, headers=headers) as answer:
        return answer.status, answer.headers, await answer.text()


def link_in(payload: bytes) -> str:
    link = json.loads(payload)["data"]["links"]["ack"]
    assert isinstance(link, str)
    return link


def seen(engine: Engine) -> dict[str, tuple[int, str]]:
    with reading(engine) as connection:
        return {row.alert_id: (row.revision, row.author) for row in connection.execute(select(acknowledgements))}


def urgent(number: int = 1, **changes: object) -> Alert:
    return alert(number, severity=Severity.URGENT, **changes)


@needs_ipv6
async def test_links_are_served_on_ipv6(engine: Engine) -> None:
    fill(engine, [urgent()], [DESK], links=LINKS)
    [row] = outbox_rows(engine)
    settings = AckSettings(public_url="https://news.example", bind="::1", port=0, secret_env="UNUSED")
    with AckServer(settings, LINKS, engine) as server:
        for method, found in (("GET", {}), ("POST", {alert(1).alert_id: (1, "desk")})):
            assert (await ask(server, link_in(row.payload), method, host="[::1]"))[0] == 200
            assert seen(engine) == found
        waiting = Health("deliver")
        with AckServer(settings.model_copy(update={"port": server.port}), LINKS, engine, waiting):
            assert "another program listens on [::1]:" in waiting.unready_because()["ack.port"]
        with pytest.raises(SettingsError, match=r"settings:ack\.port: cannot listen on no such host:"):
            AckServer(settings.model_copy(update={"bind": "no such host"}), LINKS, engine)


async def test_looking_acknowledges_nothing_the_button_does_and_nobody_else_is_told(engine: Engine, server: AckServer) -> None:
    fill(engine, [urgent(1, title="Tariffs <b>up</b>"), urgent(2)], [DESK, PAGER], links=LINKS)
    link = link_in(next(row.payload for row in outbox_rows(engine) if row.alert_id == alert(1).alert_id and row.receiver == "desk"))
    for method in ("GET", "HEAD", "GET"):
        status, headers, page = await ask(server, link, method)
        assert status == 200
        assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")
        assert "form-action 'self'" in headers["Content-Security-Policy"]
    assert "Tariffs &lt;b&gt;up&lt;/b&gt;" in page
    assert '<form method="post">' in page
    assert seen(engine) == {}
    before = count(AckAnswer.ACKNOWLEDGED), count(AckAnswer.REPEATED)
    for _ in range(3):
        assert (await ask(server, link, "POST", b""))[0] == 200
    assert (count(AckAnswer.ACKNOWLEDGED), count(AckAnswer.REPEATED)) == (before[0] + 1, before[1] + 2)
    assert seen(engine) == {alert(1).alert_id: (1, "desk")}
    page = (await ask(server, link))[2]
    assert "seen by desk" in page
    assert "<form" not in page
    with writing(engine) as connection:
        assert escalate_due(connection, RECEIVERS, now=datetime.now(UTC) + LATER, links=LINKS) == 1
    [told] = [row for row in outbox_rows(engine) if row.kind == "escalation"]
    assert told.alert_id == alert(2).alert_id  # the other one: nobody said to have seen it
    own = link_in(told.payload)
    assert LINKS.delivery_of(own.rpartition("/")[2], now=datetime.now(UTC)) == told.delivery_id
    assert (await ask(server, own, "POST"))[0] == 200
    assert seen(engine)[alert(2).alert_id] == (1, "pager")


async def test_a_link_speaks_for_what_its_message_told_and_a_later_revision_is_news(engine: Engine, server: AckServer) -> None:
    fill(engine, [urgent(1), urgent(1, revision=2, state=AlertState.UPDATED, reason=AlertReason.MORE_SOURCES)], [DESK], links=LINKS)
    first, second = (link_in(row.payload) for row in outbox_rows(engine))
    await ask(server, first, "POST")
    assert seen(engine) == {alert(1).alert_id: (1, "desk")}
    with writing(engine) as connection:
        assert escalate_due(connection, RECEIVERS, now=datetime.now(UTC) + LATER) == 1  # revision 2 nobody has seen
    await ask(server, second, "POST")
    await ask(server, first, "POST")
    assert seen(engine) == {alert(1).alert_id: (2, "desk")}
    with writing(engine) as connection:
        acknowledge(connection, alert(1).alert_id, author="ann", comment="on it", now=datetime.now(UTC))
    await ask(server, second, "POST")
    assert seen(engine) == {alert(1).alert_id: (2, "ann")}


def of_themes(*themes: str) -> list[Alert]:
    cause = msgspec.structs.replace(SAMPLE.articles[0], revision_id="r_1")
    others = {theme: tuple(ThemeScore(theme_id=one, score=2.0, threshold=1.0) for one in themes if one != theme) for theme in themes}
    return [urgent(1, theme_id=theme, articles=(cause,), also_matched=others[theme]) for theme in themes]


async def test_one_link_acknowledges_every_theme_of_its_message_and_a_digest_all_it_holds(engine: Engine, server: AckServer) -> None:
    fill(engine, of_themes("us-trade", "defence-spending"), [DESK], links=LINKS)
    reader = receiver_settings("reader", "http://127.0.0.1:1/", digest="daily")
    fill(engine, [urgent(number) for number in (5, 6, 7)], [reader], links=LINKS)
    with writing(engine) as connection:
        assert release_due(connection, "desk", now=datetime.now(UTC) + LATER, links=LINKS) == 1
        assert release_due(connection, "reader", now=datetime.now(UTC) + timedelta(days=2), links=LINKS) == 1
    [carrier] = [row for row in outbox_rows(engine) if row.receiver == "desk" and row.carried_by is None]
    await ask(server, link_in(carrier.payload), "POST")
    assert set(seen(engine).values()) == {(1, "desk")}
    assert len(seen(engine)) == 2
    [digest] = [row for row in outbox_rows(engine) if row.kind == "digest"]
    page = (await ask(server, json.loads(digest.payload)["data"]["ack"], "POST"))[2]
    assert page.count("<li>") == 3
    assert {alert(number).alert_id for number in (5, 6, 7)} <= set(seen(engine))


async def test_forged_expired_and_unknown_links_do_nothing_and_are_counted(engine: Engine, server: AckServer) -> None:
    fill(engine, [urgent(1)], [DESK], links=LINKS)
    [row] = outbox_rows(engine)
    good, now = link_in(row.payload), datetime.now(UTC)
    foreign = AckLinks("https://news.example", (Secret(b"another key of enough bytes"),), timedelta(days=7)).link(row.delivery_id, now=now)
    cases = (
        (good[:-1] + ("a" if good[-1] != "a" else "b"), 403, AckAnswer.FORGED),
        (foreign, 403, AckAnswer.FORGED),
        (LINKS.link(row.delivery_id, now=now - timedelta(days=8)), 410, AckAnswer.EXPIRED),
        (LINKS.link("msg_unknown", now=now), 410, AckAnswer.UNKNOWN),
        ("https://news.example/metrics", 404, AckAnswer.NO_SUCH_PAGE),
        ("https://news.example/ack", 404, AckAnswer.NO_SUCH_PAGE),
    )
    for link, expected, answer in cases:
        for method in ("GET", "POST"):
            before = count(answer)
            assert (await ask(server, link, method))[0] == expected, (link, method)
            assert count(answer) == before + 1
    assert seen(engine) == {}


async def test_bodies_are_bounded_and_crowds_are_asked_to_come_again(engine: Engine, server: AckServer) -> None:
    fill(engine, [urgent(1)], [DESK], links=LINKS)
    link = link_in(outbox_rows(engine)[0].payload)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"POST {urlsplit(link).path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n".encode())
    assert b" 413 " in await reader.readline()  # said before anything of it was read
    writer.close()
    assert (await ask(server, link, "POST", b"x" * (MOST_BODY_BYTES + 1)))[0] == 413
    assert (await ask(server, link, "POST", headers={"Transfer-Encoding": "chunked"}))[0] == 413
    for _ in range(AT_ONCE):
        assert server.slots.acquire(blocking=False)
    status, headers, _page = await ask(server, link, "POST")
    assert (status, headers["Retry-After"]) == (503, "30")
    for _ in range(AT_ONCE):
        server.slots.release()
    assert seen(engine) == {}
    assert (await ask(server, link, "POST", b"x" * MOST_BODY_BYTES))[0] == 200
    assert len(seen(engine)) == 1


async def test_no_log_line_holds_a_link(
    engine: Engine, server: AckServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    fill(engine, [urgent(1)], [DESK], links=LINKS)
    link = link_in(outbox_rows(engine)[0].payload)
    for method in ("GET", "POST", "PUT"):
        await ask(server, link, method)
    said = caplog.text + "".join(capfd.readouterr())
    assert "alert.acknowledged" in said
    assert link.rpartition(".")[2] not in said


def test_every_form_of_the_message_has_the_link_and_a_closed_alert_none(engine: Engine) -> None:
    desk = receiver_settings("desk", "http://127.0.0.1:1/", notify_closed=True)
    fill(engine, [urgent(1)], [desk], links=LINKS)
    payload = outbox_rows(engine)[0].payload
    link = link_in(payload)
    assert f"Acknowledge:\n{link}\n" in chat_message(payload).text
    cloud = json.loads(in_format("cloudevents", payload, webhook_id="msg_1", receiver="desk")[0])
    manager = json.loads(in_format("alertmanager", payload, webhook_id="msg_1", receiver="desk")[0])
    assert cloud["data"]["links"]["ack"] == link
    assert manager["alerts"][0]["annotations"]["acknowledge"] == link
    fill(engine, [urgent(1, revision=2, state=AlertState.CLOSED, reason=AlertReason.STORY_CLOSED)], [desk], links=LINKS)
    assert json.loads(outbox_rows(engine)[1].payload)["data"]["links"]["ack"] is None


def test_a_message_is_found_without_reading_through_the_outbox(engine: Engine) -> None:
    fill(engine, [urgent(1)], [DESK])
    delivery_id = outbox_rows(engine)[0].delivery_id
    plans: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def explain(connection: Any, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool) -> None:
        if statement.startswith("SELECT"):
            raw = connection.connection.driver_connection
            plans.extend(str(row[3]) for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())

    with reading(engine) as connection:
        assert message_of(connection, delivery_id) is not None
    assert any("SEARCH outbox" in plan for plan in plans)
    assert any("SEARCH acknowledgements" in plan for plan in plans)
    assert [plan for plan in plans if plan.startswith("SCAN")] == []
