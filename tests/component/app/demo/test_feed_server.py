"""The feed server behaves like publishers do: validators, faults first, a move, and a second version later."""

from __future__ import annotations

import gzip
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPMessage
from typing import IO

import pytest

from newsmon.app.demo.recorded.catalogue import RecordedFeed, demo_directory, load_catalogue
from newsmon.app.demo.recorded.feed_server import FeedServer

CATALOGUE = load_catalogue(demo_directory())
FEED = {feed.id: feed for feed in CATALOGUE.feed}

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str) -> None:
        return None


OPENER = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def get(url: str, **headers: str) -> tuple[int, HTTPMessage, bytes]:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with OPENER.open(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer(CATALOGUE, now=datetime(2026, 11, 24, 3, 15, tzinfo=UTC), hang_s=0.2) as running:
        yield running


def versions(feed: RecordedFeed, now: datetime) -> tuple[bytes, bytes]:
    return CATALOGUE.body(feed, 1, now=now), CATALOGUE.body(feed, 2, now=now)


def test_the_second_version_comes_when_the_publisher_says_so(server: FeedServer) -> None:
    feed = FEED["northgate-journal"]
    first, second = versions(feed, datetime(2026, 11, 24, 3, 15, tzinfo=UTC))
    assert first != second
    assert [get(server.url(feed))[2] for _poll in range(2)] == [first, first]
    server.revise([feed.id])
    assert [get(server.url(feed))[2] for _poll in range(2)] == [second, second]


def test_an_unchanged_feed_answers_304_to_its_etag_and_counts_it(server: FeedServer) -> None:
    feed = FEED["tasman-post"]
    _status, headers, _body = get(server.url(feed))
    assert get(server.url(feed), If_None_Match=headers["ETag"])[0] == 304
    assert server.answers()["tasman-post"] == {"200": 1, "304": 1}


def test_a_changed_feed_answers_200_to_its_old_etag_and_304_to_the_new_one(server: FeedServer) -> None:
    feed = FEED["northgate-journal"]
    _status, headers, _body = get(server.url(feed))
    assert get(server.url(feed), If_None_Match=headers["ETag"])[0] == 304
    server.revise([feed.id])
    status, newer, _body = get(server.url(feed), If_None_Match=headers["ETag"])
    assert status == 200
    assert get(server.url(feed), If_None_Match=newer["ETag"])[0] == 304


def test_last_modified_alone_is_enough_for_304(server: FeedServer) -> None:
    feed = FEED["elbe-kurier"]
    _status, headers, _body = get(server.url(feed))
    assert headers["ETag"] is None
    server.revise([feed.id])
    assert get(server.url(feed), If_Modified_Since=headers["Last-Modified"])[0] == 200
    _status, headers, _body = get(server.url(feed))
    assert get(server.url(feed), If_Modified_Since=headers["Last-Modified"])[0] == 304


def test_a_feed_without_validators_always_answers_whole(server: FeedServer) -> None:
    feed = FEED["volnaya-lenta"]
    _status, headers, _body = get(server.url(feed))
    assert headers["ETag"] is None
    assert headers["Last-Modified"] is None
    assert get(server.url(feed), If_None_Match='"x"', If_Modified_Since="Tue, 24 Nov 2037 00:00:00 GMT")[0] == 200


@pytest.mark.parametrize(("feed_id", "status"), [("market-bell", 429), ("coastal-weather", 500), ("maple-dispatch", 504)])
def test_a_feed_in_trouble_fails_once_and_then_serves(server: FeedServer, feed_id: str, status: int) -> None:
    url = server.url(FEED[feed_id])
    first, headers, _body = get(url)
    assert first == status
    assert (headers["Retry-After"] is not None) is (status == 429)
    assert get(url)[0] == 200


def test_the_dead_feed_stays_dead(server: FeedServer) -> None:
    assert [get(server.url(FEED["old-gazette"]))[0] for _poll in range(3)] == [404, 404, 404]


def test_the_moved_feed_points_to_its_new_address(server: FeedServer) -> None:
    feed = FEED["potomac-ledger"]
    status, headers, _body = get(server.url(feed))
    assert status == 302
    assert headers["Location"] == feed.path


def test_the_compressed_feed_is_compressed_for_those_who_ask(server: FeedServer) -> None:
    feed = FEED["harbour-times"]
    plain = get(server.url(feed))[2]
    _status, headers, body = get(server.url(feed), Accept_Encoding="gzip")
    assert headers["Content-Encoding"] == "gzip"
    assert b"<rss" in gzip.decompress(body)
    assert plain.startswith(b"<?xml")


def test_an_unknown_address_is_404_and_concerns_no_feed(server: FeedServer) -> None:
    base = f"http://127.0.0.1:{server.port}"
    assert [get(base + path)[0] for path in ("/", "/nobody/feed.xml", "/tasman-post/old-address")] == [404, 404, 404]
    assert sum(sum(answers.values()) for answers in server.answers().values()) == 0


def test_the_port_is_free_again_after_the_server_stops() -> None:
    with FeedServer(CATALOGUE, now=datetime(2026, 11, 24, tzinfo=UTC), hang_s=0.2) as running:
        port = running.port
    with pytest.raises(urllib.error.URLError):
        OPENER.open(f"http://127.0.0.1:{port}/tasman-post/feed.json", timeout=2)
