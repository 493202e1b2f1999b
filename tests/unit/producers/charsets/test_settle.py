"""Feeds with a missing or wrong encoding declaration are read all the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.drafts import FEED, NOW
from support.encoded_feeds import feed as encoded_feed
from support.parsed_feeds import parsed

from producers.articles.draft import Draft
from producers.articles.parse_job import ParseJob, drafts_of_body
from producers.charsets.settle import CharsetReason, decoded
from producers.charsets.tables import table

WORDS = {
    "windows-1251": "Переговоры о мире продолжаются в столице, стороны встретились во второй раз за неделю",
    "iso-8859-1": "Les négociations ont repris à Genève, les délégués espèrent un accord",
    "shift_jis": "和平交渉は首都で続いている。両国の代表は今週二回目の会談を行った。",
    "koi8-r": "Переговоры о мире продолжаются в столице, стороны встретились во второй раз за неделю",
}


def feed(text: str, encoding: str, declaration: str = "") -> bytes:
    return f'{declaration}<rss version="2.0"><channel><item><title>{text}</title><link>https://a.example/1</link></item></channel></rss>'.encode(
        encoding
    )


def title(body: bytes, content_type: str = "") -> str:
    (only,) = parsed(body, content_type=content_type).drafts
    assert isinstance(only, Draft)
    return only.title


@pytest.mark.parametrize("encoding", WORDS)
@pytest.mark.parametrize("content_type", ["", "text/xml", "application/rss+xml; charset=utf-8"])
def test_an_encoding_nobody_declares_is_told_from_the_letters(encoding: str, content_type: str) -> None:
    assert title(feed(WORDS[encoding], encoding), content_type) == WORDS[encoding]


@pytest.mark.parametrize(
    "content_type", ["", "text/xml", "text/html; charset=us-ascii", "application/octet-stream", "text/xml; charset=nonsense"]
)
def test_utf_8_needs_no_declaration(content_type: str) -> None:
    assert title(feed("Зустріч у Києві – décision «sûre»", "utf-8"), content_type) == "Зустріч у Києві – décision «sûre»"


def test_one_character_cut_in_half_does_not_spoil_the_whole_feed() -> None:
    body = feed("Зустріч у Києві, друга за тиждень, друга за тиждень!", "utf-8").replace(b"!", "…".encode()[:2])
    assert title(body, "application/rss+xml; charset=utf-8") == "Зустріч у Києві, друга за тиждень, друга за тиждень\ufffd"


def test_what_is_declared_and_holds_is_believed() -> None:
    body = feed("Żółć", "iso-8859-2", '<?xml version="1.0" encoding="iso-8859-2"?>')
    assert decoded(body, "text/xml")[1:3] == ("iso-8859-2", CharsetReason.DECLARED)
    assert title(body) == "Żółć"


def titled(text: str | bytes, encoding: str = "utf-8", label: str | None = None) -> bytes:
    return encoded_feed([text if isinstance(text, bytes) else text.encode(encoding)], label)


@pytest.mark.parametrize(
    "content_type", ["", "text/xml; charset=iso-8859-1", "text/xml; charset=windows-1251", "text/xml; charset=nonsense"]
)
@pytest.mark.parametrize("label", [None, "iso-8859-1", "utf-16", "windows-1252"])
@pytest.mark.parametrize(
    "text", ["Nuove regole per la città", "Perché no", "Переговоры", "Ελλάδα", "El Niño", "日本語の見出し", "« 12 % »"]
)
def test_bytes_that_are_utf_8_are_utf_8_whatever_a_label_says(text: str, label: str | None, content_type: str) -> None:
    body = titled(text, label=label)
    assert decoded(body, content_type).text == body.decode()
    assert title(body, content_type) == text.replace("\u00a0", " ")


@pytest.mark.parametrize("text", ["NESCAFÉ® is back", "AU CAFÉ… demain", "L’ÉTÉ® arrive"])
@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1252"])
def test_one_sign_that_is_utf_8_by_chance_is_what_the_label_says(text: str, label: str) -> None:
    assert f"<title>{text}<" in decoded(titled(text, "cp1252", label)).text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("label", [None, "utf-8", "utf-16", "windows-1251"])
@pytest.mark.parametrize("content_type", ["", "text/xml; charset=utf-8", "text/xml; charset=windows-1251"])
def test_a_mark_or_the_nuls_of_utf_16_win_over_labels(encoding: str, label: str | None, content_type: str) -> None:
    body = titled("Зустріч у Києві", label=label).decode().encode(encoding)
    assert title(body, content_type) == "Зустріч у Києві"


@pytest.mark.parametrize("label", ["utf-16", "UTF-16LE", "ucs-2", "utf-32"])
def test_utf_16_that_is_declared_and_is_not_so_is_no_obstacle(label: str) -> None:
    assert title(titled("plain words", label=label), f"text/xml; charset={label}") == "plain words"
    assert title(titled("Жінка", label=label), f"text/xml; charset={label}") == "Жінка"
    text = WORDS["windows-1251"]
    assert title(titled(text, "cp1251", label), f"text/xml; charset={label}") == text


def test_a_mark_before_text_that_is_no_utf_8_is_not_believed() -> None:
    text = WORDS["windows-1251"]
    assert title(b"\xef\xbb\xbf" + titled(text, "cp1251")) == text


@pytest.mark.parametrize(
    ("encoding", "label"),
    [("iso2022_jp", "iso-2022-jp"), ("iso2022_jp", None), ("iso2022_kr", "iso-2022-kr"), ("hz", "hz-gb-2312"), ("utf-7", "utf-7")],
)
def test_seven_bits_that_hold_other_letters_are_read(encoding: str, label: str | None) -> None:
    text = {"iso2022_jp": "日本の見出し", "iso2022_kr": "정부 발표", "hz": "政府", "utf-7": "Привет"}[encoding]
    body = titled("TEXT", label=label).decode().replace("TEXT", text).encode(encoding)
    assert title(body) == text


@pytest.mark.parametrize(
    ("text", "encoding", "label"),
    [
        ("Źródła: spór o budżet", "cp1250", "iso-8859-2"),
        ("Šéf policie odstoupil, „žádné úplatky“", "cp1250", "iso-8859-2"),
        ("朱镕基谈关税", "gbk", "gb2312"),
        ("髙島氏が①位に、㈱みなと", "cp932", "shift_jis"),
        ("Миротворцы в Украине", "cp1251", "iso-8859-1"),
        ("Миротворцы в Украине", "koi8-r", "windows-1252"),
        ("Η κυβέρνηση αυξάνει τις δαπάνες", "cp1253", "iso-8859-1"),
        ("政府明年将增加国防开支", "gbk", "utf-8"),
        ("政府、来年度の防衛費を増額へ", "cp932", "utf-8"),
        ("Les négociations reprennent à Genève", "cp1252", "utf-8"),
    ],
)
def test_wrong_labels_that_are_usual(text: str, encoding: str, label: str) -> None:
    assert title(titled(text, encoding, label)) == text
    assert title(titled(text, encoding), f"text/xml; charset={label}") == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Nuove regole per la città", "windows-1252"),
        ("L’été – « sûr »", "windows-1252"),
        ("Straße über Öl", "windows-1252"),
        ("Dvořák a žluť", "windows-1252"),
        ("Привет, мир — да", "windows-1252"),
        ("Привет, мир — да", "windows-1251"),
    ],
)
def test_utf_8_that_was_written_twice_is_mended(text: str, encoding: str) -> None:
    twice = "".join(table(encoding)[byte] for byte in text.encode())
    assert title(titled(twice)) == text


@pytest.mark.parametrize("text", ["AMANHÃ\u00a0CEDO", "Ãntre ele", "Â", "RÊVE : « NÂ»", "РСФСР и РСДРП", "Â© é", "The bytes Ã© mean é"])
def test_what_may_be_meant_is_not_mended(text: str) -> None:
    body = titled(text)
    assert decoded(body).utf8 is body


def test_characters_in_two_halves_are_joined() -> None:
    assert title(titled("Привет ".encode() + "\ud83d\ude00".encode("utf-8", "surrogatepass"))) == "Привет 😀"


def test_letters_far_behind_or_in_markup_only_count_too() -> None:
    text = WORDS["windows-1251"]
    assert decoded(encoded_feed([b"plain words " * 50_000, text.encode("cp1251")])).charset == "windows-1251"
    assert decoded(f'<opml><outline title="{text}"/></opml>'.encode("cp1251")).charset == "windows-1251"


def test_the_cheap_path_hands_the_same_bytes_on() -> None:
    for text in ("plain words", "Зустріч у Києві", "Perché"):
        body = titled(text)
        assert decoded(body).utf8 is body


def test_a_parser_that_believes_the_declaration_is_not_led_astray() -> None:
    found = decoded(titled("Жінка чекає", "cp1251", "windows-1251"))
    assert b"encoding" not in found.xml
    assert etree.fromstring(found.xml).findtext(".//title") == "Quay"


def remembered_after(*bodies: bytes, content_type: str = "") -> str | None:
    known = None
    for body in bodies:
        known = drafts_of_body(ParseJob(FEED, body, content_type, "https://quay.example/", 100, NOW, charset=known)).charset
    return known


def test_what_a_long_body_showed_helps_with_a_short_one_and_is_forgotten_when_it_is_no_longer_so() -> None:
    long = encoded_feed([f"{WORDS['windows-1251']} {one}".encode("cp1251") for one in ("раз", "два", "три")])
    short = titled("Ы", "cp1251")
    assert remembered_after(long) == "windows-1251"
    assert remembered_after(long, titled("plain")) == "windows-1251", "ASCII says nothing"
    assert remembered_after(long, short) == "windows-1251"
    assert decoded(short, remembered="windows-1251").text == short.decode("cp1251")
    assert remembered_after(long, titled(WORDS["koi8-r"])) is None, "UTF-8 needs no memory"
    assert remembered_after(long, encoded_feed([WORDS["koi8-r"].encode("koi8-r")])) == "koi8-r"
    assert remembered_after(titled(WORDS["windows-1251"], "cp1251", "windows-1251")) is None, "a right label needs no memory"


def test_a_label_that_was_wrong_before_does_not_weigh_against_what_is_remembered() -> None:
    first = encoded_feed([f"{text} już".encode("cp1250") for text in ("Źródła: spór", "Święta", "Śledztwo w Łodzi", "Źle")], "iso-8859-2")
    assert remembered_after(first) == "windows-1250"
    short = titled("Świat", "cp1250", "iso-8859-2")
    assert decoded(short, remembered="windows-1250").text.count("Świat") == 1


@given(st.binary(max_size=400), st.sampled_from(["", "text/xml; charset=utf-8", 'a/b; charset="', "text/xml; charset=\ud800"]))
def test_any_bytes_are_told_as_something(body: bytes, content_type: str) -> None:
    found = decoded(body, content_type)
    assert found.utf8.decode("utf-8") == found.text
    assert found.charset


@pytest.mark.parametrize("label", ["", ' encoding="utf-8"'])
@pytest.mark.parametrize("broken", [b"\xa9 Quay", b"\xff", b"caf\xe9", b"\xe2\x80"])
@pytest.mark.parametrize("text", ["It’s a deal ", "Zürich grüßt ", "Привет, мир ", "新华社 ", "“Pact” "])
def test_utf_8_with_one_broken_place_stays_utf_8(text: str, broken: bytes, label: str) -> None:
    body = f'<?xml version="1.0"{label}?><rss><channel><title>{text}'.encode() + broken + b"</title></channel></rss>"
    found = decoded(body)
    assert found.charset == "utf-8"
    assert text in found.text


@pytest.mark.parametrize(
    "text", ["élan &#232; vero", "Ça n’était pas là", "Żółta łódź", "Ελλάδα σήμερα", "Москва сегодня", "新华社北京电 中国经济"]
)
def test_a_text_in_another_encoding_is_not_taken_for_damaged_utf_8(text: str) -> None:
    codec = next(one for one in ("cp1252", "cp1250", "cp1253", "cp1251", "gbk") if _fits(text, one))
    body = b'<?xml version="1.0" encoding="utf-8"?><rss><channel><title>' + text.encode(codec) + b"</title></channel></rss>"
    assert text in decoded(body).text


def _fits(text: str, codec: str) -> bool:
    try:
        return bool(text.encode(codec))
    except UnicodeEncodeError:
        return False
