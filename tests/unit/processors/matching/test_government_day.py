"""The story newsmon exists for, and the ones it must say nothing about."""

from __future__ import annotations

import io
import json

import pytest
from support.shipped import shipped_themes

from newsmon.app.cli.themes.classify import classify_lines

THEMES = shipped_themes()
ALL = {"ukraine-peacekeeping", "us-trade", "defence-spending"}

BOX = (
    "Sign up for our Peacekeeping and Tariffs newsletter: the US trade war and defence spending in your inbox\n"
    "Privacy Notice: Newsletters may contain information about charities, online ads, and content funded by outside parties.\n"
)
DAY = {
    "en": (
        "PM joins leaders' call as Washington presses its case",
        "The prime minister joined European leaders on a call about a peacekeeping force for Ukraine once a ceasefire holds.\n"
        + BOX
        + "He also spoke with the US president about tariffs on steel and a deal on critical minerals.\n"
        "Washington wants Canberra to lift defence spending to 3.5 per cent of GDP.",
    ),
    "de": (
        "Kanzler berät mit Verbündeten und Washington",
        (
            "Der Kanzler nahm an einer Schalte über eine Friedenstruppe für die Ukraine nach einem Waffenstillstand teil.\n"
            "Mit dem US-Präsidenten sprach er über Zölle auf Stahl und kritische Rohstoffe.\n"
            "Washington fordert, die Verteidigungsausgaben auf 3,5 Prozent des BIP zu erhöhen."
        ),
    ),
    "fr": (
        "Le premier ministre entre Kiev et Washington",
        (
            "Le premier ministre a participé à une réunion sur une force de maintien de la paix en Ukraine après un cessez-le-feu.\n"
            "Il a parlé avec le président américain des droits de douane sur l'acier.\n"
            "Washington demande de porter les dépenses de défense à 3,5 % du PIB."
        ),
    ),
    "es": (
        "El presidente habla con los aliados y con Washington",
        (
            "El presidente participó en una llamada sobre una fuerza de paz para Ucrania tras un alto el fuego.\n"
            "Con el presidente de Estados Unidos habló de los aranceles al acero.\n"
            "Washington pide elevar el gasto en defensa al 3,5 % del PIB."
        ),
    ),
    "pl": (
        "Premier rozmawia z sojusznikami i z Waszyngtonem",
        (
            "Premier wziął udział w rozmowie o siłach pokojowych w Ukrainie po zawieszeniu broni.\n"
            "Z prezydentem USA rozmawiał o cłach na stal.\n"
            "Waszyngton chce, by wydatki na obronność wzrosły do 3,5 proc. PKB."
        ),
    ),
    "uk": (
        "Прем'єр говорив із союзниками та Вашингтоном",
        (
            "Прем'єр долучився до розмови про миротворчі сили в Україні після припинення вогню.\n"
            "З президентом США він говорив про мита на сталь.\n"
            "Вашингтон вимагає підняти витрати на оборону до 3,5 % ВВП."
        ),
    ),
}
SILENT = {
    "a UN mission in Lebanon": (
        "UN peacekeepers in Lebanon come under fire",
        "The mission in southern Lebanon said two of its troops were hurt.",
    ),
    "a football trade": ("Dolphins trade star receiver to Jets", "The deal sends two draft picks to Miami before the trade deadline."),
    "a power tariff": (
        "Power tariff to rise for households in January",
        "The regulator approved a higher electricity tariff for households.",
    ),
    "a defence lawyer": ("Defence lawyer says client was at home", "The defence will call three witnesses, the court heard."),
    "health spending": ("Health spending reaches 11 per cent of GDP", "Hospitals take most of the budget."),
    "a trade union": ("Trade union calls strike at US carmaker", "The union wants higher pay."),
    "a mobile tariff": ("Mobilfunk: Neue Tarife ab Januar", "Der Anbieter ändert seine Tarife für Handys."),
    "a goalkeeper": ("Defensa y portero salvan al equipo", "La defensa aguantó hasta el final del partido."),
    "peacekeepers in Congo": ("Миротворці ООН у Конго евакуювали цивільних", "Місія ООН у Конго повідомила про евакуацію."),
    "a title's defence": ("Title defence: club raises its budget for the season", ""),
    "a title's defence in Polish": ("Obrona tytułu: budżet klubu wzrośnie o milion", ""),
    "a title's defence in Spanish": ("La defensa del título: el presupuesto del club sube", ""),
    "a title's defence in French": ("Défense du titre : le budget du club augmente", ""),
    "a club's back line": ("Arsenal spend £80m on defence as transfer budget grows", ""),
    "two others' deal": ("India and Britain sign free trade agreement", "The pact cuts duties on whisky and textiles."),
}


def classify(title: str, text: str) -> dict[str, object]:
    out = io.StringIO()
    assert classify_lines(io.BytesIO(json.dumps({"id": "1", "title": title, "text": text}).encode()), out, THEMES) == 0
    answer: dict[str, object] = json.loads(out.getvalue())
    return answer


@pytest.mark.parametrize("language", DAY)
def test_a_governments_day_belongs_to_all_three_themes_in_every_language(language: str) -> None:
    assert set(classify(*DAY[language])["labels"]) == ALL  # type: ignore[call-overload]


def test_no_evidence_lies_in_the_newsletter_box_or_the_privacy_notice() -> None:
    title, text = DAY["en"]
    start, end = text.index(BOX), text.index(BOX) + len(BOX)
    evidence = classify(title, text)["evidence"]
    assert isinstance(evidence, list)
    assert evidence
    for part in evidence:
        assert (title if part["field"] == "title" else text)[part["start"] : part["end"]] == part["text"]
        assert part["field"] == "title" or part["end"] <= start or part["start"] >= end


def test_a_box_alone_matches_nothing() -> None:
    assert classify("Orchestra plays in the harbour", "A fine evening.\n" + BOX + "The next concert is on Friday.")["labels"] == []


@pytest.mark.parametrize("what", SILENT)
def test_look_alikes_stay_silent(what: str) -> None:
    assert classify(*SILENT[what])["labels"] == [], what
