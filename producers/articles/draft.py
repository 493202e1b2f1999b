"""Turns an entry into a draft of an article (plain text without boilerplate, a date, an identity), or rejects it with a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from newsmon import ids
from newsmon.records import EntryRejection, Feed
from newsmon.text import identify_language, language_code
from producers.addresses.urls import bare_host, readable_url
from producers.articles.bridge_errors import is_bridge_error
from producers.articles.entry_text import first_words, lead_and_body, title_of
from producers.dates.day_order import DayOrder
from producers.dates.publication import PublicationDate, publication_date
from producers.formats.entry import Entry
from producers.formats.plain_text import one_line, printable
from producers.identity.of_entry import clean_guid, date_hash, fingerprint, link_hash, short_hash
from producers.identity.places import Place, alone, id_of_place, within

MAX_TITLE_CHARS = 1_000
MAX_PUBLISHER_CHARS = 200
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
    date_hash: str | None = None
    link_hash: str | None = None
    address: str | None = None  # canonical, of its article
    publisher: str | None = None  # named by the feed for this entry
    publisher_url: str | None = None
    within_id: str | None = None  # its id if its address does not tell it apart; None when neither its link nor its guid could
    guid_tells: bool = False  # its guid is more than its link again


_BEFORE_PUBLISHER = re.compile(r"\s+[-–—|·]\s*$")


def draft_of(
    entry: Entry, feed: Feed, *, base: str | None, first_seen_at: datetime, place: Place | None = None,
    feed_language: str | None = None, day_order: DayOrder | None = None,
) -> Draft | EntryRejection:  # fmt: skip
    """The cleaned article, or why the entry cannot be one. `place` is what names it in its body; without it, it stands alone.

    `feed_language` is what the feed says its entries are written in; the entry's own word and the configuration come before it.
    """
    publisher = one_line(printable(entry.publisher or ""))[:MAX_PUBLISHER_CHARS] or None
    title = without_publisher(title_of(entry), publisher)[:MAX_TITLE_CHARS]
    if is_bridge_error(title, entry.link):
        return EntryRejection.BRIDGE_ERROR
    lead, body = lead_and_body(entry)
    guid = clean_guid(entry.guid)
    if not (title or lead or body):
        return EntryRejection.NO_TEXT
    raw_date = printable(entry.published_raw or "") or None
    place = place or alone(entry, base)
    name = title or lead[:200]
    article_id = id_of_place(feed.feed_id, place, name, raw_date)
    if article_id is None:
        return EntryRejection.NO_IDENTITY
    title = title or first_words(lead or body)
    sample = f"{title}. {lead or body}"[:LANGUAGE_SAMPLE_CHARS]
    language = identify_language(sample, prior=language_code(entry.language) or feed.language or language_code(feed_language)).code
    published = publication_date(
        raw_date,
        default_zone=feed.default_zone,
        first_seen_at=first_seen_at,
        languages=tuple(dict.fromkeys(filter(None, (entry.language, feed.language, feed_language, language)))),
        country=feed.country,
        day_order=day_order,
        other_dates=tuple(printable(one) for one in entry.other_dates),
    )
    return Draft(
        article_id=article_id,
        content_hash=ids.content_hash(title, lead, body),
        guid=guid,
        guid_hash=short_hash(guid) if guid else None,
        title_hash=short_hash(ids.normalised(title)),
        fingerprint=fingerprint(entry, base),
        url=printable(readable_url(entry.link, base, keep_sid=place.is_shared) or "") or None if entry.link else None,
        title=title,
        lead=lead,
        body=body,
        language=language,
        published=published,
        date_hash=date_hash(raw_date) if raw_date else None,
        link_hash=link_hash(entry.link, base) if entry.link else None,
        address=place.address,
        publisher=None if _is_same_host(entry.publisher_url, base) else publisher,
        publisher_url=entry.publisher_url,
        within_id=id_of_place(feed.feed_id, within(place), name, raw_date) if place.has_more else None,
        guid_tells=place.guid is not None,
    )


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An entry that has not changed since it became a draft. Its `fingerprint` is in the feed's state."""

    fingerprint: str


def without_publisher(title: str, publisher: str | None) -> str:
    """The title without the publisher's name, which aggregators put after it: `Headline - Publisher`."""
    if not publisher or not title.casefold().endswith(publisher.casefold()):
        return title
    headline = title[: -len(publisher)]
    return _BEFORE_PUBLISHER.sub("", headline) or title if _BEFORE_PUBLISHER.search(headline) else title


def _is_same_host(publisher_url: str | None, base: str | None) -> bool:
    """True for a feed that names itself as its items' publisher."""
    return bool(publisher_url and base) and bare_host(publisher_url or "") == bare_host(base or "")
