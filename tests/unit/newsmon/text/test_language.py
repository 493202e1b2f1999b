"""identify_language names the language of headlines and bodies, within what is configured, without a network."""

from __future__ import annotations

import pytest

from newsmon.text.language import identify_language, model_path

CONFIGURED = ("en", "de", "fr", "es", "pl", "uk", "ru", "it", "cs")
HEADLINES = {
    "en": ["US raises steel tariffs", "Nations sign up for peacekeeping force", "NATO allies agree new spending goal"],
    "de": ["Bundestag beschließt Haushalt", "Zölle auf Stahl", "Kanzler reist nach Kiew"],
    "fr": ["Macron rencontre Zelensky à Paris", "Les droits de douane augmentent", "Budget de la défense : vote attendu"],
    "es": ["El Gobierno aprueba el envío de tropas", "Sánchez anuncia más gasto en defensa"],
    "it": ["Dazi sull'acciaio", "La Camera approva la manovra", "Più fondi alla difesa"],
    "pl": ["Sejm przyjął budżet obronny", "Rosja odrzuca propozycje pokojowe", "Premier leci do Kijowa"],
    "cs": ["Vláda schválila rozpočet", "Ceny elektřiny rostou", "Prezident jednal v Praze"],
    "uk": ["Миротворці прибули до Києва", "Уряд ухвалив бюджет", "Санкції проти нафтових компаній"],
    "ru": ["Госдума приняла закон о бюджете", "Пошлины на сталь", "Миротворцы прибыли в столицу"],
}


@pytest.mark.parametrize(("language", "headline"), [(code, text) for code, texts in HEADLINES.items() for text in texts])
def test_a_bare_headline_is_enough(language: str, headline: str) -> None:
    assert identify_language(headline, candidates=CONFIGURED).code == language


@pytest.mark.parametrize(
    "text", ["", "  ", "123 456 !!!", "https://example.org/a/b", "日本の首相が訪問した", "Η κυβέρνηση ανακοίνωσε νέα μέτρα"]
)
def test_what_no_candidate_wrote_is_undetermined(text: str) -> None:
    assert identify_language(text, candidates=CONFIGURED).code == "und"


def test_without_candidates_any_language_may_answer() -> None:
    assert identify_language("日本の首相が訪問した").code == "ja"
    assert identify_language("Η κυβέρνηση ανακοίνωσε νέα μέτρα").code == "el"


def test_the_prior_decides_what_the_text_leaves_open() -> None:
    assert identify_language("Trump", candidates=CONFIGURED, prior="de").code == "de"


def test_the_prior_does_not_outweigh_clear_text() -> None:
    text = "The government said on Tuesday that it would raise taxes on fuel, and the opposition promised to fight the plan."
    assert identify_language(text, candidates=CONFIGURED, prior="de").code == "en"
    assert identify_language("Уряд ухвалив новий закон і підписав угоду", candidates=CONFIGURED, prior="ru").code == "uk"


def test_a_quoted_foreign_name_does_not_turn_the_language() -> None:
    text = "Власти Украины сообщили, что корабль «Київ» прибыл в порт, это подтвердил и министр"
    assert identify_language(text, candidates=CONFIGURED).code == "ru"


def test_capitals_are_read_like_small_letters() -> None:
    assert identify_language("THE PRESIDENT SAID THAT HE WOULD SIGN THE BILL", candidates=CONFIGURED).code == "en"


def test_the_score_is_a_share() -> None:
    for texts in HEADLINES.values():
        for text in texts:
            assert 0.0 <= identify_language(text, candidates=CONFIGURED, prior="en").score <= 1.0


def test_the_model_lies_in_the_wheel() -> None:
    assert 500_000 < model_path().stat().st_size < 2_000_000
