"""Turns an entry into a draft of an article (plain text without boilerplate, a date, an identity), or rejects it with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsmon import ids
from newsmon.records import EntryRejection, Feed
from newsmon.text import identify_language
from producers.addresses.urls import readable_url
from producers.articles.bridge_errors import is_bridge_error
from producers.articles.entry_text import first_words, lead_and_body, plain
from producers.dates.day_order import DayOrder
from producers.dates.publication import PublicationDate, publication_date
from producers.formats.entry import Entry
from producers.formats.plain_text import one_line, printable
from producers.identity.of_entry import address_of_article, clean_guid, fingerprint, identity_of, short_hash

MAX_TITLE_CHARS = 1_000
LANGUAGE_SAMPLE_CHARS = 600


@dataclass(frozen=True, slots=True)
class Draft:
    """An article, without the fields that depend on earlier polls (revision, baseline, reidentified)."""

    article_id: str
    content_hash: str
    guid: str | None
    guid_hash: str | None
    title_hash: str
    fingerprint: str
    url: str | None
    title: str
    lead: str
    body: str
    language: str
    published: PublicationDate


def draft_of(
    entry: Entry, feed: Feed, *, base: str | None, first_seen_at: datetime, guids_repeat: bool = False,
    feed_language: str | None = None, day_order: DayOrder | None = None,
) -> Draft | EntryRejection:  # fmt: skip
    """The cleaned article, or why the entry cannot be one. With `guids_repeat`, guids do not identify entries of this feed."""
    title = one_line(plain(entry.title))[:MAX_TITLE_CHARS]
    if is_bridge_error(title, entry.link):
        return EntryRejection.BRIDGE_ERROR
    lead, body = lead_and_body(entry)
    guid = clean_guid(entry.guid)
    canonical = address_of_article(entry.link, base)
    if not (title or lead or body):
        return EntryRejection.NO_TEXT
    raw_date = printable(entry.published_raw or "") or None
    article_id = identity_of(feed.feed_id, canonical, None if guids_repeat else guid, title or lead[:200], raw_date)
    if article_id is None:
        return EntryRejection.NO_IDENTITY
    title = title or first_words(lead or body)
    sample = f"{title}. {lead or body}"[:LANGUAGE_SAMPLE_CHARS]
    language = identify_language(sample, prior=entry.language or feed.language).code
    return Draft(
        article_id=article_id,
        content_hash=ids.content_hash(title, lead, body),
        guid=guid,
        guid_hash=short_hash(guid) if guid else None,
        title_hash=short_hash(ids.normalised(title)),
        fingerprint=fingerprint(entry, base),
        url=printable(readable_url(entry.link, base) or "") or None if entry.link else None,
        title=title,
        lead=lead,
        body=body,
        language=language,
        published=publication_date(
            raw_date,
            default_zone=feed.default_zone,
            first_seen_at=first_seen_at,
            languages=tuple(dict.fromkeys(filter(None, (entry.language, feed.language, feed_language, language)))),
            country=feed.country,
            day_order=day_order,
            other_dates=tuple(printable(one) for one in entry.other_dates),
        ),
    )


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An entry that has not changed since it became a draft. Its `fingerprint` is in the feed's state."""

    fingerprint: str
