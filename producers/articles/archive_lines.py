"""Lines of an archive: the one format that `backfill` and `rehearse` read, and the cleaned draft each line gives.

In: a line's bytes, the feed it counts for. Out: `Line`, `Draft`, or `Refusal` with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from newsmon.records import EntryRejection, Feed
from producers.articles.draft import Draft, draft_of
from producers.dates.publication import publication_date
from producers.formats.entry import Entry

IDENTITY = "backfill"  # the feed id in the identity of articles without an address, the same for every file
MAX_LINE_BYTES = 4_000_000
BOM = b"\xef\xbb\xbf"


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the file. Times may have any form that feeds use; ISO 8601 with a zone is best."""

    title: str = ""
    text: str = ""
    id: str | int | None = None
    url: str | None = None
    published_at: str | None = None
    first_seen_at: str | None = None
    lang: str | None = None
    source: str | None = None
    country: str | None = None
    tier: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason why a line gave no article; `why` is for people."""

    reason: EntryRejection
    why: str


def line_of(raw: bytes) -> Line | Refusal:
    """The line, or what is wrong with it."""
    if len(raw) > MAX_LINE_BYTES:
        return Refusal(EntryRejection.BAD_LINE, f"longer than {MAX_LINE_BYTES:,} bytes")
    try:
        line = msgspec.json.decode(raw.removeprefix(BOM), type=Line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Refusal(EntryRejection.BAD_LINE, str(error))
    why_not = _why_not(line)
    return line if why_not is None else Refusal(EntryRejection.BAD_LINE, why_not)


def seen_at(line: Line, now: datetime) -> datetime | Refusal:
    """The moment at which the service would have seen the line: `first_seen_at`, else `published_at`. No later than `now`."""
    for name, text in (("first_seen_at", line.first_seen_at), ("published_at", line.published_at)):
        if text:
            found = publication_date(text, default_zone=None, first_seen_at=now, languages=(line.lang,) if line.lang else ())
            if found.at is not None:
                return found.at
            return Refusal(EntryRejection.BAD_LINE, f"{name}: {found.quality.value.replace('_', ' ')} date {found.raw!r}")
    return Refusal(EntryRejection.BAD_LINE, "neither first_seen_at nor published_at: when it was news is unknown")


def _why_not(line: Line) -> str | None:
    """The mistake in values of the right type; None when there is none."""
    if line.lang is not None and not (line.lang.isascii() and line.lang.islower() and len(line.lang) in (2, 3)):
        return "lang must be an ISO 639 code such as uk"
    if line.tier is not None and not 1 <= line.tier <= 4:
        return "tier must be 1 to 4"
    if line.source is not None and not 1 <= len(line.source.strip()) <= 200:
        return "source must have 1 to 200 characters"
    return None


def draft_of_line(line: Line, feed: Feed, seen_at: datetime) -> Draft | Refusal:
    """The line as a draft: cleaned, dated and identified as an entry of `feed` would be."""
    entry = Entry(
        guid=None if line.id is None else str(line.id), link=line.url, title=line.title, summary="", content=line.text,
        published_raw=line.published_at,
    )  # fmt: skip
    named = msgspec.structs.replace(feed, feed_id=IDENTITY, language=line.lang or feed.language)
    found = draft_of(entry, named, base=None, first_seen_at=seen_at)
    return found if isinstance(found, Draft) else Refusal(found, found.value.replace("_", " "))
