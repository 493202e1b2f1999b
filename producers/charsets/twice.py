"""Mends UTF-8 that a program read as windows-1252 or windows-1251 and wrote as UTF-8 again: `cittÃ ` and `вЂ” РџСЂРёРІРµС‚`.

Only where it is certain: every character of the text between two tags or quotes must turn back into UTF-8, and signs of it must be there
that no language has. Texts beside it that are right stay as they are.
"""

from __future__ import annotations

import re
from functools import cache

from producers.charsets.tables import table

_PART = re.compile(rb'[^<>"]+')
# A lead byte of UTF-8 and the byte behind it, as windows-1252 reads them; four pairs in a row, as windows-1251 does.
_IN_1252 = re.compile(
    rb"\xc3[\x82-\xb4](?:\xc2[\x80-\xbf]|\xc5[\x92\x93\xa0\xa1\xb8\xbd\xbe]|\xc6\x92|\xcb[\x86\x9c]"
    rb"|\xe2(?:\x80[\x93\x94\x98-\x9a\x9c-\x9e\xa0-\xa2\xa6\xb0\xb9\xba]|\x82\xac|\x84\xa2))"
)
_PAIR_IN_1251 = rb"\xd0[\xa0\xa1](?:\xc2[\xa0-\xbf]|\xd0[\x80-\x8f]|\xd1[\x91-\x9f]|\xd2[\x90\x91]|\xe2[\x80-\x84][\x80-\xbf])"
_IN_1251 = re.compile(_PAIR_IN_1251 + rb"(?:%s){3}" % _PAIR_IN_1251)  # the search is fast because the first byte stands alone
_CAPITALS = re.compile("[A-Z\u00c0-\u00de][\u00c2\u00c3](?:\u00a0|$)")  # AMANHÃ and a no-break space

# CAFÉ® and CAFÉ™ are right as they are, and not CAFɮ and CAFə: a word in capitals does not end in a small letter that was mended.
_SMALL_AFTER_CAPITALS = re.compile("[A-Z\u00c0-\u00de]{2}[\u00df-\u00f6\u00f8-\u02af](?![a-z])")


def mended_twice(body: bytes) -> bytes:
    """The UTF-8 with such texts mended; the same object when there are none."""
    for sign, encoding in ((_IN_1252, "windows-1252"), (_IN_1251, "windows-1251")):
        if sign.search(body) is None:
            continue
        changed = _PART.sub(lambda part, sign=sign, encoding=encoding: _mended(part[0], sign, encoding), body)  # type: ignore[misc]
        body = body if changed == body else changed
    return body


def wholly_mended(text: str) -> str:
    """One text mended, if no part of it stays as it was."""
    mended = mended_twice(text.encode("utf-8", "surrogatepass"))
    return text if _IN_1252.search(mended) or _IN_1251.search(mended) else mended.decode("utf-8", "surrogatepass")


def _mended(part: bytes, sign: re.Pattern[bytes], encoding: str) -> bytes:
    if sign.search(part) is None:
        return part
    text = part.decode("utf-8", "replace")
    if _CAPITALS.search(text):
        return part
    numbers = _numbers(encoding)
    try:
        once = bytes([numbers[character] for character in text])
        if _SMALL_AFTER_CAPITALS.search(once.decode("utf-8")):
            return part
    except (KeyError, UnicodeDecodeError):
        return part
    return once


@cache
def _numbers(encoding: str) -> dict[str, int]:
    characters = table(encoding)
    return {chr(number): number for number in range(0x80, 0x100)} | {character: number for number, character in enumerate(characters)}
