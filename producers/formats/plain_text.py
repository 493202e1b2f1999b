"""Text that can be written down and shown on one line."""

from __future__ import annotations

import re
import unicodedata
from html.entities import html5

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")

_INLINE = "a|abbr|b|big|cite|code|del|em|font|i|ins|mark|p|q|s|small|span|strong|sub|sup|tt|u"
_MARKUP = re.compile(rf"<(?:{_INLINE})(?:\s[^<>]*)?>|</(?:{_INLINE})\s*>|<w?br(?:\s[^<>]*)?/?>", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|([A-Za-z][A-Za-z0-9]{1,31}));")

_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))


def is_markup(text: str) -> bool:
    """True for a text that should be plain, or is so by default only, and was written as HTML all the same."""
    if "<" in text and _MARKUP.search(text):
        return True
    return "&" in text and any(found[1] is None or f"{found[1]};" in html5 for found in _REFERENCE.finditer(text))


def has_html_references(text: str) -> bool:
    """True for a text with `&nbsp;`, `&#8217;` or another reference that is left when those of XML are resolved."""
    found = _REFERENCE.findall(text) if "&" in text else ()
    return any(not name or (name not in _XML_NAMES and f"{name};" in html5) for name in found)


def printable(text: str) -> str:
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub("", text))


def one_line(text: str) -> str:
    return _SPACES.sub(" ", text.replace("\n", " ")).strip()
