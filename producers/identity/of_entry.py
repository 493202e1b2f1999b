"""An entry's identity: the canonical address, else the guid within the feed, else title and date within the feed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from newsmon import ids
from producers.addresses.urls import canonical_url
from producers.formats.entry import Entry
from producers.formats.plain_text import one_line, printable

_FRONT_PAGE = re.compile(r"https://[^/]+/$")


def identity_of(feed_id: str, canonical: str | None, guid: str | None, title: str, raw_date: str | None) -> str | None:
    if canonical:
        return ids.article_id_of_url(canonical)
    if guid:
        return ids.article_id_of_guid(feed_id, guid)
    return ids.article_id_of_title(feed_id, title, raw_date or "") if title else None


def address_of_article(link: str | None, base: str | None) -> str | None:
    """The canonical address; None for a front page, because items that all link there are not one article."""
    canonical = canonical_url(link, base) if link else None
    return None if canonical is None or _FRONT_PAGE.match(canonical) else canonical


def do_guids_repeat(entries: Iterable[Entry], base: str | None) -> bool:
    """True when entries without an address of their own share a guid but not the title: then the guid identifies none of them."""
    title_of: dict[str, str] = {}
    for entry in entries:
        guid = clean_guid(entry.guid)
        if guid and title_of.setdefault(guid, entry.title) != entry.title and address_of_article(entry.link, base) is None:
            return True
    return False


def fingerprint(entry: Entry, base: str | None) -> str:
    """Eight bytes in hex over everything that decides a draft's identity and text."""
    parts = (base, entry.guid, entry.link, entry.title, entry.summary, entry.content, entry.published_raw)
    return short_hash("\0".join("\1" if part is None else part for part in parts))


def clean_guid(guid: str | None) -> str | None:
    return one_line(printable(guid))[:2_000] or None if guid else None


def short_hash(text: str) -> str:
    """Eight bytes in hex. Tells a feed's entries apart in its state without keeping their texts."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
