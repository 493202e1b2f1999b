"""Labels stand for what the WHATWG Encoding Standard says, however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webencodings.labels import LABELS

from producers.charsets.labels import encoding_of
from producers.charsets.tables import decode

OURS = {"hz-gb-2312": "hz", "iso-2022-kr": "iso2022-kr", "csiso2022kr": "iso2022-kr"}  # browsers refuse them; feeds are read


@pytest.mark.parametrize(("label", "name"), sorted(LABELS.items()))
def test_every_label_of_the_standard_stands_for_what_it_says(label: str, name: str) -> None:
    expected = OURS.get(label, None if name in ("replacement", "x-user-defined") else name)
    for spelling in (label, label.upper(), f" {label} ", f'"{label}"', f"'{label.title()}'"):
        assert encoding_of(spelling) == expected


@pytest.mark.parametrize(
    ("label", "name"),
    {
        "iso-8859-1": "windows-1252", "US-ASCII": "windows-1252", "latin1": "windows-1252", "gb2312": "gbk", "GB_2312-80": "gbk",
        "x-sjis": "shift_jis", "ks_c_5601-1987": "euc-kr", "iso-8859-9": "windows-1254", "tis-620": "windows-874",
        "iso-8859-11": "windows-874", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "koi8-ru": "koi8-u", "utf-16": "utf-16le",
        "windows_1251": "windows-1251", "win1251": "windows-1251", "Windows 1251": "windows-1251", "cp-1251": "windows-1251",
        "1251": "windows-1251", "ANSI_1251": "windows-1251", "cp936": "gbk", "ms949": "euc-kr", "cp950": "big5", "Windows-31J": "shift_jis",
        "cp932": "shift_jis", "eucJP-ms": "euc-jp", "iso8859_2": "iso-8859-2", "ISO_8859-2:1987": "iso-8859-2", "utf_8": "utf-8",
        "65001": "utf-8", "utf-8-sig": "utf-8", "utf8mb4": "utf-8", "cp037": "cp037", "cp437": "cp437", "utf-7": "utf-7",
    }.items(),
)  # fmt: skip
def test_labels_that_feeds_carry_are_known(label: str, name: str) -> None:
    assert encoding_of(label) == name


@pytest.mark.parametrize(
    "label",
    ["", " ", "nonsense", "none", "null", "auto", "utf-9", "x-user-defined", "rot13", "base64", "zlib", "unicode_escape", "idna", "\ud800"],
)
def test_a_label_that_stands_for_no_text_is_none(label: str) -> None:
    assert encoding_of(label) is None


@given(st.text(max_size=80), st.binary(max_size=200))
def test_any_label_is_told_and_what_it_stands_for_reads_any_bytes(label: str, body: bytes) -> None:
    name = encoding_of(label)
    if name is not None:
        decode(body, name).encode("utf-8", "replace")
