"""The next decision in one matter is told, though its report has the words of the last one: through `newsmon rehearse`, with the shipped themes.

Two outlets write a decision and its reversal in one mould, so that headline and lead differ in little but the verb. The pairs were written by
a reader who knew the commands, not the code; all eight were first taken for copies.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.inbox.labelled import archive
from support.inbox.rehearsing import rehearsed

DAY = datetime(2026, 11, 10, 6, tzinfo=UTC)
PAIRS = {
    "imposes, scraps": ("en", [
        ("Trump imposes 25% tariff on Canadian lumber",
         "President Donald Trump signed an order on Monday imposing a 25 per cent tariff on Canadian softwood lumber from Friday."),
        ("Trump scraps 25% tariff on Canadian lumber",
         "President Donald Trump signed an order on Tuesday scrapping the 25 per cent tariff on Canadian softwood lumber."),
    ]),
    "upholds, strikes down": ("en", [
        ("Supreme Court upholds Trump tariffs",
         "The Supreme Court on Monday upheld the tariffs President Donald Trump imposed under emergency powers."),
        ("Supreme Court strikes down Trump tariffs",
         "The Supreme Court on Tuesday struck down the tariffs President Donald Trump imposed under emergency powers."),
    ]),
    "passes, rejects": ("en", [
        ("House passes $900bn Pentagon budget bill", "The House passed a $900bn Pentagon budget bill on Thursday by 231 votes to 200."),
        ("House rejects $900bn Pentagon budget bill", "The House rejected a $900bn Pentagon budget bill on Friday by 231 votes to 200."),
    ]),
    "seeks, approve": ("en", [
        ("Taipei seeks special defence budget worth 40 billion dollars",
         "The cabinet in Taipei asked lawmakers on Monday for a special defence budget worth 40 billion dollars for missiles and drones."),
        ("Taipei lawmakers approve special defence budget of 40 billion dollars",
         "Lawmakers in Taipei approved the special defence budget worth 40 billion dollars by 61 votes to 48 after a night of debate."),
    ]),
    "stimmt zu, lehnt ab": ("de", [
        ("Bundestag stimmt Friedenstruppe für die Ukraine zu",
         "Der Bundestag hat der Entsendung deutscher Soldaten in eine Friedenstruppe für die Ukraine zugestimmt."),
        ("Bundestag lehnt Friedenstruppe für die Ukraine ab",
         "Der Bundestag hat die Entsendung deutscher Soldaten in eine Friedenstruppe für die Ukraine abgelehnt."),
    ]),
    "przyjął, odrzucił": ("pl", [
        ("Sejm przyjął budżet obronny na 2027 rok", "Sejm przyjął w piątek budżet obronny w wysokości 200 mld zł."),
        ("Sejm odrzucił budżet obronny na 2027 rok", "Sejm odrzucił w sobotę budżet obronny w wysokości 200 mld zł."),
    ]),
    "impone, retira": ("es", [
        ("EE UU impone aranceles al acero de México", "Estados Unidos impone desde el viernes aranceles del 30 % al acero de México."),
        ("EE UU retira los aranceles al acero de México", "Estados Unidos retira desde el sábado los aranceles del 30 % al acero de México."),
    ]),
    "imposent, suspendent": ("fr", [
        ("Les États-Unis imposent des droits de douane sur le vin français",
         "Washington impose des droits de douane de 20 % sur le vin français dès vendredi."),
        ("Les États-Unis suspendent les droits de douane sur le vin français",
         "Washington suspend les droits de douane de 20 % sur le vin français."),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("verbs", PAIRS)
def test_a_further_decision_is_told_under_its_own_headline(verbs: str, tmp_path: Path) -> None:
    language, reports = PAIRS[verbs]
    lines = [
        {
            "id": str(number), "title": title, "text": text, "lang": language, "source": f"Outlet {number}",
            "published_at": at, "first_seen_at": at,
        }
        for number, (title, text) in enumerate(reports)
        for at in ((DAY + timedelta(days=number)).isoformat(),)
    ]  # fmt: skip
    told = [row["told"] and row["told"]["title"] for row in rehearsed(archive(lines, tmp_path / "two.jsonl"))]
    assert told == [title for title, _text in reports]
