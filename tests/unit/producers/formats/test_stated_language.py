"""What a feed says about its language decides what its texts leave open; what its texts say clearly comes first."""

from __future__ import annotations

import msgspec
import pytest
from babel import Locale
from support.drafts import NOW
from support.feed_documents import FEED, atom, draft, rss

from newsmon.text import identify_language, language_code
from newsmon.text.language import _CODES
from producers.articles.draft import Draft
from producers.articles.parse_job import ParseJob, drafts_of_body

NAMES = [
    "Tusk, Rutte, Merz, Macron",
    "NATO",
    "Putin, Macron, Scholz",
    "Donald Trump",
    "Rheinmetall, KNDS, Saab",
    "Fico – Orbán – Babiš",
    "IMF, WTO, OECD",
]
CLEAR = {
    "en": "Ministers meet in Tallinn to discuss the new harbour tariff and the war",
    "uk": "Уряд ухвалив новий закон про торгівлю зі Сполученими Штатами",
    "de": "Die Minister treffen sich in Tallinn und sprechen über den neuen Zoll",
    "fr": "Les ministres se réunissent à Tallinn pour discuter du nouveau tarif",
    "pl": "Ministrowie spotykają się w Tallinie, aby omówić nową taryfę celną",
    "ru": "Министры встретились в Таллине, чтобы обсудить новый тариф",
}


@pytest.mark.parametrize("title", NAMES)
@pytest.mark.parametrize("code", ["pl", "hu", "sv", "cs", "fr", "de", "fi"])
def test_a_headline_of_names_is_in_the_language_of_its_feed(title: str, code: str) -> None:
    item = f"<title>{title}</title><link>/a</link>"
    assert draft(rss(item, channel=f"<link>https://quay.example/</link><language>{code}</language>")).language == code
    assert draft(rss(f"{item}<dc:language>{code}-XX</dc:language>")).language == code
    assert draft(atom(f"<title>{title}</title><id>x</id>", root=f'xml:lang="{code}"')).language == code
    assert draft(atom(f'<title xml:lang="{code}">{title}</title><id>x</id>', root='xml:lang="da"')).language == code


@pytest.mark.parametrize("stated", ["en-US", "pl", "ru", "uk", "de", "xx", "", "English"])
@pytest.mark.parametrize("code", sorted(CLEAR))
def test_clear_words_come_before_what_the_feed_says(stated: str, code: str) -> None:
    channel = f"<link>https://quay.example/</link><language>{stated}</language>"
    assert draft(rss(f"<title>{CLEAR[code]}</title><link>/a</link>", channel=channel)).language == code


def test_the_entrys_own_word_comes_before_the_configuration_and_that_before_the_channels() -> None:
    def found(item: str, configured: str | None) -> str:
        body = rss(f"<title>Tusk, Rutte</title><link>/a</link>{item}", channel="<language>sv</language>")
        feed = msgspec.structs.replace(FEED, language=configured)
        (only,) = drafts_of_body(ParseJob(feed, body, "", "https://quay.example/f", 9, NOW)).drafts
        assert isinstance(only, Draft)
        return only.language

    assert found("<dc:language>pl</dc:language>", "hu") == "pl"
    assert found("", "hu") == "hu"
    assert found("", None) == "sv"


@pytest.mark.parametrize(
    ("stated", "code"),
    [("en-US", "en"), ("pl_PL", "pl"), ("ger", "de"), ("deu", "de"), ("English", "en"), ("polski", "pl"), ("українська", "uk"), ("ua", "uk"), ("jp", "ja"),
     ("cz", "cs"), ("gr", "el"), ("dk", "da"), ("se", "sv"), ("kr", "ko"), ("cn", "zh"), ("zh-Hant-TW", "zh"), ("iw", "he"), ("nb-NO", "no"), ("sr-Latn", "sr"),
     (" EN ", "en"), ("en, fr", "en"), ("mul", None), ("und", None), ("x-default", None), ("", None), (None, None), ("?" * 9_999, None)],
)  # fmt: skip
def test_languages_are_read_however_they_are_stated(stated: str | None, code: str | None) -> None:
    assert language_code(stated) == code


def test_every_language_of_the_model_is_known_by_its_codes_and_its_name() -> None:
    names = Locale("en").languages
    for code in _CODES:
        for stated in (code, code.upper(), f"{code}-XX", f"{code}_{code.upper()}", names.get(code, code)):
            assert language_code(stated) == code, stated


def test_the_prior_never_makes_a_language_of_another_script() -> None:
    assert identify_language("Зеленський", prior="en").code != "en"
    assert identify_language("ゼレンスキー", prior="en").code == "ja"
