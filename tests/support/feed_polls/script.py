"""The form of a script, and the pieces that scripts are written with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TypeAlias
from xml.sax.saxutils import escape

from newsmon.records import FetchResult, NoticeKind, NoticeState

# The bytes of one answer, or how they follow from the request: its path below the feed's and its headers, in lower case.
Answer: TypeAlias = bytes | Callable[[str, Mapping[str, str]], bytes]
Told: TypeAlias = tuple[NoticeKind, NoticeState]
SITE = "https://quay.example"


@dataclass(frozen=True, kw_only=True)
class Script:
    """`polls` are the answers, one for each poll; what follows must hold after the last."""

    name: str
    polls: Sequence[Answer]
    article_count: int  # different articles
    revised_count: int = 0
    results: Sequence[FetchResult] | None = None  # None: each is ok, not_modified or same_body; empty: whatever they are
    rejected: Mapping[str, int] | None = None  # over all polls; None: nothing
    told: Sequence[Told] = ()
    titles: frozenset[str] = frozenset()  # all of these are among the articles
    urls: frozenset[str] = frozenset()
    undated: frozenset[str] = frozenset()  # titles of articles whose date is unknown
    alerted: frozenset[str] | None = frozenset()  # titles of alerts, where the whole of newsmon runs; None: a test of its own looks
    later: timedelta = timedelta(minutes=5)  # from poll to poll, where time is virtual
    poll_bound: bool = True  # False: what happens depends on time, and only virtual time can show it


@dataclass(frozen=True)
class Item:
    """One item of RSS, plain text; a field that is None is left out. `extra` is XML."""

    title: str | None
    link: str | None = None
    text: str | None = None
    guid: str | None = None
    at: datetime | str | None = None
    extra: str = ""

    def xml(self) -> str:
        dated = self.at if isinstance(self.at, str) or self.at is None else format_datetime(self.at, usegmt=True)
        fields = {"title": self.title, "link": self.link, "description": self.text, "pubDate": dated}
        shown = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items() if value is not None)
        guid = f'<guid isPermaLink="false">{escape(self.guid)}</guid>' if self.guid is not None else ""
        return f"<item>{shown}{guid}{self.extra}</item>"


def rss(items: Sequence[Item], *, charset: str = "utf-8", declared: str | None = "utf-8", link: str = f"{SITE}/") -> bytes:
    """RSS 2.0 in a charset, which the document declares, or another one, or none."""
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    body = "".join(one.xml() for one in items)
    return f'{declaration}<rss version="2.0"><channel><title>Quay</title><link>{link}</link>{body}</channel></rss>'.encode(charset)


def http(body: bytes, *headers: str, status: int = 200, kind: str = "application/rss+xml", length: bool = True) -> bytes:
    """A whole answer; the connection closes after it."""
    lines = [f"HTTP/1.1 {status} Status", "Connection: close"]
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += [f"Content-Length: {len(body)}"] if length else []
    return "\r\n".join([*lines, *headers]).encode("latin-1") + b"\r\n\r\n" + body


def feed(items: Sequence[Item], *headers: str, kind: str = "application/rss+xml") -> bytes:
    return http(rss(items), *headers, kind=kind)


def story(number: int, now: datetime, *, link: str | None = "", guid: str | None = "", title: str | None = None) -> Item:
    """A harmless item with everything an item should have."""
    return Item(
        title=title or f"Quay report number {number} of the harbour board",
        link=f"{SITE}/news/{number}" if link == "" else link,
        text=f"The harbour board met for the {number}th time and spoke about berth {number * 7}.",
        guid=f"quay-{number}" if guid == "" else guid,
        at=now - timedelta(hours=2) + timedelta(minutes=number % 100),
    )


def stories(numbers: Sequence[int], now: datetime) -> list[Item]:
    return [story(number, now) for number in numbers]


def told_of(kind: NoticeKind, *states: NoticeState) -> list[Told]:
    return [(kind, state) for state in states or (NoticeState.RAISED,)]
