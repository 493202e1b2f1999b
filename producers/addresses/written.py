"""Reads an address as a browser reads it from a page, before anything is decided about it.

In: addresses as written, with a base. Out: absolute addresses that open. Imports nothing of newsmon.

Follows the URL standard of browsers (url.spec.whatwg.org) where feeds differ from RFC 3986: blanks around an address and line breaks
inside it do not count, blanks inside are encoded, a backslash is a slash.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import SplitResult, quote, urljoin, urlsplit

SCHEMES = ("http", "https")
# Ends an address that was copied out of a text: blanks of every kind, invisible marks.
_AROUND = "".join(map(chr, (*range(0x21), 0x7F, 0x85, 0xA0, 0xAD, *range(0x2000, 0x2010), 0x2028, 0x2029, 0x202F, 0x2060, 0x3000, 0xFEFF)))
_LINE_BREAK = re.compile(r"[ \t]*[\r\n]+[ \t]*|\t")
_SLASHES = re.compile(r"(?:https?:[/\\]+(?=https?:[/\\]))?(https?):[/\\]*(?=[^/\\])", re.IGNORECASE)
_NO_HOST = re.compile(r"https?:[/\\]*(?:[?#].*)?", re.IGNORECASE)
_NO_SCHEME = re.compile(r"www\.[a-z0-9-]+\.[a-z]{2,}", re.IGNORECASE)
_UNSAFE = re.compile(r"[\x00-\x20\"<>`{}|^\\\x7f-\xa0\u2028\u2029\u3000\ud800-\udfff]")
_BAD_HOST = re.compile(r"[\x00-\x20\"<>`{}|^\\\x7f-\xa0\u2028\u2029\u3000\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff]")
_DOT_SEGMENTS = re.compile(r"^(?:/(?:\.|%2e){1,2}(?=/|$))+", re.IGNORECASE)


def split_address(url: str, base: str | None) -> SplitResult | None:
    """The parts of the absolute address, all of them as they open; None unless something follows `http://`."""
    text = _LINE_BREAK.sub("", url.strip(_AROUND))
    if not text:
        return None
    text = _slashed(text)
    if _NO_HOST.fullmatch(text):
        return None
    if _NO_SCHEME.match(text) or (base is not None and _is_host_of(base, text)):
        text = f"https://{text}"
    try:
        parts = urlsplit(urljoin(_slashed(base.strip(_AROUND)), text) if base else text)
    except ValueError:
        return None
    if parts.scheme.lower() not in SCHEMES or _BAD_HOST.search(parts.netloc):
        return None
    path = _DOT_SEGMENTS.sub("", parts.path)
    if parts.netloc and path != parts.path and not path:
        path = "/"
    return parts._replace(path=_openable(path), query=_openable(parts.query), fragment=_openable(parts.fragment))


def _is_host_of(base: str, text: str) -> bool:
    """True for an address that lacks only its scheme: it begins with the very host that it would be relative to."""
    first = re.split(r"[/?#]", text, maxsplit=1)[0].lower().removeprefix("www.")
    return "." in first and first == re.split(r"[/?#:]", base.partition("://")[2], maxsplit=1)[0].lower().removeprefix("www.")


def _slashed(text: str) -> str:
    """The address with slashes in place of backslashes before its query, and two of them after `http:`."""
    at = min((place for place in map(text.find, "?#") if place >= 0), default=len(text))
    head = text[:at].replace("\\", "/") if "\\" in text[:at] else text[:at]
    return _SLASHES.sub(r"\1://", head, count=1) + text[at:] if _SLASHES.match(head) else head + text[at:]


def _openable(text: str) -> str:
    """The text with everything encoded that ends an address where people and programs read it. Other letters stay readable."""
    if text.isascii() and _UNSAFE.search(text) is None:
        return text
    text = _UNSAFE.sub(_escaped, text)
    if not unicodedata.is_normalized("NFC", text):  # composing the letters would make it another address
        text = "".join(letter if letter.isascii() else quote(letter, errors="replace") for letter in text)
    return text


def _escaped(found: re.Match[str]) -> str:
    return quote(found[0], safe="", errors="replace")
