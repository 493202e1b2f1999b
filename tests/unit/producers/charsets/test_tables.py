"""Bytes become the characters a browser shows, also where Python's codec of that name knows fewer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webencodings.labels import LABELS

from producers.charsets.labels import encoding_of
from producers.charsets.tables import damage, decode

ENCODINGS = sorted({name for name in map(encoding_of, LABELS) if name})


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        ("gbk", "朱镕基".encode("gbk"), "朱镕基"),
        ("gbk", "㐀𠀀".encode("gb18030"), "㐀𠀀"),
        ("gbk", b"\x80", "€"),
        ("shift_jis", "①髙﨑～∥－㈱Ⅳ㎏".encode("cp932"), "①髙﨑～∥－㈱Ⅳ㎏"),
        ("shift_jis", b"\xb1\xb2", "ｱｲ"),
        ("euc-jp", b"\xad\xa1\xad\xea\xfc\xe2\xa1\xc1\xa1\xdd", "①㈱髙～－"),
        ("euc-jp", "日本語ｱ".encode("euc_jp"), "日本語ｱ"),
        ("iso-2022-jp", "日本".encode("iso2022_jp") + b"\x1b$B-!\x1b(B!", "日本①!"),
        ("euc-kr", "뷁햏똠방각하".encode("cp949"), "뷁햏똠방각하"),
        ("big5", "啲嘅嘢香港".encode("big5hkscs"), "啲嘅嘢香港"),
        ("big5", "裏碁恒粧嫺".encode("cp950"), "裏碁恒粧嫺"),
        ("windows-1252", b"\x93\x94\x80\x8d", "“”€\x8d"),
        ("windows-1253", b"\xaa", "\ufffd"),
        ("windows-1251", "Ґґ Її Єє Ўў №".encode("cp1251"), "Ґґ Її Єє Ўў №"),
        ("koi8-u", b"\xa4\xa6\xa7\xad\xae\xbe", "єіїґўЎ"),
        ("koi8-r", b"\xa3\xb3", "ёЁ"),
        ("x-mac-cyrillic", b"\xa2\xb6\xff", "Ґґ€"),
        ("macintosh", b"\x8e\xdb", "é€"),
        ("windows-1258", b"ti\xea\xec", "tiế"),
        ("windows-874", b"\xa1\x80\x85", "ก€…"),
        ("utf-16be", "Ж".encode("utf-16be"), "Ж"),
        ("utf-7", "Ж".encode("utf-7"), "Ж"),
    ],
)
def test_characters_of_the_supersets_are_there(encoding: str, body: bytes, text: str) -> None:
    assert decode(body, encoding) == text


@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if not name.startswith("utf-16")])
@settings(max_examples=15)
@given(body=st.binary(max_size=60))
def test_any_bytes_are_read_and_the_markup_behind_them_too(encoding: str, body: bytes) -> None:
    text = decode(body.replace(b"\x1b", b"").replace(b"~", b"") + b" </title>", encoding)
    assert text.endswith("</title>")
    text.encode("utf-8")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_long_body_of_the_worst_bytes_is_read_in_one_go(encoding: str) -> None:
    for byte in (b"\xff", b"\x80", b"\x8f", b"\xfe\x40"):
        assert len(decode(byte * 100_000, encoding)) >= 40_000


def test_damage_is_what_nobody_wrote() -> None:
    assert damage("Zürich – „Ja“\n") == 0
    assert damage("\ufffd\x8f") == 2
