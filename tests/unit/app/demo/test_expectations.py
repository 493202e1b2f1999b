"""The verdict on the demo: anything missing, surplus, undelivered or unverified is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsmon.app.demo.findings.expectations import Expectations, ExpectedAlert, ExpectedEntry, load_expectations
from newsmon.app.demo.findings.observed import SeenArticle
from newsmon.app.demo.findings.verdict import FindingKind, SeenAlert, judge_alerts, judge_matches
from newsmon.errors import SettingsError

STEEL = ExpectedEntry(key="wire/steel", feed="wire", version=1, title="Duties on steel", themes=("us-trade",), group="steel")
STEEL_DE = ExpectedEntry(key="post/zoll", feed="post", version=1, title="Zölle auf Stahl", themes=("us-trade",), group="steel-de")
GOALIE = ExpectedEntry(key="post/goalie", feed="post", version=1, title="Defence holds", themes=(), why="football")
EXPECTED = Expectations(
    entry=(STEEL, STEEL_DE, GOALIE),
    alert=(ExpectedAlert(theme="us-trade", group="steel"), ExpectedAlert(theme="us-trade", group="steel-de", or_in=("steel",))),
)


def article(feed: str, title: str, *themes: str) -> SeenArticle:
    return SeenArticle(feed=feed, title=title, themes=frozenset(themes))


ALL_SEEN = [
    article("wire", "Duties on  STEEL", "us-trade"),
    article("post", "Zölle auf Stahl", "us-trade"),
    article("post", "Defence holds"),
]


def alert(*members: tuple[str, str], alert_id: str = "al_1", delivered: bool = True, verified: bool = True) -> SeenAlert:
    title = members[0][1]
    return SeenAlert(alert_id=alert_id, theme="us-trade", title=title, members=members, delivered=delivered, verified=verified)


FROM_WIRE, FROM_POST = ("wire", "Duties on steel"), ("post", "Zölle auf Stahl")


def kinds(findings: list) -> list[FindingKind]:  # type: ignore[type-arg]
    return [finding.kind for finding in findings]


def test_a_perfect_run_has_no_findings() -> None:
    assert judge_matches(EXPECTED, ALL_SEEN) == []
    assert judge_alerts(EXPECTED, [alert(FROM_WIRE), alert(FROM_POST, alert_id="al_2")]) == []


def test_a_look_alike_that_matches_is_found() -> None:
    findings = judge_matches(EXPECTED, [*ALL_SEEN[:2], article("post", "Defence holds", "defence-spending")])
    assert kinds(findings) == [FindingKind.UNEXPECTED_MATCH]


def test_an_unlisted_entry_that_matches_is_found() -> None:
    assert kinds(judge_matches(EXPECTED, [*ALL_SEEN, article("wire", "Weather", "us-trade")])) == [FindingKind.UNEXPECTED_MATCH]


def test_a_theme_that_stayed_silent_is_found() -> None:
    assert kinds(judge_matches(EXPECTED, [article("wire", "Duties on steel"), *ALL_SEEN[1:]])) == [FindingKind.MISSING_MATCH]


def test_an_entry_that_never_arrived_is_found() -> None:
    assert kinds(judge_matches(EXPECTED, ALL_SEEN[1:])) == [FindingKind.ENTRY_NOT_SEEN]


def test_a_missing_alert_is_found() -> None:
    assert kinds(judge_alerts(EXPECTED, [alert(FROM_POST)])) == [FindingKind.MISSING_ALERT]


def test_a_report_in_another_language_may_join_the_story_it_belongs_to() -> None:
    assert judge_alerts(EXPECTED, [alert(FROM_WIRE, FROM_POST)]) == []


def test_joining_a_story_it_does_not_belong_to_is_a_missing_alert() -> None:
    assert kinds(judge_alerts(EXPECTED, [alert(FROM_POST, FROM_WIRE)])) == [FindingKind.MISSING_ALERT]


def test_a_second_alert_on_the_same_development_is_found() -> None:
    seen = [alert(FROM_WIRE), alert(FROM_WIRE, alert_id="al_2"), alert(FROM_POST, alert_id="al_3")]
    assert kinds(judge_alerts(EXPECTED, seen)) == [FindingKind.UNEXPECTED_ALERT]


def test_an_alert_on_something_unlisted_is_found() -> None:
    seen = [alert(FROM_WIRE, FROM_POST), alert(("post", "Defence holds"), alert_id="al_2")]
    assert kinds(judge_alerts(EXPECTED, seen)) == [FindingKind.UNEXPECTED_ALERT]


@pytest.mark.parametrize(
    ("delivered", "verified", "kind"),
    [(False, False, FindingKind.ALERT_NOT_DELIVERED), (True, False, FindingKind.UNVERIFIED_DELIVERY)],
)
def test_an_alert_that_did_not_arrive_whole_is_found(delivered: bool, verified: bool, kind: FindingKind) -> None:
    assert kinds(judge_alerts(EXPECTED, [alert(FROM_WIRE, FROM_POST, delivered=delivered, verified=verified)])) == [kind]


def test_dangling_references_are_refused_with_file_and_key(tmp_path: Path) -> None:
    file = tmp_path / "expected.toml"
    file.write_text(
        '[[entry]]\nkey = "a/b"\nfeed = "a"\nversion = 1\ntitle = "T"\nthemes = ["x"]\ngroup = "g"\ncopy_of = "a/nothing"\n'
        '[[alert]]\ntheme = "y"\ngroup = "g"\n'
    )
    with pytest.raises(SettingsError) as caught:
        load_expectations(file)
    assert [problem.where for problem in caught.value.problems] == [f"{file}:entry.a/b", f"{file}:alert.y.g"]
