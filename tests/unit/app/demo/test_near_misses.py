"""Why a look-alike stayed silent, said in words a person can check."""

from __future__ import annotations

import pytest
from support.shipped import shipped_themes

from newsmon.app.demo.findings.near_misses import nearest
from newsmon.app.demo.tables.alerts import quantile

THEMES = shipped_themes()


def why(title: str, text: str, language: str = "en") -> list[tuple[str, str]]:
    return [(miss.theme_id, miss.why) for miss in nearest(title, text, "", language, THEMES, looks_like="")]


def test_a_word_without_its_partner_names_what_is_missing() -> None:
    [(theme, reason)] = why("Countryside charity wins a trade dispute with its landlord", "")
    assert theme == "us-trade"
    assert reason.startswith("'trade dispute': no us within ")


def test_a_word_beside_another_that_forbids_it_names_the_other() -> None:
    [(theme, reason)] = why("Watchdog tells mobile firms to simplify tariffs", "The three networks sell 214 tariffs.")
    assert theme == "us-trade"
    assert reason == "'tariffs': household prices nearby forbids it"


def test_a_hit_that_a_context_takes_away_names_the_context() -> None:
    [(theme, reason)] = why("UN peacekeepers in Lebanon report shots near patrol", "The mission near Naqoura has 7,500 troops.")
    assert theme == "ukraine-peacekeeping"
    assert reason.startswith("'peacekeepers': cancelled by ")


def test_a_text_that_matches_or_holds_no_word_of_any_theme_is_no_near_miss() -> None:
    assert why("Britain to send troops to a peacekeeping force for Ukraine after a ceasefire", "") == []
    assert why("Panda cub gets a name", "More than two million votes were cast.") == []


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 2.0), (0.95, 4.0), (1.0, 4.0)])
def test_a_quantile_is_one_of_the_values(share: float, value: float) -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0], share) == value
