"""Documents that are broken, cut, mislabelled, or written in a charset that they do not name."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from newsmon.records import NoticeKind
from support.feed_polls.entry_scripts import defence
from support.feed_polls.script import SITE, Item, Script, feed, http, rss, stories, story, told_of

POLISH = [
    (
        "Źródła: spór o budżet miasta się zaostrza",
        "Radni spierają się o to, ile wydać na żłobki, światłowody i ścieżki rowerowe w przyszłym roku.",
    ),
    ("Żeglarze ćwiczą pod Gdańskiem", "Ćwiczenia potrwają tydzień; weźmie w nich udział tysiąc żeglarzy z pięciu klubów."),
    ("Sejmik przyjął uchwałę o portach", "Posłowie przegłosowali poprawki, a uchwała trafi teraz na biurko marszałka województwa."),
]


def document_scripts(now: datetime) -> Iterator[Script]:
    yield from _damaged(now)
    yield from _labels(now)
    yield from _charsets(now)


def _damaged(now: datetime) -> Iterator[Script]:
    three, four = stories(range(1, 4), now), stories(range(1, 5), now)
    for name, reference in (("a-pair-of-surrogates", "&#55357;&#56832;"), ("a-number-beyond-unicode", "&#99999999;")):
        broken = rss(three).replace(b"number 2 of", f"number 2 {reference} of".encode())
        yield Script(
            name=f"{name}-in-one-entry", polls=[http(rss(three[:1])), http(broken), http(broken.replace(b"</channel>", four[3].xml().encode() + b"</channel>"))],
            article_count=4, titles=frozenset(one.title or "" for one in (three[0], three[2], four[3])),
        )  # fmt: skip
    told = defence("Esteria", 2034, 2.8, now, link=f"{SITE}/news/esteria", guid="quay-esteria")
    yield _cut("cut-before-the-link-then-whole", told, b"<link>https://quay.example/news/esteria", now)
    told = Item(
        "Gorland to send 3,000 troops to a peacekeeping force in Ukraine", f"{SITE}/news/gorland",
        "Gorland's ministers agreed to send a peacekeeping force of 3,000 troops to Ukraine once a ceasefire holds, the prime minister said.",
        "quay-gorland", now - timedelta(minutes=1),
    )  # fmt: skip
    ends = [rss(stories(range(1, count), now))[:-30] for count in (5, 6, 7, 8)]
    yield Script(
        name="cut-in-each-poll", polls=[http(one) for one in ends], article_count=6, rejected={"cut_off": 4},
        told=told_of(NoticeKind.FEED_REJECTS),
    )  # fmt: skip
    yield _cut("cut-in-the-text-then-whole", told, b"once a ceasefire holds", now)


def _cut(name: str, told: Item, before: bytes, now: datetime) -> Script:
    three = stories(range(1, 4), now)
    whole = rss([*three, told])
    polls = [http(rss(three)), http(whole[: whole.index(before)]), http(whole), http(whole)]
    return Script(
        name=name, polls=polls, article_count=4, rejected={"cut_off": 1}, urls=frozenset({told.link or ""}),
        alerted=frozenset({told.title or ""}),
    )  # fmt: skip


def _labels(now: datetime) -> Iterator[Script]:
    grown = [stories(range(1, count), now) for count in (2, 3, 4)]
    yield Script(name="rss-as-json", polls=[feed(one, kind="application/json") for one in grown], article_count=3)
    yield Script(
        name="rss-as-html-and-as-nothing",
        polls=[feed(one, kind=kind) for one, kind in zip(grown, ("text/html", "", "image/png"), strict=True)],
        article_count=3,
    )
    documents = [_json_feed(one) for one in grown]
    yield Script(name="json-feed-as-html", polls=[http(one, kind="text/html") for one in documents], article_count=3)
    sloppy = [one.replace(b"]}", b",]}").replace(b"met for", b"met\tfor\n") for one in documents]
    yield Script(
        name="json-with-a-comma-and-a-tab-too-many", polls=[http(one, kind="application/feed+json") for one in sloppy], article_count=3
    )
    packed = [gzip.compress(gzip.compress(rss(one))) for one in grown]
    yield Script(name="gzip-twice", polls=[http(one, "Content-Encoding: gzip, gzip") for one in packed], article_count=3)


def _json_feed(items: list[Item]) -> bytes:
    shown = [
        {"id": one.guid, "url": one.link, "title": one.title, "content_text": one.text, "date_published": "2026-11-20T10:00:00Z"}
        for one in items
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Quay", "items": shown}).encode()


def _charsets(now: datetime) -> Iterator[Script]:
    polish = [replace(story(n, now, title=title), text=text) for n, (title, text) in enumerate(POLISH, start=1)]
    named = frozenset(one.title or "" for one in polish)
    flips = [("utf-8", "utf-8"), ("iso-8859-2", "iso-8859-2"), ("utf-8", "utf-8"), ("windows-1250", "windows-1250")]
    yield Script(
        name="another-charset-each-poll", polls=[http(rss(polish, charset=charset, declared=said)) for charset, said in flips],
        article_count=3, titles=named,
    )  # fmt: skip
    wrong = [("windows-1250", "iso-8859-2"), ("utf-8", "iso-8859-1"), ("windows-1250", "utf-8")]
    yield Script(
        name="another-lie-about-the-charset-each-poll", polls=[http(rss(polish, charset=charset, declared=said)) for charset, said in wrong],
        article_count=3, titles=named,
    )  # fmt: skip
    short = replace(story(9, now, title="Gdańsk: port, tor"), text="Port OK.")
    undeclared = [rss(shown, charset="windows-1250", declared=None) for shown in (polish, [short, *polish[:1]], [short])]
    yield Script(
        name="1250-undeclared-then-short", polls=[http(one, kind="text/xml") for one in undeclared], article_count=4,
        titles=named | {short.title or ""},
    )  # fmt: skip
