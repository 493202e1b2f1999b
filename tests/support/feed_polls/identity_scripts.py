"""Feeds that change their mind about links, guids and titles from poll to poll."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from support.feed_polls.script import SITE, Item, Script, feed, stories, story


def identity_scripts(now: datetime) -> Iterator[Script]:
    yield from _links(now)
    yield from _parameters(now)
    yield from _guids(now)
    yield from _titles(now)


def _links(now: datetime) -> Iterator[Script]:
    press = [story(n, now, link=f"{SITE}/press", guid=f"pr-{n}") for n in range(1, 5)]
    yield Script(name="one-entry-then-a-shared-link", polls=[feed(press[:1]), feed(press[:2]), feed(press), feed(press)], article_count=4)
    yield Script(
        name="one-entry-at-a-time-at-one-link", polls=[*(feed([one]) for one in press), feed(press[3:]), feed(press[:1])], article_count=4,
    )  # fmt: skip
    twenty = stories(range(1, 21), now)
    again = replace(twenty[4], guid="quay-5-again")
    yield Script(
        name="one-pair-of-equal-links", polls=[feed(twenty), feed([again, *twenty]), feed([again, *twenty]), feed(twenty)],
        article_count=20, rejected={"duplicate_entry": 1},
    )  # fmt: skip
    spelt = [story(n, now, link=f"http://quay.example/n/{n}") for n in range(1, 13)]
    polls = [spelt, spelt, *[[replace(one, link=f"https://www.quay.example/n/{n}") for n, one in enumerate(spelt, start=1)]] * 2]
    yield Script(name="https-and-www-for-all-at-once", polls=[feed(one) for one in polls], article_count=12)
    slash = [[replace(one, link=f"{one.link}{'/' * (poll % 2)}") for one in stories(range(1, 5), now)] for poll in range(5)]
    yield Script(name="a-slash-that-comes-and-goes", polls=[feed(one) for one in slash], article_count=4)
    ticker = [
        Item(f"Storm ticker, {hour}:00", f"{SITE}/ticker", f"At {hour}:00 the water stands at {hour * 7} cm.", "ticker", now)
        for hour in (7, 8, 9)
    ]
    yield Script(name="a-ticker-under-one-guid", polls=[feed([one]) for one in ticker], article_count=1, revised_count=2)


def _parameters(now: datetime) -> Iterator[Script]:
    for name, way in {
        "ref-is-another-word-each-poll": lambda n, poll: f"{SITE}/{n}?ref={('rss', 'feed2', 'app')[poll % 3]}",
        "campaign-id-is-another-each-poll": lambda n, poll: f"{SITE}/{n}?campaign_id={poll * 7 + 40}",
        "campaign-id-is-another-for-each": lambda n, poll: f"{SITE}/{n}?campaign_id={poll * 7 + n}",
        "utm-content-is-another-for-each": lambda n, poll: f"{SITE}/{n}?utm_content={poll * 7 + n}&utm_source=rss",
    }.items():
        polls = [feed([story(n, now, link=way(n, poll)) for n in range(1, 7)]) for poll in range(5)]
        links = frozenset(way(n, 0) for n in range(1, 7))
        yield Script(name=name, polls=polls, article_count=6, urls=links)
    documents = [story(n, now, link=f"{SITE}/doc.php?ref=ST-{n}") for n in range(1, 4)]
    yield Script(
        name="ref-names-the-document-from-the-second-poll", polls=[feed(documents[:1]), feed(documents[:2]), feed(documents), feed(documents)],
        article_count=3, urls=frozenset(one.link or "" for one in documents),
    )  # fmt: skip


def _guids(now: datetime) -> Iterator[Script]:
    def anew(poll: int, link: str | None, *numbers: int) -> bytes:
        return feed([story(n, now, link=link, guid=f"{poll}-{n}-x") for n in numbers])

    for name, link in (("front-page", f"{SITE}/"), ("no-link", None), ("one-page", f"{SITE}/press")):
        polls = [anew(poll, link, 1, 2, 3, 4, *((9,) if poll > 3 else ())) for poll in range(7)]
        yield Script(name=f"new-guids-and-one-new-item-{name}", polls=polls, article_count=5)
    ten = stories(range(1, 11), now)
    moved = [replace(one, guid=f"urn:quay:{n}") for n, one in enumerate(ten)]
    yield Script(name="guids-change-once", polls=[feed(ten), feed(ten), *[feed(moved)] * 4], article_count=10)


def _titles(now: datetime) -> Iterator[Script]:
    days = [
        Item("Morning briefing", f"{SITE}/briefing", f"On day {n} the board met in room {n * 13} and heard {n + 4} speakers.", f"day-{n}", now + timedelta(days=n - 1, hours=-1))
        for n in (1, 2, 3)
    ]  # fmt: skip
    polls = [feed([one]) for one in days for _time in range(2)]
    yield Script(name="the-same-title-every-day-one-at-a-time", polls=polls, article_count=3, later=timedelta(hours=12), poll_bound=False)
    polls = [feed(days[:count][::-1]) for count in (1, 2, 3, 3)]
    yield Script(name="the-same-title-every-day", polls=polls, article_count=3, later=timedelta(days=1), poll_bound=False)
    linked = [replace(one, link=f"{SITE}/briefing/{n}") for n, one in enumerate(days)]
    yield Script(
        name="the-same-title-at-its-own-link", polls=[feed([one, days[0]]) for one in linked], article_count=4, later=timedelta(days=1),
        poll_bound=False,
    )  # fmt: skip
