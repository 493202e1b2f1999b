"""What `newsmon feeds list` and `newsmon feeds explain` say about a feed's links and guids."""

from __future__ import annotations

import msgspec
from support.drafts import FEED, NOW
from support.model_feed import Item, poll

from newsmon.app.cli.feeds.explain import explanation
from newsmon.app.cli.feeds.feeds import _line, as_object
from newsmon.records import FeedState, LinkHabits
from newsmon.settings import ProducerSettings
from producers.health.feed_health import health_of
from producers.identity.habits import what_changes


def after(*polls: list[Item]) -> FeedState:
    state: FeedState | None = None
    for shown in polls:
        _found, state = poll(shown, state)
    assert state is not None
    return state


def explained(state: FeedState) -> str:
    return "\n".join(explanation(FEED, state, ProducerSettings(), 1.0, now=NOW))


def item(number: int, **more: str) -> Item:
    return {
        "title": f"Report {number}",
        "description": f"Words {number}.",
        "link": f"https://a.example/{number}",
        "guid": f"g{number}",
    } | more


def test_a_feed_that_changes_links_or_guids_is_named() -> None:
    guids = after(*([item(n, guid=f"{p}-{n}") for n in range(3)] for p in range(4)))
    links = after(*([item(n, link=f"https://a.example/{p}/{n}") for n in range(3)] for p in range(4)))
    both = after(*([item(n, link=f"https://a.example/{p}/{n}", guid=f"{p}-{n}") for n in range(3)] for p in range(4)))
    assert [what_changes(one.links) for one in (guids, links, both)] == ["guids", "links", "links and guids"]
    for one in (guids, links, both):
        assert f"changing     its {what_changes(one.links)} change from poll to poll" in explained(one)
        health = health_of(one, now=NOW)
        assert _line(FEED, one, health, NOW, 10).endswith(f"its {what_changes(one.links)} change from poll to poll")
        assert f"its {what_changes(one.links)} change from poll to poll" in as_object(FEED, one, health, now=NOW)["remarks"]


def test_a_feed_that_behaves_is_not_remarked_on() -> None:
    state = after([item(1)], [item(1), item(2)], [item(2), item(3)])
    assert what_changes(state.links) == ""
    assert not any(word in explained(state) for word in ("changing ", "shared links", "guids  ", "tracking ", "host  "))


def test_what_tells_no_entries_apart_is_explained() -> None:
    shared = explained(after([item(n, link="https://a.example/press") for n in range(3)]))
    assert "shared links 1 address with several entries, last https://a.example/press: there the guid or fragment" in shared
    assert "guids tell nothing" in explained(after([item(n, link="", guid="always") for n in range(3)]))
    decorated = explained(after([item(n, link=f"https://a.example/{n}?at_campaign=64") for n in range(3)]))
    assert "tracking     at_campaign=64: does not tell its entries apart" in decorated


def test_a_host_that_stands_for_another_is_explained() -> None:
    state = after([item(1)])
    learned = LinkHabits(hosts=(("m.a.example", "www.a.example"),))
    assert "host         m.a.example is www.a.example" in explained(msgspec.structs.replace(state, links=learned))
