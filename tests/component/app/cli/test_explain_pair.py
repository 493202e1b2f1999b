"""`newsmon explain --pair` says why two reports are, or are not, one: what was measured, what both have, where they were put."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from support.filled import fill
from support.world import small_world

from newsmon.app.cli.themes.explain import command
from newsmon.errors import SettingsError
from newsmon.records import Story
from newsmon.settings import load_settings
from newsmon.topics import STORIES

FERRY = {
    "title": "Ferry Sigrid runs aground off Tverrvik with 212 aboard",
    "text": "The Larnholm ferry Sigrid struck a shoal two miles from the quay of Tverrvik. Lifeboats brought all 212 passengers ashore.",
    "published_at": "2026-11-24T06:30:00Z", "lang": "en", "source": "Coast Herald",
}  # fmt: skip
AGAIN = {
    "title": "Lifeboats take 212 off the Sigrid near Tverrvik",
    "text": "All 212 people on the ferry Sigrid are safe after it hit a shoal at Tverrvik this morning, its owner Larnholm Lines said.",
    "published_at": "2026-11-24T08:00:00Z", "lang": "en", "source": "Example Wire",
}  # fmt: skip
OPERA = {
    "title": "Ilse Varga finishes her fourth opera",
    "text": "The composer's comedy about clerks who inherit a lighthouse opens in spring, with the tenor Paul Denk in the lead.",
    "published_at": "2026-11-04T08:00:00Z", "lang": "en", "source": "Stage Door",
}  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "newsmon.toml"
    file.write_text(f'state_dir = "{tmp_path}"\n', "utf-8")
    return file


def explain(config: Path, left: Any, right: Any, *options: str) -> Result:
    names = []
    for number, one in enumerate((left, right)):
        file = config.parent / f"{number}.json"
        if isinstance(one, dict):
            file.write_text(json.dumps(one), "utf-8")
        names.append(str(file) if isinstance(one, dict) else one)
    return CliRunner().invoke(command, ["--config", str(config), "--pair", *names, *options], catch_exceptions=False)


def test_two_reports_of_one_event_are_explained_by_what_both_have(config: Path) -> None:
    result = explain(config, FERRY, AGAIN, "--json")
    said = json.loads(result.output)
    assert (result.exit_code, said["verdict"]) == (0, "event")
    assert said["event_score"] >= 0
    assert {"Sigrid", "Tverrvik", "212"} <= {one["key"] for one in said["shared"]}
    assert said["hours_apart"] == 1.5
    assert said["rarity"] == "as shipped; stored articles are measured by what newsmon has counted"
    text = explain(config, FERRY, AGAIN).output
    assert "two reports of one event: same" in text
    assert "  in both, with how rare it is in the news at large: " in text
    assert explain(config, FERRY, AGAIN, "--not").exit_code == 1


def test_the_same_report_twice_is_a_copy_and_symmetric(config: Path) -> None:
    elsewhere = FERRY | {"source": "Northern Ledger", "published_at": "2026-11-24T09:00:00Z"}
    there, back = (json.loads(explain(config, *pair, "--json").output) for pair in ((FERRY, elsewhere), (elsewhere, FERRY)))
    assert there["verdict"] == "copy"
    assert there["terms"] == back["terms"]


def test_short_texts_of_files_are_compared_with_the_headlines(config: Path) -> None:
    text = "A shoal near Tverrvik has stopped a ferry with 212 people aboard, the coastguard said."
    pair = [
        {"title": title, "text": text, "lang": "en"}
        for title in ("Ferry runs aground with 212 aboard", "Breaking: 212 aboard a stuck ferry")
    ]
    said = json.loads(explain(config, *pair, "--json").output)
    assert (said["verdict"], said["copy"]["relation"]) == ("copy", "exact")
    assert "Tverrvik" in {one["key"] for one in said["shared"]}


def test_two_stories_are_explained_by_what_only_one_has(config: Path) -> None:
    result = explain(config, FERRY, OPERA)
    assert result.exit_code == 1
    assert "two different stories" in result.output
    assert "Tverrvik" in result.output.split("only in A: ")[1]
    assert "Varga" in result.output.split("only in B: ")[1]
    assert explain(config, FERRY, OPERA, "--not").exit_code == 0


def test_stored_articles_are_named_by_id_or_address_and_where_they_were_put_is_told(config: Path, engine: Engine) -> None:
    world = small_world(polls=2)
    fill(load_settings(config, {}), engine, world)
    story = max((one for one in world.of(STORIES) if isinstance(one, Story)), key=lambda one: one.article_count)
    first, second = story.members[0], story.members[1]
    assert first.url is not None
    result = explain(config, first.url, second.article_id)
    assert f"recorded for {story.theme_id}: in one event, {second.event_id} of story {story.story_id}" in result.output
    assert "how rare words are: as shipped; what newsmon has counted is out of reach: newsmon's own broker was never" in result.output
    with pytest.raises(SettingsError, match="the database has no article"):
        explain(config, "a_nothing", second.article_id)


@pytest.mark.parametrize("options", [("--url", "https://e.example/1"), ("--theme", "no-such-theme")])
def test_a_pair_goes_with_neither_an_address_nor_an_unknown_theme(config: Path, options: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError):
        explain(config, FERRY, OPERA, *options)
