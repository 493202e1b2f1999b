"""The encoding that a label stands for, as the WHATWG Encoding Standard says, and a few labels more that feeds carry.

`webencodings` has the standard's labels. We add what its table cannot know: code page numbers, underscores and blanks for hyphens, and the
encodings that browsers refuse (UTF-7, HZ, ISO-2022-KR) or that the web does not know (EBCDIC, DOS code pages): Python reads those.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

import webencodings

_BLANKS = re.compile(r"[\s_]+")
_NUMBERED = re.compile(r"(?:x-)?(?:windows|win|cp|ms|ansi|microsoft|ibm|dos|codepage)?[-.]?(?:cp)?(\d{3,5})")
_NUMBERS = {
    "874": "windows-874", "932": "shift_jis", "943": "shift_jis", "936": "gbk", "949": "euc-kr", "950": "big5", "951": "big5",
    "1363": "euc-kr", "1386": "gbk", "54936": "gb18030", "20866": "koi8-r", "21866": "koi8-u", "10000": "macintosh",
    "10007": "x-mac-cyrillic", "866": "ibm866", "51932": "euc-jp", "51949": "euc-kr", "51936": "gbk", "50220": "iso-2022-jp",
    "50221": "iso-2022-jp", "65001": "utf-8", "1200": "utf-16le", "1201": "utf-16be", "8859": "windows-1252",
    **{str(number): f"windows-{number}" for number in range(1250, 1259)},
    **{str(28590 + part): f"iso-8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    "28591": "windows-1252", "28599": "windows-1254", "28601": "windows-874",
}  # fmt: skip
_ISO_PART = re.compile(r"(?:iso)?-?8859-?(\d{1,2})(?:[:-].*)?")
_MORE = {
    "utf-8n": "utf-8", "utf8mb4": "utf-8", "utf-8-sig": "utf-8", "utf-8-bom": "utf-8", "unicode-utf-8": "utf-8", "utf": "utf-8",
    "eucjp": "euc-jp", "ujis": "euc-jp", "eucjp-ms": "euc-jp", "eucjp-win": "euc-jp", "sjis-win": "shift_jis", "shiftjis": "shift_jis",
    "uhc": "euc-kr", "euckr": "euc-kr", "euc-cn": "gbk", "euccn": "gbk", "gb-2312": "gbk", "gb": "gbk", "gb2312-80": "gbk",
    "big-5": "big5", "big5hk": "big5", "big5-eten": "big5", "koi8r": "koi8-r", "koi8u": "koi8-u", "koi-8": "koi8-r", "ansi": "windows-1252",
    "latin": "windows-1252", "latin-1": "windows-1252", "latin-2": "iso-8859-2", "latin-5": "windows-1254", "latin-9": "iso-8859-15",
    "latin9": "iso-8859-15", "macroman": "macintosh", "utf-16": "utf-16le", "ucs-2": "utf-16le", "utf16": "utf-16le",
    "macukrainian": "x-mac-cyrillic",
}  # fmt: skip
_NO_TEXT = frozenset(("unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined", "mbcs", "oem", "charmap", "palmos"))


@lru_cache(maxsize=512)
def encoding_of(label: str) -> str | None:
    """The encoding's name, for `tables.decode`; None for a label that stands for none.

    The name is the standard's, or Python's for an encoding that the standard does not have.
    """
    plain = label.strip().strip("\"'`").strip().lower()[:60]
    if not plain.isascii() or not plain:
        return None
    for spelling in (plain, _BLANKS.sub("-", plain)):
        known = webencodings.lookup(spelling)
        if known is not None and known.name not in ("replacement", "x-user-defined"):
            return str(known.name)
        if known is not None and known.name == "x-user-defined":
            return None  # bytes as characters of nobody's: no feed means that
    plain = _BLANKS.sub("-", plain)
    if plain in _MORE:
        return _MORE[plain]
    numbered = _NUMBERED.fullmatch(plain)
    if numbered and numbered[1] in _NUMBERS:
        return _NUMBERS[numbered[1]]
    part = _ISO_PART.fullmatch(plain)
    if part:
        found = webencodings.lookup(f"iso-8859-{int(part[1])}")
        return None if found is None else str(found.name)
    return _python_name(plain)


def _python_name(label: str) -> str | None:
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    name = found.name.lower().replace("_", "-")
    if not getattr(found, "_is_text_encoding", True) or name in _NO_TEXT:
        return None
    return name
