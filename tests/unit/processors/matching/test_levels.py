"""The severity of an article by its theme's rules: each condition, levels that wait for other sources, the shipped themes on labelled texts."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from support.places import DATA
from support.shipped import shipped_themes

from newsmon.errors import SettingsError
from newsmon.records import Severity
from processors.matching.offline import answer_item, parse_item
from processors.matching.verdicts import verdicts_of
from processors.search.scan import scan
from processors.themes import ThemeSet, load_themes

DATA = DATA / "themes"
HEAD = 'id = "rail"\nlabel = "Rail"\nversion = "1"\nowner = "desk"\nthreshold = 3\n[lists]\nopens = { en = ["opens", "opened"] }\n'
RULES = (
    '[[rule]]\nid = "line"\nweight = 4\nall = [{ en = ["railway*"] }]\n[[rule]]\nid = "crash"\nweight = 4\nall = [{ en = ["derail*"] }]\n'
)
TITLE, LEAD, BODY = "Arland opens railway", "A train derailed on the railway.", "The line was opened by the queen."


def themes_with(folder: Path, *severity: str) -> ThemeSet:
    (folder / "rail.toml").write_text(HEAD + RULES + "".join(f"[[severity]]\n{one}\n" for one in severity))
    return load_themes(folder)


def said(folder: Path, *severity: str, title: str = TITLE, lead: str = LEAD, tier: int | None = 2) -> str:
    """`level` or `level, level@sources, ...` of what waits; `*` for as many as the operator asks for."""
    [verdict] = verdicts_of(scan(title, lead, BODY), themes_with(folder, *severity), "en", tier)
    assert verdict.matched
    waiting = (f"{step.severity}@{step.min_sources or '*'}" for step in verdict.severity_steps)
    return ", ".join([verdict.severity, *waiting])


URGENT, FLASH = 'level = "urgent"', 'level = "flash"'


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ((), "notice"),
        ((URGENT,), "urgent"),  # the theme's threshold is enough
        ((f"{URGENT}\nscore = 100",), "notice"),
        ((f'{URGENT}\nrules = ["crash"]',), "urgent"),
        ((f'{URGENT}\nany = ["opens"]\nfields = ["title"]',), "urgent"),
        ((f'{URGENT}\nany = ["opens"]\nfields = ["lead"]',), "notice"),
        ((f'{URGENT}\nany = ["opens"]\nfields = ["body"]',), "urgent"),
        ((f'{URGENT}\nany = [{{ en = ["queen"] }}]',), "notice"),  # title and lead when nothing is said
        ((f'{URGENT}\nany = [{{ en = ["queen"] }}, "opens"]',), "urgent"),
        ((f"{URGENT}\nmax_tier = 1",), "notice"),
        ((f"{URGENT}\nmax_tier = 2",), "urgent"),
        ((f"{URGENT}\nmin_sources = 3",), "notice, urgent@3"),
        # flash is urgent until confirmed, unless the rule says that one source is enough
        ((FLASH,), "urgent, flash@*"),
        ((f"{FLASH}\nmin_sources = 1",), "flash"),
        ((f"{FLASH}\nmin_sources = 4",), "urgent, flash@4"),
        ((URGENT, FLASH), "urgent, flash@*"),
        ((FLASH, f"{FLASH}\nmin_sources = 4", f"{URGENT}\nmin_sources = 2"), "urgent, flash@*, flash@4"),
        ((f"{FLASH}\nscore = 100", f"{URGENT}\nmin_sources = 2"), "notice, urgent@2"),
        ((f"{FLASH}\nmin_sources = 1", f"{URGENT}\nmin_sources = 2"), "flash"),
    ],
)
def test_the_highest_level_whose_conditions_all_hold(tmp_path: Path, severity: tuple[str, ...], expected: str) -> None:
    assert said(tmp_path, *severity) == expected


@pytest.mark.parametrize(("tier", "expected"), [(1, "urgent"), (3, "notice"), (None, "notice")])
def test_an_unknown_tier_is_not_a_good_one(tmp_path: Path, tier: int | None, expected: str) -> None:
    assert said(tmp_path, f"{URGENT}\nmax_tier = 2", tier=tier) == expected


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        (f'{URGENT}\nany = ["closes"]', "rail.toml:13:severity[0].any[0]"),
        (f'{URGENT}\nany = [{{ en = ["a*"] }}]', "severity[0].any[0]"),
        (f'{URGENT}\nrules = ["bridge"]', "severity[0].rules"),
        (f"{URGENT}\nmin_sources = 0", "severity[0].min_sources"),
        (f"{URGENT}\nmax_tier = 0", "severity[0].max_tier"),
        (f"{URGENT}\nfields = []", "severity[0].fields"),
        (f'{URGENT}\nwhen = "always"', "severity[0].when"),
        ('level = "loud"', "severity[0].level"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, rule: str, where: str) -> None:
    with pytest.raises(SettingsError) as caught:
        themes_with(tmp_path, rule)
    assert where.rpartition(":")[2] in str(caught.value)


def test_of_the_labelled_positives_most_are_notices_a_fair_part_urgent_and_none_is_flash_alone() -> None:
    themes = shipped_themes()
    levels: Counter[Severity] = Counter()
    for file in sorted(DATA.glob("headlines.test*.jsonl")):
        for line in file.read_bytes().splitlines():
            labels = json.loads(line)["labels"]
            verdicts = answer_item(parse_item(line), themes, lambda _text: "und").verdicts
            levels.update(one.severity for one in verdicts if one.matched and one.theme_id in labels)
    total = sum(levels.values())
    assert total > 300
    assert levels[Severity.FLASH] == 0
    assert 0.08 < levels[Severity.URGENT] / total < 0.35


@pytest.mark.parametrize(
    ("title", "decided"),
    [
        ("Trump imposes 25% tariffs on European cars", True),
        ("Trump threatens 25% tariffs on European cars", False),
        ("EU and US sign trade deal on steel tariffs", True),
        ("EU hopes for US trade deal on steel tariffs", False),
        ("Trump verhängt Zölle von 25 Prozent auf Autos aus der EU", True),
        ("Trump droht mit Zöllen von 25 Prozent auf Autos aus der EU", False),
        ("Trump impone aranceles del 25 % a los coches europeos", True),
        ("США ввели пошлины на европейские автомобили", True),
        ("США грозят пошлинами на европейские автомобили", False),
    ],
)
def test_a_headline_that_says_what_was_decided_is_urgent(title: str, decided: bool) -> None:
    themes = shipped_themes()
    verdict = next(one for one in verdicts_of(scan(title, "", ""), themes, "und", 3) if one.theme_id == "us-trade")
    assert verdict.matched
    assert verdict.severity is (Severity.URGENT if decided else Severity.NOTICE)
