"""Turns an entry into a draft of an article (plain text without boilerplate, a date, an identity), or rejects it with a reason."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from newsmon import ids
from newsmon.records import EntryRejection, Feed
from newsmon.text import html_to_text, identify_language, without_boilerplate
from producers.articles.bridge_errors import is_bridge_error
from producers.articles.dates import PublicationDate, publication_date
from producers.formats.entry import Entry
from producers.formats.urls import canonical_url, readable_url

MAX_TITLE_CHARS = 1_000
MAX_LEAD_CHARS = 20_000
MAX_BODY_CHARS = 200_000
LANGUAGE_SAMPLE_CHARS = 600
_FRONT_PAGE = re.compile(r"https://[^/]+/$")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")


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
    entry: Entry, feed: Feed, *, base: str | None, first_seen_at: datetime, guids_repeat: bool = False
) -> Draft | EntryRejection:  # fmt: skip
    """The cleaned article, or why the entry cannot be one. With `guids_repeat`, guids do not identify entries of this feed."""
    title = _one_line(_plain(entry.title))[:MAX_TITLE_CHARS]
    if is_bridge_error(title, entry.link):
        return EntryRejection.BRIDGE_ERROR
    lead, body = lead_and_body(entry)
    guid = _clean_guid(entry.guid)
    canonical = _address_of_article(entry.link, base)
    if not (title or lead or body):
        return EntryRejection.NO_TEXT
    raw_date = _printable(entry.published_raw or "") or None
    article_id = _identity(feed.feed_id, canonical, None if guids_repeat else guid, title or lead[:200], raw_date)
    if article_id is None:
        return EntryRejection.NO_IDENTITY
    title = title or _first_words(lead or body)
    sample = f"{title}. {lead or body}"[:LANGUAGE_SAMPLE_CHARS]
    return Draft(
        article_id=article_id,
        content_hash=ids.content_hash(title, lead, body),
        guid=guid,
        guid_hash=short_hash(guid) if guid else None,
        title_hash=short_hash(ids.normalised(title)),
        fingerprint=fingerprint(entry, base),
        url=_printable(readable_url(entry.link, base) or "") or None if entry.link else None,
        title=title,
        lead=lead,
        body=body,
        language=identify_language(sample, prior=entry.language or feed.language).code,
        published=publication_date(raw_date, default_zone=feed.default_zone, first_seen_at=first_seen_at),
    )


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An entry that has not changed since it became a draft. Its `fingerprint` is in the feed's state."""

    fingerprint: str


def fingerprint(entry: Entry, base: str | None) -> str:
    """Eight bytes in hex over everything that decides a draft's identity and text."""
    parts = (base, entry.guid, entry.link, entry.title, entry.summary, entry.content, entry.published_raw)
    return short_hash("\0".join("\1" if part is None else part for part in parts))


def do_guids_repeat(entries: Iterable[Entry], base: str | None) -> bool:
    """True when entries without an address of their own share a guid but not the title: then the guid identifies none of them."""
    title_of: dict[str, str] = {}
    for entry in entries:
        guid = _clean_guid(entry.guid)
        if guid and title_of.setdefault(guid, entry.title) != entry.title and _address_of_article(entry.link, base) is None:
            return True
    return False


def short_hash(text: str) -> str:
    """Eight bytes in hex. Tells a feed's entries apart in its state without keeping their texts."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _identity(feed_id: str, canonical: str | None, guid: str | None, title: str, raw_date: str | None) -> str | None:
    if canonical:
        return ids.article_id_of_url(canonical)
    if guid:
        return ids.article_id_of_guid(feed_id, guid)
    return ids.article_id_of_title(feed_id, title, raw_date or "") if title else None


def _address_of_article(link: str | None, base: str | None) -> str | None:
    """The canonical address; None for a front page, because items that all link there are not one article."""
    canonical = canonical_url(link, base) if link else None
    return None if canonical is None or _FRONT_PAGE.match(canonical) else canonical


def lead_and_body(entry: Entry) -> tuple[str, str]:
    """Lead and body without overlap: a summary that only repeats the start of the text is replaced by its first paragraph."""
    lead = without_boilerplate(_plain(entry.summary)).strip()[:MAX_LEAD_CHARS]
    body = without_boilerplate(_plain(entry.content)).strip()[:MAX_BODY_CHARS]
    if body and (not lead or _is_start_of(lead, body)):
        lead, _, body = body.partition("\n")
        if len(lead) > MAX_LEAD_CHARS:  # a text without paragraphs
            lead, body = lead[:MAX_LEAD_CHARS], f"{lead[MAX_LEAD_CHARS:]}\n{body}"
    return lead.strip(), body.strip()


def _is_start_of(lead: str, body: str) -> bool:
    begin = ids.normalised(lead).rstrip(".… []")
    return bool(begin) and ids.normalised(body).startswith(begin)


def _plain(html: str) -> str:
    return _printable(html_to_text(html)) if html else ""


def _printable(text: str) -> str:
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub("", text))


def _one_line(text: str) -> str:
    return _SPACES.sub(" ", text.replace("\n", " ")).strip()


def _clean_guid(guid: str | None) -> str | None:
    return _one_line(_printable(guid))[:2_000] or None if guid else None


def _first_words(text: str) -> str:
    """A title for an entry without one: its first sentence, or its first words."""
    first = text.split("\n", 1)[0].strip()
    sentence = re.split(r"(?<=[.!?…])\s", first, maxsplit=1)[0]
    return sentence if len(sentence) <= 200 else sentence[:200].rsplit(" ", 1)[0] + "…"
