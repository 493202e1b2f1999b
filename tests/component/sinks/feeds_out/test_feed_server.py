"""Alerts as RSS, Atom and JSON Feed: read back by a feed reader's parser, with validators that hold, for those who ask politely and not."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import aiohttp
import feedparser
import msgspec
import pytest
from sqlalchemy import Engine
from support.alerts import alert, wide_alert
from support.ipv6 import needs_ipv6
from support.samples import NOON

from newsmon.net.monitoring import Health
from newsmon.records import Alert, AlertState, Origin
from newsmon.settings import FeedsOutSettings, Settings
from newsmon.topics import ALERTS
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.engine import create_engine_for, writing
from sinks.database.tables import metadata
from sinks.feeds_out.server import AT_ONCE, AlertFeedServer
from sinks.store.service import _alert_feeds as store_feeds
from sinks.store.service import writer

THEMES = ("ukraine-peacekeeping", "us-trade")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, feeds_out=FeedsOutSettings(port=0, entries=5))


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = create_engine_for(settings)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def store(settings: Settings, engine: Engine, *alerts: Alert) -> None:
    with writing(engine) as connection:
        writer(settings)(
            connection, [KafkaRecord(ALERTS, "news.alerts", 0, number, None, b"", record=one) for number, one in enumerate(alerts)]
        )


@contextmanager
def serving(settings: Settings, engine: Engine) -> Iterator[AlertFeedServer]:
    with AlertFeedServer(settings.feeds_out, engine, THEMES) as server:
        yield server


async def get(server: AlertFeedServer, path: str, method: str = "GET", **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, path if "://" in path else f"http://127.0.0.1:{server.port}{path}", headers=headers) as answer,
    ):
        return answer.status, answer.headers, await answer.read()


@needs_ipv6
async def test_feeds_are_served_on_ipv6_and_name_themselves_so_that_readers_find_them(settings: Settings, engine: Engine) -> None:
    store(settings, engine, alert(1))
    with serving(settings.model_copy(update={"feeds_out": FeedsOutSettings(bind="::1", port=0)}), engine) as server:
        assert server.url == f"http://[::1]:{server.port}"
        listed = (await get(server, f"{server.url}/feeds"))[2].decode().split()
        assert {one.rpartition("/")[0] for one in listed} == {f"{server.url}/feeds"}
        status, _headers, body = await get(server, next(one for one in listed if one.endswith("/alerts.json")))
    said = json.loads(body)
    assert (status, said["feed_url"], [one["title"] for one in said["items"]]) == (200, f"{server.url}/feeds/alerts.json", ["alert 1"])


@pytest.mark.parametrize("form", ["rss", "atom"])
async def test_a_feed_reader_finds_each_alert_once_at_its_newest_the_latest_first(settings: Settings, engine: Engine, form: str) -> None:
    odd = "R&D <b>“costs”</b> — Київ 🇺🇦 \x0b]]>"
    store(
        settings, engine, alert(1), alert(1, revision=2, title=odd, raised_at=NOON + timedelta(hours=1), state=AlertState.UPDATED),
        alert(2, theme_id="us-trade", raised_at=NOON + timedelta(minutes=30)), alert(3, origin=Origin.BACKFILL),
    )  # fmt: skip
    with serving(settings, engine) as server:
        status, headers, body = await get(server, f"/feeds/alerts.{form}")
        assert status == 200
        parsed = feedparser.parse(body, response_headers={"content-type": headers["Content-Type"]}, sanitize_html=False)
        assert not parsed.bozo, parsed.get("bozo_exception")
        assert parsed.version == {"rss": "rss20", "atom": "atom10"}[form]
        first, second = parsed.entries
        assert first.id == f"urn:newsmon:alert:{alert(1).alert_id}"
        shown = next(one for one in ET.fromstring(body).iter() if one.tag.endswith("title") and "R&D" in (one.text or ""))
        assert (shown.text or "").replace("\u200b", "") == odd.replace("\x0b", "\ufffd") + " (updated)"
        assert ("<b>" in (shown.text or "")) is (form == "atom")  # RSS readers may take a title for HTML; Atom says that it is none
        assert first.link == "https://wire.example/1"
        assert second.title == "alert 2"
        assert datetime(*first.updated_parsed[:6], tzinfo=UTC) == NOON + timedelta(hours=1) if form == "atom" else first.published_parsed
        said = first.content[0].value if form == "atom" else first.summary
        assert "https://wire.example/1" in said
        assert "Why: " in said
        _status, _headers, body = await get(server, f"/feeds/us-trade.{form}")
        assert [one.title for one in feedparser.parse(body).entries] == ["alert 2"]


async def test_words_of_feeds_are_no_markup_to_a_feed_reader(settings: Settings, engine: Engine) -> None:
    """RSS readers show the description, and many the title, as HTML: what an alert says stays words there too."""
    words = "<img src=https://track.example/p.png> <a href='https://evil.example'>BBC</a> &lt;i&gt; <!-- x --> R&D"
    store(settings, engine, alert(1, title=words, lead=words))
    with serving(settings, engine) as server:
        _status, _headers, body = await get(server, "/feeds/alerts.rss")
    item = next(ET.fromstring(body).iter("item"))
    seen = {name: Shown(item.findtext(name) or "") for name in ("title", "description")}
    assert [shown.tags - {"br"} for shown in seen.values()] == [set(), set()]
    assert seen["description"].text.startswith(f"{words}\n")
    assert "R&D" in seen["title"].text
    assert seen["title"].text.count("track.example") == 1


class Shown(HTMLParser):
    """What a reader that takes the text for HTML shows of it."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, _attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


async def test_the_json_feed_says_the_same(settings: Settings, engine: Engine) -> None:
    store(settings, engine, *(alert(number, raised_at=NOON + timedelta(minutes=number)) for number in range(9)))
    with serving(settings, engine) as server:
        _status, headers, body = await get(server, "/feeds/alerts.json")
    feed = json.loads(body)
    assert headers["Content-Type"].startswith("application/feed+json")
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["title"] for item in feed["items"]] == [f"alert {number}" for number in (8, 7, 6, 5, 4)]  # entries = 5
    assert all(item["id"] and item["content_text"] and item["date_published"] for item in feed["items"])


async def test_who_has_the_newest_is_told_so_and_news_change_the_validators(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sinks.feeds_out.server.FRESH_S", 0.0)
    store(settings, engine, alert(1))
    with serving(settings, engine) as server:
        _status, headers, _body = await get(server, "/feeds/alerts.atom")
        tag, date = headers["ETag"], headers["Last-Modified"]
        for given in ({"If-None-Match": tag}, {"If-None-Match": f'"other", W/{tag}'}, {"If-None-Match": "*"}, {"If-Modified-Since": date}):
            status, again, body = await get(server, "/feeds/alerts.atom", **given)
            assert (status, body, again["ETag"]) == (304, b"", tag)
        for given in (
            {"If-None-Match": '"other"', "If-Modified-Since": date},
            {"If-Modified-Since": "yesterday"},
            {"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"},
        ):
            assert (await get(server, "/feeds/alerts.atom", **given))[0] == 200
        store(settings, engine, alert(2, raised_at=NOON + timedelta(hours=1)))
        status, headers, _body = await get(server, "/feeds/alerts.atom", **{"If-None-Match": tag})
        assert status == 200
        assert headers["ETag"] != tag
        status, _headers, body = await get(server, "/feeds/alerts.atom", method="HEAD")
        assert (status, body) == (200, b"")


async def test_an_empty_feed_is_a_feed_and_an_unknown_one_is_not(settings: Settings, engine: Engine) -> None:
    with serving(settings, engine) as server:
        for name in ("alerts", *THEMES):
            for form in ("rss", "atom"):
                parsed = feedparser.parse((await get(server, f"/feeds/{name}.{form}"))[2])
                assert not parsed.bozo
                assert parsed.entries == []
        for path in (
            "/feeds/other.rss",
            "/feeds/alerts.exe",
            "/feeds/alerts",
            "/metrics",
            "/feeds/../alerts.rss",
            "/feeds/us-trade' OR 1=1.rss",
        ):
            assert (await get(server, path))[0] == 404
        listing = (await get(server, "/feeds"))[2].decode()
    assert f"http://127.0.0.1:{server.port}/feeds/us-trade.json\n" in listing


async def test_a_feed_of_the_longest_alerts_stays_bounded_and_whole(settings: Settings, engine: Engine) -> None:
    wide = wide_alert(40)
    store(settings, engine, wide)
    with serving(settings, engine) as server:
        body = (await get(server, "/feeds/alerts.rss"))[2]
    [entry] = feedparser.parse(body, sanitize_html=False).entries
    assert all((one.url or "") in entry.summary for one in wide.articles)


async def test_more_at_once_than_there_are_places_are_asked_to_come_again(settings: Settings, engine: Engine) -> None:
    with serving(settings, engine) as server:
        for _ in range(AT_ONCE):
            assert server.slots.acquire(blocking=False)
        status, headers, _body = await get(server, "/feeds/alerts.rss")
        assert (status, headers["Retry-After"]) == (503, "5")
        for _ in range(AT_ONCE):
            server.slots.release()
        assert (await get(server, "/feeds/alerts.rss"))[0] == 200


async def test_those_who_say_nothing_hold_up_nobody(settings: Settings, engine: Engine) -> None:
    with serving(settings, engine) as server:
        silent = [socket.create_connection(("127.0.0.1", server.port), timeout=60) for _ in range(30)]
        try:
            assert (await get(server, "/feeds/alerts.rss"))[0] == 200
        finally:
            for one in silent:
                one.close()
    assert threading.active_count() < 200


def test_a_proxy_in_front_gives_the_addresses_readers_see(settings: Settings, engine: Engine) -> None:
    behind = settings.feeds_out.model_copy(update={"public_url": "https://news.example/"})
    with AlertFeedServer(behind, engine, THEMES) as server:
        assert server.listing().decode().startswith("https://news.example/feeds/alerts.rss\n")


def test_the_store_serves_feeds_where_a_port_is_set_and_not_otherwise(settings: Settings, engine: Engine) -> None:
    with store_feeds(settings, engine, Health("store")) as served:
        assert isinstance(served, AlertFeedServer)
        assert f"{served.url}/feeds/us-trade.rss" in served.listing().decode()  # the shipped themes' own
    with store_feeds(settings.model_copy(update={"feeds_out": FeedsOutSettings()}), engine, Health("store")) as served:
        assert served is None


async def test_the_end_of_a_story_is_told_in_the_entry_of_the_event_that_its_alert_told_first(settings: Settings, engine: Engine) -> None:
    """A story that was split off keeps the events it got, so none of them has the story's own name."""
    opened = alert(1)
    assert opened.event is not None
    opened = msgspec.structs.replace(opened, event=msgspec.structs.replace(opened.event, event_id="e_of_another_story"))
    store(settings, engine, opened, alert(1, revision=2, state=AlertState.CLOSED))
    with serving(settings, engine) as server:
        items = json.loads((await get(server, "/feeds/alerts.json"))[2])["items"]
    assert [(one["id"], one["title"]) for one in items] == [(f"urn:newsmon:alert:{opened.alert_id}", "alert 1 (closed)")]
