"""Where newsmon reads a feed otherwise than feedparser does by itself, entry by entry, and the reason for each difference.

In: a file of feedparser's own tests. Out: differences in what an entry is made of: link, guid, title, text, date. Both texts are
compared as plain text, as `newsmon.text` makes it. `benchmarks/feedparser_differences.py` counts them, docs/feeds.md lists them.
"""

from __future__ import annotations

import calendar
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

import feedparser

from newsmon.text import html_to_text, plain_to_text
from producers.addresses.urls import readable_url
from producers.dates.publication import publication_date
from producers.documents.faults import DamagedFeedError, NotAFeedError
from producers.formats.entry import Entry, ParsedFeed
from producers.formats.parse import parse_feed
from producers.formats.plain_text import printable

SERVED_FROM = "http://127.0.0.1:8097/tests/"
SEEN_AT = datetime(2026, 12, 1, tzinfo=UTC)
HEADERS = re.compile(rb"^Header:\s+([^:]+):(.*)$", re.MULTILINE)
NO_READERS_TEXT = re.compile(r"<\s*(?:script|style|iframe|object|embed|!)|<!\[CDATA\[", re.IGNORECASE)


class Reason(StrEnum):
    """Why newsmon's reading differs, in words for docs/feeds.md."""

    NO_FORMAT = "A document without entries in no format newsmon reads is no feed; feedparser returns an empty result."
    CUT_OFF = "The last entry of a document that ends too early waits until it comes whole; feedparser returns what there is of it."
    LABEL = "The body decides what is JSON, RSS or Atom; feedparser goes by the label."
    ENCODED_LINK = "A space in a link is written as %20, so that the link opens; feedparser leaves it."
    OTHER_LINK = "Without a link, a guid, `rdf:about` or `id` that is an address is the link."
    ALTERNATE = "The first HTML page among an entry's alternates is its link; feedparser takes the last link of any kind."
    GUID = "A guid is kept as the feed writes it, and is a link only if it is an address; feedparser resolves an Atom id like a link."
    RESOLVED_LINK = "Relative links resolve against `xml:base`, then the channel's link, then the feed's address."
    HIDDEN = "Scripts, styles, frames and declarations are no text for readers, nor is what is inside them; feedparser keeps their words."
    NO_TEXT_TYPE = "Content of a type that is no text (`application/octet-stream`) is left out."
    CHARSET = "An encoding that the bytes contradict is not believed; feedparser decodes by the declaration, or falls back to Windows-1252."
    LITERAL = "What Atom declares as plain text is not read as HTML."
    SUBTITLE = "Where an item has no other text, its subtitle is its text."
    DATE = "Dates are read by newsmon: zones by name, words of every language, day first where dots say so; absurd years are unknown."
    UNEXPLAINED = "No reason is known: this is a bug in newsmon, or in this list."


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference in one file; `aspect` is what differs."""

    file: str
    aspect: str
    ours: object
    theirs: object
    reason: Reason


def differences(path: Path, root: Path) -> list[Difference]:
    """The differences in one file of feedparser's folder `tests`."""
    body, name = path.read_bytes(), path.relative_to(root).as_posix()
    given = {key.decode().strip().lower(): value.decode().strip() for key, value in HEADERS.findall(body)}
    content_type = given.get("content-type", "application/json" if path.suffix == ".json" else "application/xml")
    url = SERVED_FROM + name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # feedparser warns of fields that it renamed
        theirs = feedparser.parse(io.BytesIO(body), response_headers={"content-type": content_type, "content-location": url})
        try:
            ours = parse_feed(body, content_type=content_type, url=url)
        except (NotAFeedError, DamagedFeedError) as error:
            reason = Reason.UNEXPLAINED if theirs.version or theirs.entries else Reason.NO_FORMAT
            return [Difference(name, "document", str(error), f"{len(theirs.entries)} entries", reason)]
        if len(ours.entries) != len(theirs.entries):
            return [Difference(name, "entries", len(ours.entries), len(theirs.entries), _why_other_count(ours, theirs))]
        pairs = zip(ours.entries, theirs.entries, strict=True)
        return [
            Difference(name, aspect, mine, other, why)
            for entry, raw in pairs for aspect, mine, other, why in _of_entry(entry, raw, ours, theirs) if mine != other
        ]  # fmt: skip


def _why_other_count(ours: ParsedFeed, theirs: Any) -> Reason:
    if ours.is_cut and len(ours.entries) == len(theirs.entries) - 1:
        return Reason.CUT_OFF
    return Reason.UNEXPLAINED if theirs.entries else Reason.LABEL


def _of_entry(entry: Entry, raw: Any, ours: ParsedFeed, theirs: Any) -> Iterator[tuple[str, object, object, Reason]]:
    mine, other = (readable_url(entry.link, ours.base) if entry.link else None), raw.get("link") or None
    yield "link", mine, other, _why_other_link(mine, other, entry, raw)
    guid, their_guid = entry.guid or None, raw.get("id") or None
    yield "guid", guid, their_guid, Reason.GUID if guid and their_guid else Reason.UNEXPLAINED
    shown, said = _text(entry.title, "title" in entry.plain), _text(raw.get("title") or "", False)
    yield "title", shown, said, _why_other_text(shown, said, raw.get("title"), entry, theirs)
    shown = max(_text(entry.summary, "summary" in entry.plain), _text(entry.content, "content" in entry.plain), key=len)
    details = [raw.get("summary_detail"), *raw.get("content", [])]
    said = max(map(_their_text, details), key=len)
    markup = " ".join(str(one.get("value")) for one in details if one)
    yield "text", shown, said, _why_other_text(shown, said, markup, entry, theirs)
    ours_at = publication_date(
        printable(entry.published_raw or "") or None, default_zone=None, first_seen_at=SEEN_AT, other_dates=entry.other_dates
    ).at
    yield "date", ours_at and ours_at.replace(microsecond=0), _their_date(raw), Reason.DATE


def _why_other_link(mine: str | None, other: str | None, entry: Entry, raw: Any) -> Reason:
    if other is None:
        return Reason.OTHER_LINK if mine and mine.rstrip("/") == (entry.link or "").rstrip("/") else Reason.UNEXPLAINED
    if mine is not None and " " in other and mine in (quote(other, safe=":/?#[]@!$&'()*+,;=%"), other.replace(" ", "")):
        return Reason.ENCODED_LINK
    if mine is None and not entry.link:
        return Reason.GUID
    if mine in [one.get("href") for one in raw.get("links", []) if one.get("rel") == "alternate"]:
        return Reason.ALTERNATE
    return Reason.RESOLVED_LINK if entry.link and "://" not in entry.link else Reason.UNEXPLAINED


def _why_other_text(mine: str, other: str, markup: str | None, entry: Entry, theirs: Any) -> Reason:
    if isinstance(theirs.get("bozo_exception"), (feedparser.CharacterEncodingOverride, feedparser.CharacterEncodingUnknown)):
        return Reason.CHARSET
    if theirs.bozo and any(ord(character) > 127 for character in mine + other):
        return Reason.CHARSET
    if any(one.get("type", "").startswith("application/oct") for one in theirs.entries[0].get("content", [])):
        return Reason.NO_TEXT_TYPE
    if entry.plain and other != mine:
        return Reason.LITERAL
    if not other and mine == plain_to_text(theirs.entries[0].get("subtitle") or ""):
        return Reason.SUBTITLE
    return Reason.HIDDEN if len(mine) < len(other) or NO_READERS_TEXT.search(markup or "") else Reason.UNEXPLAINED


def _text(value: str, is_plain: bool) -> str:
    return " ".join(printable(plain_to_text(value) if is_plain else html_to_text(value)).split())


def _their_text(detail: Any) -> str:
    return _text(detail.get("value") or "", False) if detail else ""


def _their_date(raw: Any) -> datetime | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = raw.get("published_parsed") or raw.get("updated_parsed") or raw.get("created_parsed")
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
