"""Alerts as feeds, served by a running store process: what comes in by Kafka is read back by a feed reader."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import aiohttp
import feedparser
import pytest
from sqlalchemy import Engine
from support.alerts import alert
from support.delivering import soon, write_settings
from support.samples import NOON
from support.stages import stage
from support.storing import caught_up, publish, with_database

from newsmon.records import AlertReason, AlertState, Origin
from newsmon.settings import FeedsOutSettings, Settings
from newsmon.topics import ALERTS


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def settings(kafka_settings: Settings, database_url: str) -> Settings:
    return with_database(kafka_settings, database_url).model_copy(update={"feeds_out": FeedsOutSettings(port=free_port())})


async def test_a_store_process_serves_what_it_stores_to_feed_readers(settings: Settings, engine: Engine, tmp_path: Path) -> None:
    publish(settings, {ALERTS: [alert(1), alert(2, theme_id="us-trade", title="Tariffs & <ties>"), alert(3, origin=Origin.BACKFILL)]})
    with stage("store", write_settings(tmp_path, settings)):
        async with aiohttp.ClientSession(f"http://127.0.0.1:{settings.feeds_out.port}") as reader:

            async def get(path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
                async with reader.get(path, headers=headers) as answer:
                    return answer.status, answer.headers, await answer.read()

            await soon(lambda: caught_up(settings, engine), "everything stored", within_s=120)
            await asyncio.sleep(2.5)  # a feed made before that is no longer given out
            validators = {}
            for form, version in (("rss", "rss20"), ("atom", "atom10")):
                status, headers, body = await get(f"/feeds/alerts.{form}")
                assert status == 200
                whole = feedparser.parse(body, response_headers={"content-type": headers["Content-Type"]}, sanitize_html=False)
                assert (whole.bozo, whole.version) == (False, version)
                titles = {"alert 1", read_as("Tariffs & <ties>", form)}
                assert {entry.title for entry in whole.entries} == titles
                assert all(entry.link == "https://wire.example/1" for entry in whole.entries)
                of_theme = feedparser.parse((await get(f"/feeds/us-trade.{form}"))[2], sanitize_html=False)
                assert [(entry.id, entry.title) for entry in of_theme.entries] == [
                    (f"urn:newsmon:alert:{alert(2, theme_id='us-trade').alert_id}", read_as("Tariffs & <ties>", form))
                ]
                validators[form] = headers["ETag"]
                for given in ({"If-None-Match": headers["ETag"]}, {"If-Modified-Since": headers["Last-Modified"]}):
                    status, again, body = await get(f"/feeds/alerts.{form}", **given)
                    assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])
            feed = json.loads((await get("/feeds/us-trade.json"))[2])
            assert [item["title"] for item in feed["items"]] == ["Tariffs & <ties>"]
            later = {"raised_at": NOON + timedelta(hours=1), "state": AlertState.UPDATED, "reason": AlertReason.MORE_SOURCES}
            await asyncio.to_thread(publish, settings, {ALERTS: [alert(1, revision=2, title="alert 1 again", **later)]})
            await soon(lambda: caught_up(settings, engine), "the update stored", within_s=120)
            await asyncio.sleep(2.5)
            for form, tag in validators.items():
                status, headers, body = await get(f"/feeds/alerts.{form}", **{"If-None-Match": tag})
                assert status == 200
                assert headers["ETag"] != tag
                assert feedparser.parse(body, sanitize_html=False).entries[0].title == "alert 1 again (updated)"


def read_as(title: str, form: str) -> str:
    """The title as a reader of that form shows it: RSS readers take titles for HTML, so a tag in it is broken by a mark nobody sees."""
    return title.replace("<", "<\u200b") if form == "rss" else title
