"""The campaign's outlet and desks over real sockets: what they count as served, verified and accepted."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook
from support.campaign.desks import Desk, DeskMode
from support.campaign.items import item
from support.campaign.oracle import Stored
from support.campaign.outlet import WINDOW, FeedMode, Outlet
from support.campaign.stores import SqliteStore, stored_items

WITHIN_S = 20


def got(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=WITHIN_S) as answer:
        return bytes(answer.read())


def post(desk: Desk, body: str, *, secret: str, webhook_id: str = "msg_1") -> int:
    now = datetime.now(UTC)
    headers = {
        "webhook-id": webhook_id, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": Webhook(secret).sign(webhook_id, now, body),
    }  # fmt: skip
    request = urllib.request.Request(desk.url, body.encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def alert_about(number: int) -> str:
    return json.dumps({"type": "newsmon.alert.opened", "data": {"articles": [{"url": item(1, number).link}]}})


def test_an_item_counts_as_served_once_a_whole_feed_with_it_was_sent() -> None:
    with Outlet(["one"]) as outlet:
        outlet.add(item(1, 1))
        for mode in (FeedMode.ERROR, FeedMode.THROTTLED):
            outlet.behave("one", mode)
            with pytest.raises(urllib.error.HTTPError):
                got(outlet.url("one"))
        outlet.behave("one", FeedMode.GARBAGE)
        got(outlet.url("one"))
        outlet.behave("one", FeedMode.TRUNCATED)
        with pytest.raises(Exception, match="IncompleteRead"):
            got(outlet.url("one"))
        assert outlet.served() == {}
        outlet.behave("one", FeedMode.WELL)
        assert item(1, 1).link.encode() in got(outlet.url("one"))
        deadline_s = time.monotonic() + 30
        while not outlet.served() and time.monotonic() < deadline_s:  # noted once it was sent, which we may see first
            time.sleep(0.01)
        assert outlet.served().keys() == {1}


def test_a_feed_shows_its_newest_items() -> None:
    with Outlet(["one"]) as outlet:
        for number in range(1, WINDOW + 2):
            outlet.add(item(1, number))
        body = got(outlet.url("one")).decode()
    assert f"<link>{item(1, 1).link}</link>" not in body
    assert f"<link>{item(1, WINDOW + 1).link}</link>" in body


def test_a_desk_accepts_what_its_own_secret_signed_and_remembers_the_items() -> None:
    with Desk("north") as desk:
        assert post(desk, alert_about(4), secret=desk.secret) == 204
        (arrival,) = desk.seen()
    assert (arrival.verified, arrival.accepted, arrival.numbers, arrival.webhook_id) == (True, True, (4,), "msg_1")


def test_a_desk_says_when_another_secret_signed() -> None:
    with Desk("north") as desk, Desk("east") as other:
        post(desk, alert_about(4), secret=other.secret)
        (arrival,) = desk.seen()
    assert (arrival.verified, arrival.accepted) == (False, False)


def test_a_desk_that_fails_accepts_nothing_and_one_that_refuses_comes_back_on_its_address() -> None:
    with Desk("north") as desk:
        desk.behave(DeskMode.ERROR)
        assert post(desk, alert_about(4), secret=desk.secret) == 500
        desk.behave(DeskMode.REFUSED)
        with pytest.raises(urllib.error.URLError):
            post(desk, alert_about(4), secret=desk.secret)
        desk.behave(DeskMode.WELL)
        assert post(desk, alert_about(4), secret=desk.secret) == 204
        assert [one.accepted for one in desk.seen()] == [False, True]


def test_what_the_database_holds_of_each_item_is_read_by_its_address(tmp_path: Path) -> None:
    file = tmp_path / "newsmon.db"
    connection = sqlite3.connect(file)
    connection.executescript(
        f"""
        CREATE TABLE sightings (article_id, url); CREATE TABLE classifications (article_id, matched_theme_ids);
        CREATE TABLE matches (article_id, theme_id); CREATE TABLE members (article_id, alert_decision);
        INSERT INTO sightings VALUES ('a', '{item(1, 4).link}'), ('b', '{item(1, 5).link}'), ('c', '{item(1, 6).link}');
        INSERT INTO classifications VALUES ('a', '["zandor"]'), ('b', '[]');
        INSERT INTO matches VALUES ('a', 'zandor'); INSERT INTO members VALUES ('a', 'open');
        """
    )
    connection.close()
    zandor = frozenset({"zandor"})
    assert stored_items(SqliteStore(file)) == {4: Stored(zandor, zandor, ("open",)), 5: Stored(frozenset()), 6: Stored(None)}
