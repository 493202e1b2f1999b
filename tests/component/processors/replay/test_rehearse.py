"""`newsmon rehearse` shows the inbox of an archive: counted by day, theme and severity, then each message with what came after it."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from support.alerts import alert
from support.past_news import lines
from support.samples import NOON, article
from support.theme_texts import RAIL_HEAD

from newsmon.app.cli.past.rehearse import command
from newsmon.app.cli.past.rehearse_page import Span, page
from newsmon.errors import SettingsError
from newsmon.records import AlertReason, Article, Match, Relation, StoryState
from newsmon.settings import Settings
from processors.rarity.observation import Observation
from processors.replay.rehearsal import PartitionOf
from processors.replay.rehearsal import rehearse as replay
from processors.replay.tally import Tally
from processors.runner.policies import decisions_for
from processors.stories.grouping import Grouping
from processors.themes import load_themes
from producers.articles.archive_lines import Line
from producers.articles.past_articles import PastArticles
from sinks.policy.inbox import Message

RAIL = (
    RAIL_HEAD
    + """
[lists.line]
en = ["railway*"]

[[rule]]
id = "line"
weight = 4
all = ["line"]
"""
)
BRIDGE = {"title": "Railway bridge over the Larn collapses near Oldport", "text": "Nobody was hurt when the railway bridge fell."}
LINES = (
    {"id": "fares", "title": "Railway fares in Norland rise by 7 per cent", "text": "From May.", "first_seen_at": "2026-11-14T08:00:00Z"},
    {"id": "late", "title": "Ferry to Westholm sinks", "text": "All were saved.", "first_seen_at": "2026-11-17T08:00:00Z"},
    {"id": "bridge", **BRIDGE, "source": "Kestrel Post", "first_seen_at": "2026-11-10T08:00:00Z"},
    {"id": "copy", **BRIDGE, "source": "Harbour Gazette", "url": "https://b.example/1", "first_seen_at": "2026-11-10T09:00:00Z"},
    "{broken",
    {"id": "no time", "title": "Railway"},
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    themes = tmp_path / "themes"
    themes.mkdir()
    (themes / "rail.toml").write_text(RAIL)
    (tmp_path / "newsmon.toml").write_text(f'[themes]\ndirectory = "{themes}"\n')
    return tmp_path


def rehearse(place: Path, *options: str, lines: tuple[object, ...] = LINES) -> Result:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (place / "week.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    return CliRunner().invoke(command, [str(place / "week.jsonl.gz"), "--config", str(place / "newsmon.toml"), *options])


def rows(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_page_counts_the_messages_and_shows_each_with_what_came_without_one(place: Path) -> None:
    result = rehearse(place)
    text = result.stdout
    assert result.exit_code == 1, "two lines gave no article"
    assert f"{place / 'week.jsonl.gz'}:5: bad_line:" in result.stderr
    assert f"{place / 'week.jsonl.gz'}:6: bad_line: neither" in result.stderr
    assert "2 lines left out" in text
    assert "4 articles, 2026-11-10 08:00Z to 2026-11-17 08:00Z; nothing was sent" in text
    assert "4 articles from outlets of tier 4 (unknown), which confirm no event" in text
    assert "3 matches, 2 events, 2 stories, 2 messages: 2 a week" in text
    table = [line.split() for line in text.splitlines() if line.startswith(("2026-11-1", "all ")) and len(line.split()) > 4]
    assert table == [["2026-11-10", "rail", "1", ".", ".", "1"], ["2026-11-14", "rail", "1", ".", ".", "1"], ["all", "2", ".", ".", "2"]]
    assert "without an alert: copy of member 1" in text
    bridge = text[text.index("2026-11-10 08:00Z\n") :].splitlines()[1:9]
    assert bridge[0] == "  notice  rail  opened: new story"
    assert bridge[1] == f"  {BRIDGE['title']}"
    assert bridge[2] == "  score 6 of 3: title “Railway” +4 (line/line), lead “railway” +2 (line/line)"
    assert bridge[3].endswith("revision 1: 1 article, 1 source")
    assert bridge[4] == f"  - 10 08:00 opened Kestrel Post: {BRIDGE['title']}"
    assert bridge[5] == "  then, without an alert: 1"
    assert bridge[6] == f"  - 10 09:00 copy Harbour Gazette: {BRIDGE['title']} (copy of member)"


def test_a_span_that_several_clauses_count_is_shown_once_and_outlets_with_a_tier_are_not_called_unknown(place: Path) -> None:
    file = place / "themes" / "rail.toml"
    file.write_text(file.read_text() + '[[rule]]\nid = "rail-news"\nweight = 1\nall = ["line"]\n')
    line = {"title": BRIDGE["title"], "text": "Nobody was hurt.", "tier": 2, "first_seen_at": "2026-11-10T08:00:00Z"}
    text = rehearse(place, lines=(line,)).stdout
    assert "  score 5 of 3: title “Railway” +5 (line/line, rail-news/line)\n" in text
    assert "tier 4" not in text
    assert "1 match, 1 event, 1 story, 1 message\n" in text, "one moment gives no rate a week"


def test_a_further_event_is_shown_with_how_well_it_is_confirmed_itself() -> None:
    told = alert(1, event_count=2, article_count=7, source_count=5, reason=AlertReason.NEW_DEVELOPMENT)
    span, tally = Span(), Tally()
    span.add(article())
    [line] = [line for line in page("week", span, tally, [Message(NOON, (told,), b"")]) if line.startswith("  story ")]
    assert told.event is not None
    assert "7 articles, 5 sources, 2 events, of " in line
    assert line.endswith(f"; this event: {told.event.article_count} article, {told.event.source_count} source")


RISES = [
    {
        "id": str(number), "title": "Railway bridge over the Larn collapses near Oldport", "source": f"Outlet {number}",
        "text": f"The railway bridge fell at {number + 3} in the morning, {word}.", "first_seen_at": f"2026-11-10T08:{10 * number:02}:00Z",
    }
    for number, word in enumerate(("the mayor of Oldport said", "police confirmed on Monday, naming 3 engineers", "said minister Halvorsen"))
]  # fmt: skip


def test_an_update_soon_after_travels_with_the_next_and_is_not_counted_twice(place: Path) -> None:
    (place / "newsmon.toml").write_text((place / "newsmon.toml").read_text() + "[alerts]\nupdate_at_sources = [2, 3]\n")
    found = rows(rehearse(place, "--json", lines=tuple(RISES)))
    told = [row["told"] for row in found if row["told"]]
    travels = [row["travels"] for row in found if "travels" in row]
    alerts = {(one["alert"], one["revision"]) for one in (*told, *travels)}
    assert len(alerts) == len(told) + len(travels)
    assert {(one["with"], one["with_revision"]) for one in travels} <= {(one["alert"], one["revision"]) for one in told}
    assert told[0]["kind"] == "opened"
    assert rehearse(place, lines=tuple(RISES)).stdout.count(f", {len(told)} message") == 1


def test_the_inbox_can_be_that_of_a_receiver_in_the_settings(place: Path) -> None:
    assert "no receiver is called 'desk'" in rehearse(place, "--receiver", "desk").output
    (place / "newsmon.toml").write_text(
        (place / "newsmon.toml").read_text()
        + '[[receivers]]\nid = "desk"\nkind = "apprise"\nurl_env = "DESK"\ndigest = "daily"\ndigest_at = "07:00"\n'
    )
    text = rehearse(place, "--receiver", "desk").stdout
    assert "2026-11-11 07:00Z  digest" in text
    assert "2 messages" in text


def test_json_has_a_line_for_every_match_by_the_archives_own_ids(place: Path) -> None:
    found = rows(rehearse(place, "--json"))
    assert [(row["article_id"], row["theme"], row["relation"], row["decision"]) for row in found] == [
        ("bridge", "rail", "opened", "new_story"), ("copy", "rail", "copy", "copy_of_member"), (None, "rail", None, "story_closed"),
        ("fares", "rail", "opened", "new_story"),
    ]  # fmt: skip
    bridge, copy, closed, fares = found
    assert (copy["story"], copy["running"]) == (bridge["story"], bridge["running"])
    assert bridge["running"] == closed["running"] != fares["running"]
    assert copy["told"] is None
    assert bridge["told"] == {
        "alert": bridge["told"]["alert"], "revision": 1, "kind": "opened", "reason": "new_story", "severity": "notice",
        "title": BRIDGE["title"], "article_id": "bridge",
    }  # fmt: skip


def test_what_was_seen_before_the_start_is_known_and_not_shown(place: Path) -> None:
    found = rows(rehearse(place, "--json", "--from", "2026-11-10T08:30Z", "--to", "2026-11-11"))
    assert [(row["article_id"], row["relation"]) for row in found] == [("copy", "copy")]


def test_a_line_that_shows_a_known_text_again_is_marked_and_tells_nothing(place: Path) -> None:
    again = LINES[2] | {"first_seen_at": "2026-11-10T09:30:00Z"} if isinstance(LINES[2], dict) else {}
    found = rows(rehearse(place, "--json", "--to", "2026-11-11", lines=(LINES[2], again)))
    assert [(row["decision"], row["told"] is None, row.get("repeat", False)) for row in found] == [
        ("new_story", False, False), ("new_story", True, True),
    ]  # fmt: skip


def test_no_word_of_the_press_steers_the_terminal(place: Path) -> None:
    line = {"title": "Railway \x1b[2J\u202e opens", "text": "Far away.", "source": "a\x07b", "first_seen_at": "2026-11-10T08:00:00Z"}
    text = rehearse(place, lines=(line,)).stdout
    assert "Railway" in text
    assert not {"\x1b", "\u202e", "\x07"} & set(text)


def test_an_archive_without_articles_is_said_to_be_one(place: Path) -> None:
    assert "no articles" in rehearse(place, lines=()).stdout


def test_an_archive_or_a_time_has_to_be_given(place: Path) -> None:
    assert CliRunner().invoke(command, ["--config", str(place / "newsmon.toml")]).exit_code == 2
    assert rehearse(place, "--since", "3d").exit_code == 2


def test_nothing_between_the_start_and_the_end_is_a_mistake(place: Path) -> None:
    assert rehearse(place, "--from", "2026-11-12", "--to", "2026-11-11").exit_code == 2


@pytest.mark.parametrize("cut", [2, 40, -9])
def test_a_gzip_file_that_is_cut_short_is_an_error_that_names_it(place: Path, cut: int) -> None:
    rehearse(place, lines=LINES[:4])
    cut_short = place / "cut.jsonl.gz"
    cut_short.write_bytes((place / "week.jsonl.gz").read_bytes()[:cut])
    result = CliRunner().invoke(command, [str(cut_short), "--config", str(place / "newsmon.toml")])
    assert isinstance(result.exception, SettingsError)
    assert "cut.jsonl.gz" in str(result.exception)


def test_an_article_whose_words_cannot_be_counted_is_named_as_the_service_would_set_it_aside() -> None:
    past = PastArticles({}, source="none", max_revisions=24)
    article = past.article(msgspec.convert(next(iter(lines(1))), Line), datetime(2026, 11, 10, tzinfo=UTC), 1)
    assert isinstance(article, Article)

    def broken(_article: Article) -> Observation | None:
        raise ZeroDivisionError("an injected fault")

    settings, failed = Settings(), list[str]()
    decisions = replace(decisions_for(settings, load_themes(settings.themes.directory)), observe=broken)
    list(replay([article], decisions, on_failed=lambda _article, found: failed.append(found.error)))
    assert failed == ["ZeroDivisionError: an injected fault"]


def test_what_fails_in_the_service_is_named_and_costs_nothing_else(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decide = Grouping.decide

    def broken(self: Grouping, match: Match, /, *, source_offset: int) -> StoryState:
        if match.article.guid == "bridge":
            raise ZeroDivisionError("an injected fault")
        return decide(self, match, source_offset=source_offset)

    monkeypatch.setattr(Grouping, "decide", broken)
    result = rehearse(place, "--json", lines=LINES[:4])
    assert result.exit_code == 1
    assert "would go to quarantine" in result.stderr
    assert "an injected fault" in result.stderr
    assert [row["article_id"] for row in rows(result) if row["article_id"]] == ["copy", "fares"]


def test_themes_on_one_partition_and_on_many_are_decided_alike() -> None:
    past = PastArticles({}, source="none", max_revisions=24)
    given = [
        past.article(msgspec.convert(line, Line), datetime.fromisoformat(line["first_seen_at"]), number)
        for number, line in enumerate(lines(5), start=1)
    ]
    articles = [article for article in given if isinstance(article, Article)]
    assert len(articles) == len(given)
    settings = Settings()
    decisions = decisions_for(settings, load_themes(settings.themes.directory))

    def decided(partition_of: PartitionOf) -> list[tuple[str, str, str, Relation, str]]:
        found = replay(articles, decisions, partition_of, on_failed=lambda _article, failed: pytest.fail(failed.error))
        states = [one.state for one in found]
        return [(one.match_id, one.story_id, one.event_id, one.relation, one.story.alert_decision) for one in states]

    together = decided(lambda _theme_id: 0)
    assert len(together) > 30
    assert together == decided(lambda theme_id: len(theme_id))
