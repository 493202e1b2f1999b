"""The expected matches become exactly the expected stories and alerts, whatever order the feeds come in."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import combinations

import pytest
from support.recorded import NOW, recorded_articles, recorded_versions
from support.shipped import shipped_themes

from newsmon import ids
from newsmon.app.demo.findings.expectations import ExpectedEntry, load_expectations
from newsmon.app.demo.findings.verdict import SeenAlert, judge_alerts
from newsmon.app.demo.recorded.catalogue import demo_directory
from newsmon.ids import normalised
from newsmon.records import Alert, Article, Match, Relation, Severity, SeverityReason, StoryState
from newsmon.records.outcomes import RANK
from processors.matching.classify import classify_article
from processors.stories.grouping import Grouping

EXPECTED = load_expectations(demo_directory() / "expected.toml")
ENTRIES = EXPECTED.by_title()
THEMES = shipped_themes()


def sightings(seed: int) -> list[tuple[ExpectedEntry, Article]]:
    """The expected matches' articles: first versions with the feeds in a random order, then what the second versions change."""
    versions = recorded_versions()
    random.Random(seed).shuffle(versions)
    shown: set[str] = set()
    found = []
    for feed, version in sorted(versions, key=lambda pair: pair[1]):
        for article in recorded_articles(feed, version):
            entry = ENTRIES.get((feed.id, normalised(article.title)))
            if entry is not None and entry.themes and article.revision_id not in shown:
                shown.add(article.revision_id)
                found.append((entry, article))
    return found


def decide(seed: int) -> dict[str, list[tuple[ExpectedEntry, StoryState]]]:
    grouping = Grouping()
    stories: defaultdict[str, list[tuple[ExpectedEntry, StoryState]]] = defaultdict(list)
    offset = 0
    for entry, article in sightings(seed):
        for theme in entry.themes:
            match = Match(
                match_id=ids.match_id(article.revision_id, theme), theme_id=theme, theme_label=theme, theme_version="1", generation="g",
                score=9.0, threshold=6.0, severity=Severity.NOTICE, evidence=(), matched_at=NOW + timedelta(seconds=offset), article=article,
            )  # fmt: skip
            state = grouping.decide(match, source_offset=offset)
            grouping.apply(state)
            stories[state.story_id].append((entry, state))
            offset += 1
    return stories


@pytest.mark.parametrize("seed", range(8))
def test_every_expected_alert_is_opened_once_and_no_other(seed: int) -> None:
    seen = []
    for members in decide(seed).values():
        opened = [state.alert for _entry, state in members if state.alert is not None]
        if opened:
            shown = tuple((entry.feed, entry.title) for entry, _state in members)
            theme, title = members[0][1].theme_id, members[0][1].story.title
            headlines = tuple(alert.title for alert in opened)
            seen.append(SeenAlert(opened[0].alert_id, theme, title, shown, delivered=True, verified=True, headlines=headlines))
            assert Counter(alert.revision for alert in opened).most_common(1)[0][1] == 1
    assert judge_alerts(EXPECTED, seen) == []


@pytest.mark.parametrize("seed", range(4))
def test_most_of_what_an_event_holds_is_of_one_development(seed: int) -> None:
    """Within minutes of the first start no one knows what is usual in a theme; that each development is told all the same, see above."""
    companions = {(alert.group, other) for alert in EXPECTED.alert for other in alert.or_in}
    events: defaultdict[str, list[str | None]] = defaultdict(list)
    for members in decide(seed).values():
        for entry, state in members:
            events[state.event_id].append(entry.group)
    pairs = [pair for groups in events.values() for pair in combinations(groups, 2)]
    right = sum(one == other or (one, other) in companions or (other, one) in companions for one, other in pairs)
    assert right >= 0.55 * len(pairs)


@pytest.mark.parametrize("seed", range(4))
def test_every_declared_wire_copy_is_recognised_and_raises_no_alert(seed: int) -> None:
    by_key = {(entry.key, state.theme_id): state for members in decide(seed).values() for entry, state in members}
    for (key, theme), state in by_key.items():
        entry = next(entry for entry in EXPECTED.entry if entry.key == key)
        if entry.copy_of is not None:
            original = by_key[entry.copy_of, theme]
            assert Relation.COPY in (state.relation, original.relation), key
            assert state.story_id == original.story_id


def test_a_revised_text_is_an_update_of_its_own_story() -> None:
    revised = [(entry, state) for members in decide(0).values() for entry, state in members if state.relation is Relation.UPDATE]
    assert {entry.key for entry, _state in revised if entry.version == 2} >= {"harbour-times/gov-day@2", "potomac-ledger/court@2"}


@pytest.mark.parametrize("seed", range(4))
def test_each_development_is_as_grave_as_its_news(seed: int) -> None:
    """Classified by the shipped themes: what is decided is urgent, and flash once three sources surely confirm it; most is a notice at first."""
    grouping = Grouping()
    opened: Counter[Severity] = Counter()
    last: dict[str, Alert] = {}
    groups: dict[tuple[str, str], str] = {}
    for offset, (entry, article) in enumerate(sightings(seed)):
        for match in classify_article(article, THEMES, now=NOW + timedelta(seconds=offset))[1]:
            state = grouping.decide(match, source_offset=len(grouping))
            grouping.apply(state)
            groups.setdefault((match.theme_id, entry.group or entry.key), state.event_id)
            if state.alert is not None:
                before = last.get(state.event_id)
                if before is None or RANK[state.alert.severity] >= RANK[before.severity]:  # a doubtful report is as grave as its own words
                    last[state.event_id] = state.alert
                opened[state.alert.severity] += state.alert.revision == 1
    assert opened[Severity.FLASH] == 0  # one source alone wakes nobody
    assert opened[Severity.NOTICE] > opened[Severity.URGENT] > 0
    flash = {event_id: alert.severity_reason for event_id, alert in last.items() if alert.severity is Severity.FLASH}
    steel = groups["us-trade", "steel-duties"]
    assert flash in ({}, {steel: SeverityReason.CONFIRMED})
    assert last[steel].severity in (Severity.URGENT, Severity.FLASH)
    for theme in ("us-trade", "ukraine-peacekeeping", "defence-spending"):
        day = last[groups[theme, "government-day"]]
        assert (day.severity, day.severity_reason, day.source_count >= 3) == (Severity.URGENT, SeverityReason.CONFIRMED, True)
