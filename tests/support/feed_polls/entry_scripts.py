"""Feeds whose entries are hard to tell apart, hard to recognise, or not what they seem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from newsmon.records import NoticeKind, NoticeState
from support.feed_polls.script import SITE, Item, Script, feed, stories, story, told_of
from support.monitor import defence_story

SPELT_TWICE, AGGREGATED, OUTLET, AGGREGATOR = "Jorvia", "Falconian", "an-outlet", "an-aggregator-that-names-it"
RAISED, RESOLVED = NoticeState.RAISED, NoticeState.RESOLVED


def defence(name: str, year: int, share: float, now: datetime, *, link: str | None, guid: str | None = None) -> Item:
    """An item that alerts when it is new and fresh."""
    title, text = defence_story(name, year, share)
    return Item(title, link, text, guid, now - timedelta(minutes=1))


def entry_scripts(now: datetime) -> Iterator[Script]:
    yield from _shared_links(now)
    yield from _churn(now)
    yield from _order(now)
    yield from _rejected(now)
    yield from _aggregator(now)
    yield from _two_spellings(now)


def _shared_links(now: datetime) -> Iterator[Script]:
    live = f"{SITE}/live/storm"
    blocks = [story(n, now, link=f"{live}#block-{n}", guid=f"block-{n}") for n in range(1, 12)]
    late = defence("Belmark", 2031, 2.6, now, link=f"{live}#block-12", guid="block-12")
    yield Script(
        name="live-blog-with-fragments",
        polls=[feed(blocks[8::-1]), feed(blocks[9::-1]), feed([late, *blocks[::-1]]), feed([late, *blocks[::-1]])],
        article_count=12, titles=frozenset({late.title or ""}), alerted=frozenset({late.title or ""}),
    )  # fmt: skip
    routes = [story(n, now, link=f"{SITE}/app#!/story/{n}", guid=f"route-{n}") for n in range(1, 7)]
    yield Script(
        name="routes-behind-a-hash",
        polls=[feed(routes[:4]), feed(routes), feed(routes)],
        article_count=6,
    )
    press = [story(n, now, link=f"{SITE}/press") for n in range(1, 9)]
    told = defence("Calvia", 2032, 2.7, now, link=f"{SITE}/press", guid="quay-99")
    yield Script(
        name="everything-links-to-press", polls=[feed(press[:6]), feed(press), feed([told, *press])], article_count=9,
        alerted=frozenset({told.title or ""}),
    )  # fmt: skip
    documents = [story(n, now, link=f"{SITE}/doc.php?ref=ST-{n}") for n in range(1, 6)]
    yield Script(
        name="ref-names-the-document", polls=[feed(documents[:4]), feed(documents), feed(documents)], article_count=5,
        urls=frozenset(f"{SITE}/doc.php?ref=ST-{n}" for n in range(1, 6)),
    )  # fmt: skip
    same_guid = [story(n, now, guid="quay") for n in range(1, 6)]
    yield Script(name="one-guid-for-all", polls=[feed(same_guid[:4]), feed(same_guid), feed(same_guid)], article_count=5)


def _churn(now: datetime) -> Iterator[Script]:
    for count in (8, 3):
        numbers = range(1, count + 1)
        links = {
            "a-session-in-the-path": lambda n, poll: f"{SITE}/news/{n};jsessionid={poll:04X}E{n}",
            "a-session-in-the-query": lambda n, poll: f"{SITE}/news.php?id={n}&PHPSESSID={poll:032x}",
            "a-token-of-its-own-name": lambda n, poll: f"{SITE}/news/{n}?x={poll}{n}",
        }
        for what, link in links.items():
            polls = [feed([story(n, now, link=link(n, poll), guid=None) for n in numbers]) for poll in range(1, 14)]
            yield Script(name=f"{what}-of-{count}", polls=polls, article_count=count)
        polls = [feed([story(n, now, link=None, guid=f"{poll}-{n}") for n in numbers]) for poll in range(1, 14)]
        yield Script(name=f"a-new-guid-each-poll-of-{count}", polls=polls, article_count=count)
        polls = [feed([story(n, now, link=link(n, poll), guid=f"{poll}-{n}") for n in numbers]) for poll in range(1, 14)]
        yield Script(name=f"links-and-guids-anew-of-{count}", polls=polls, article_count=count)
    spelt = [
        "https://www.quay.example/news/{}",
        "https://quay.example/news/{}",
        "http://quay.example/news/{}",
        "https://quay.example/news/{}/",
    ]
    for name, spellings in (
        ("www-http-and-slash", spelt),
        ("mobile-and-amp", [spelt[0], "https://m.quay.example/news/{}", "https://www.quay.example/amp/news/{}"]),
    ):
        polls = [feed([story(n, now, link=one.format(n), guid=None) for n in range(1, 5)]) for one in spellings]
        yield Script(name=f"{name}-from-poll-to-poll", polls=polls, article_count=4)
    counted = [[replace(one, text=f"{one.text} Read {1_204 + 7 * poll} times.") for one in stories(range(1, 4), now)] for poll in range(8)]
    yield Script(name="a-counter-in-the-text", polls=[feed(shown) for shown in counted], article_count=3)
    numbered = [[replace(one, text=f"{one.text} {12 + poll} comments") for one in stories(range(1, 4), now)] for poll in range(8)]
    yield Script(name="a-number-of-comments", polls=[feed(shown) for shown in numbered], article_count=3)


def _order(now: datetime) -> Iterator[Script]:
    yield Script(name="oldest-first", polls=[feed(stories(range(first, first + 8), now)) for first in (1, 2, 4, 4, 7)], article_count=14)
    ten = stories(range(1, 11), now)
    yield Script(
        name="another-order-each-poll", polls=[feed([*ten[n:], *ten[:n]][:: 1 if n % 2 else -1]) for n in range(6)], article_count=10
    )
    five = feed(stories(range(1, 6), now))
    yield Script(name="empty-for-a-while", polls=[five, feed([]), feed([]), five, five], article_count=5)
    yield Script(name="fewer-and-back", polls=[feed(ten), feed(ten[:2]), feed(ten), feed(ten[:1]), feed(ten)], article_count=10)


def _rejected(now: datetime) -> Iterator[Script]:
    some, empty = stories(range(1, 4), now), Item(None, f"{SITE}/empty", None, "quay-empty", now)
    with_it = [feed([*some[: 1 + poll % 3], empty]) for poll in range(4)]
    yield Script(
        name="an-empty-entry-in-each-poll", polls=[*with_it, *(feed(some[: 1 + poll % 3]) for poll in range(4))], article_count=3,
        rejected={"no_text": 4}, told=told_of(NoticeKind.FEED_REJECTS, RAISED, RESOLVED),
    )  # fmt: skip
    yield Script(
        name="an-empty-entry-now-and-then", polls=[with_it[0], feed(some), with_it[1], feed(some)], article_count=3, rejected={"no_text": 2}
    )
    long = stories(range(1, 60), now)
    polls = [feed(long[:last]) for last in (45, 47, 49, 51)]
    yield Script(
        name="over-the-limit-and-oldest-first", polls=polls, article_count=46, rejected={"over_entry_limit": 5 + 7 + 9 + 11},
        titles=frozenset(one.title or "" for one in long[5:51]), told=told_of(NoticeKind.FEED_REJECTS),
    )  # fmt: skip
    yield Script(
        name="over-the-limit-once", polls=[feed(long[:50][::-1]), *[feed(long[40:50][::-1])] * 5], article_count=40,
        rejected={"over_entry_limit": 10},
    )  # fmt: skip
    ahead = [
        replace(defence("Dorland", 2033, 3.1 + n / 10, now, link=f"{SITE}/events/{n}"), at=now + timedelta(weeks=3 + n)) for n in range(3)
    ]
    yield Script(
        name="dates-weeks-ahead",
        polls=[feed(ahead), feed([*ahead, *some]), feed([*ahead, *some])],
        article_count=6,
        undated=frozenset(one.title or "" for one in ahead),
    )


def _aggregator(now: datetime) -> Iterator[Script]:
    """An outlet, and an aggregator that shows the outlet's item under a link of its own and names the outlet."""
    some = stories(range(1, 3), now)
    told = Item(
        f"US raises tariffs on {AGGREGATED} steel to 25 per cent", "https://ferry.example/falconia",
        f"Washington said on Monday it will raise tariffs on {AGGREGATED} steel to 25 per cent, and the {AGGREGATED} trade minister said her "
        "country would retaliate against US goods.",
        at=now - timedelta(minutes=1),
    )  # fmt: skip
    name = f'<source url="https://ferry.example">{OUTLET}</source>'
    shown = replace(told, title=f"{told.title} - {OUTLET}", link="https://all-news.example/rss/articles/CBMiK2h0", extra=name)
    yield Script(name=OUTLET, polls=[feed(some), feed([told, *some]), feed([told, *some])], article_count=3, alerted=None)
    yield Script(name=AGGREGATOR, polls=[feed(some), feed(some), feed([shown, *some]), feed([shown, *some])], article_count=3, alerted=None)


def _two_spellings(now: datetime) -> Iterator[Script]:
    """Two feeds of one outlet that spell the same addresses differently."""
    some = stories(range(1, 3), now)
    for name, link in (
        ("www-in-one-feed", "https://www.pier.example/jorvia"),
        ("http-and-no-www-in-another", "http://pier.example/jorvia/"),
    ):
        told = Item(
            f"Washington and {SPELT_TWICE} sign a trade deal that scraps US tariffs on cars", link,
            f"The United States and {SPELT_TWICE} signed a trade agreement on Tuesday that ends US tariffs on {SPELT_TWICE}n cars and opens the "
            f"{SPELT_TWICE}n market to American beef.",
            at=now - timedelta(minutes=1),
        )  # fmt: skip
        yield Script(name=name, polls=[feed(some), feed([told, *some]), feed([told, *some])], article_count=3, alerted=None)
