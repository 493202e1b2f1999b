"""Decodes bytes as the WHATWG Encoding Standard does, where Python's codec of the same name knows fewer characters or other ones.

Nothing here fails: what an encoding does not have becomes U+FFFD, or the C1 control of the same number where the standard says so. `damage`
counts both, because a text that somebody wrote has neither.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from functools import cache

_SINGLE = {
    **{f"windows-{number}": f"cp{number}" for number in (874, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258)},
    **{f"iso-8859-{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    "iso-8859-8-i": "iso8859-8", "koi8-r": "koi8-r", "koi8-u": "koi8-u", "ibm866": "cp866", "macintosh": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic", "cp437": "cp437", "cp850": "cp850", "cp852": "cp852", "cp855": "cp855", "cp737": "cp737",
}  # fmt: skip
_OTHERS = {  # where the standard's table differs from Python's
    "koi8-u": {0xAE: "ў", 0xBE: "Ў"},
    "x-mac-cyrillic": {0xA2: "Ґ", 0xB6: "ґ", 0xFF: "€"},
    "macintosh": {0xDB: "€"},
}
_CODECS = {"gbk": "gb18030", "gb18030": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932", "euc-kr": "cp949"}
# Python reads the JIS rows as JIS has them; the standard, as every Japanese program since Windows, as Microsoft has them.
_FULL_WIDTH = str.maketrans({"\u301c": "\uff5e", "\u2016": "\u2225", "\u2212": "\uff0d", "¢": "￠", "£": "￡", "¬": "￢"})
_ESCAPES = re.compile(rb"\x1b(?:\([BJIH]|\$[@B]|\$\(D|\$A|\([A-Z])")
_DAMAGE = re.compile("[\ufffd\x80-\x84\x86-\x9f]")


def decode(body: bytes, encoding: str) -> str:
    """The text; `encoding` is a name from `labels.encoding_of`. Characters that are not there are U+FFFD."""
    if encoding in _SINGLE:
        text = codecs.charmap_decode(body, "strict", _table(encoding))[0]
        return unicodedata.normalize("NFC", text) if encoding == "windows-1258" else text
    if encoding in _CODECS:
        return body.decode(_CODECS[encoding], f"newsmon-{encoding}")
    if encoding == "euc-jp":
        return _euc_jp(body)
    if encoding == "iso-2022-jp":
        return _iso_2022_jp(body)
    try:
        return body.decode(encoding, "replace")
    except (UnicodeError, LookupError, ValueError):  # a codec of Python's without a way to go on
        return body.decode("utf-8", "replace")


def damage(text: str) -> int:
    """How many characters of a decoded text nobody wrote: U+FFFD and C1 controls."""
    return len(_DAMAGE.findall(text))


def is_single_byte(encoding: str) -> bool:
    return encoding in _SINGLE


@cache
def _table(encoding: str) -> str:
    """The 256 characters of a single-byte encoding."""
    codec = _SINGLE[encoding]
    characters = []
    for number in range(256):
        try:
            character = bytes((number,)).decode(codec)
        except UnicodeDecodeError:
            character = chr(number) if number < 0xA0 else "\ufffd"
        characters.append(_OTHERS.get(encoding, {}).get(number, character))
    return "".join(characters)


def table(encoding: str) -> str:
    """The 256 characters of a single-byte encoding."""
    return _table(encoding)


def _euc_jp(body: bytes) -> str:
    return body.decode("euc_jp", "newsmon-euc-jp").translate(_FULL_WIDTH)


def _iso_2022_jp(body: bytes) -> str:
    """ISO-2022-JP is EUC-JP in seven bits, with escapes for what the eighth bit says."""
    parts = []
    at = 0
    escape = b""
    for found in [*_ESCAPES.finditer(body), None]:
        run = body[at : found.start()] if found else body[at:]
        if escape in (b"\x1b$@", b"\x1b$B"):
            parts.append(_euc_jp(bytes(byte | 0x80 if 0x21 <= byte <= 0x7E else byte for byte in run)))
        elif escape == b"\x1b$(D":
            parts.append(_euc_jp(b"".join(b"\x8f" + bytes((run[i] | 0x80, run[i + 1] | 0x80)) for i in range(0, len(run) - 1, 2))))
        elif escape == b"\x1b(I":
            parts.append(bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in run).decode("cp932", "replace"))
        elif escape == b"\x1b$A":
            parts.append(bytes(byte | 0x80 if 0x21 <= byte <= 0x7E else byte for byte in run).decode("gb2312", "replace"))
        else:
            parts.append(run.decode("ascii", "replace"))
        if found:
            escape, at = found[0], found.end()
    return "".join(parts)


def _skipping(mend: Callable[[bytes], str]) -> Callable[[UnicodeError], tuple[str, int]]:
    """An error handler that asks `mend` for a pair of bytes; where that has nothing either, a bad pair is one U+FFFD.

    A bad lead byte takes its trail with it unless that is ASCII, so that the pairs behind stay in step and no markup is swallowed.
    """

    def handle(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        pair = bytes(error.object[error.start : error.start + 2])
        mended = mend(pair)
        if mended:
            return mended, error.start + (len(pair) if len(pair) == 2 and pair[0] != 0x80 else 1)
        return "\ufffd", error.start + (2 if len(pair) == 2 and pair[1] >= 0x80 else 1)

    return handle


def _nothing(_pair: bytes) -> str:
    return ""


def _gb18030(pair: bytes) -> str:
    return "€" if pair[:1] == b"\x80" else ""


def _cp950(pair: bytes) -> str:
    try:
        return pair.decode("cp950") if len(pair) == 2 else ""
    except UnicodeDecodeError:
        return ""


def _nec_row(pair: bytes) -> str:
    """A character of the rows that NEC and IBM added to JIS (circled numbers, units, names), found at its place in Shift_JIS."""
    if len(pair) < 2 or not (0xA1 <= pair[0] <= 0xFE and 0xA1 <= pair[1] <= 0xFE):
        return ""
    row, cell = pair[0] - 0xA0, pair[1] - 0xA0
    lead = (row - 1) // 2 + (0x81 if row <= 62 else 0xC1)
    trail = (cell + 0x3F + (cell >= 64)) if row % 2 else cell + 0x9E
    try:
        return bytes((lead, trail)).decode("cp932")
    except UnicodeDecodeError:
        return ""


codecs.register_error("newsmon-gbk", _skipping(_gb18030))
codecs.register_error("newsmon-gb18030", _skipping(_gb18030))
codecs.register_error("newsmon-big5", _skipping(_cp950))
codecs.register_error("newsmon-shift_jis", _skipping(_nothing))
codecs.register_error("newsmon-euc-kr", _skipping(_nothing))
codecs.register_error("newsmon-euc-jp", _skipping(_nec_row))
