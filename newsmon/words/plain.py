"""Spelling reduced to what tells words apart: no accents, no ё, one kind of apostrophe."""

from __future__ import annotations

import unicodedata

_LATIN = {code: unicodedata.normalize("NFKD", chr(code))[0] for code in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]}
_LATIN |= {
    ord("ł"): "l",
    ord("Ł"): "L",
    ord("ø"): "o",
    ord("đ"): "d",
    ord("ё"): "е",
    ord("Ё"): "Е",
    ord("ʼ"): "'",
    ord("’"): "'",
    0x301: "",
}
_LATIN |= {ord("ß"): "ss", ord("æ"): "ae", ord("œ"): "oe", ord("þ"): "th"}


def plain(text: str) -> str:
    """Return `text` with Latin accents removed, ё as е and one kind of apostrophe; й and ї stay the letters they are."""
    return text.translate(_LATIN)


def plain_words(text: str) -> list[str]:
    """Return the words of a list, without accents and apostrophes."""
    return plain(text).replace("'", "").split()
