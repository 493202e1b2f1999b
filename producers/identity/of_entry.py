"""The parts of an entry that its identity is made of, and hashes that tell entries apart."""

from __future__ import annotations

import hashlib
import re

from producers.addresses.spellings import skeleton_of
from producers.addresses.tracking import is_session, sessions_in_path
from producers.addresses.urls import canonical_url, fragment_of, parameters
from producers.formats.entry import Entry
from producers.formats.plain_text import one_line, printable

_UTC = re.compile(r" ?(?:GMT|UTC|UT|Z|[+]00:00)$")
_FRONT_PAGE = re.compile(r"https://[^/]+/$")


def is_front_page(canonical: str) -> bool:
    """True for an address that names no article: items that all link there are not one article."""
    return _FRONT_PAGE.match(canonical) is not None


def fingerprint(entry: Entry, base: str | None) -> str:
    """Eight bytes in hex over everything that decides a draft's identity and text."""
    parts = (base, entry.guid, entry.link, entry.title, entry.summary, entry.content, entry.published_raw)
    return short_hash("\0".join("\1" if part is None else part for part in parts))


def link_hash(link: str, base: str | None) -> str | None:
    """Four bytes in hex over a link as the feed gave it, sessions included, but for spelling and what is surely tracking."""
    whole = canonical_url(link, base, keep=lambda _name, _value: True)
    if whole is None:
        return None
    sessions = [*sessions_in_path(link), *(value for name, value in parameters(link) if is_session(name, value))]
    return _hash("\0".join((skeleton_of(whole), fragment_of(link), *sessions)), 4)


def date_hash(text: str) -> str:
    """Four bytes in hex over a date as the feed writes it, but for spaces and the name of UTC.

    Not over the time it is read as: that changes when what lay ahead has come, or the feed has shown in which order it writes days.
    """
    return _hash(_UTC.sub("+0000", " ".join(text.split())), 4)


def clean_guid(guid: str | None) -> str | None:
    return one_line(printable(guid))[:2_000] or None if guid else None


def short_hash(text: str) -> str:
    """Eight bytes in hex. Tells a feed's entries apart in its state without keeping their texts."""
    return _hash(text, 8)


def _hash(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=size).hexdigest()
