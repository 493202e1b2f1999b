"""Every path, module, command, setting, metric, topic and make target that a page names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.doc_names import unknown_names
from support.places import ROOT

# The changelog is left out: it may name what is gone.
PAGES = sorted(
    {*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "deploy").rglob("*.md"), ROOT / "benchmarks" / "RESULTS.md"}
    - {ROOT / "CHANGELOG.md"}
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_only_what_exists(page: Path) -> None:
    assert unknown_names(page.read_text("utf-8"), page.parent) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the chat sink (`sinks/chat.py`)", "path: sinks/chat.py"),
        ("the folder `newsmon/cli/`", "path: newsmon/cli/"),
        ("`pytest tests/faults/test_nothing.py`", "path: tests/faults/test_nothing.py"),
        ("see `nothing_of_the_kind.py`", "path: nothing_of_the_kind.py"),
        ("```\nnewsmon/nothing.py  a file\n```", "path: newsmon/nothing.py"),
        ("`sinks.chat`", "module: sinks.chat"),
        ("`sinks.database.engine.nothing_at_all`", "module: sinks.database.engine.nothing_at_all"),
        ("`newsmon nothing`", "command: newsmon nothing"),
        ("`newsmon feeds nothing FEED`", "command: newsmon feeds nothing"),
        ("`newsmon explain --nothing`", "command: newsmon explain --nothing"),
        ("```\n$ newsmon nothing\n```", "command: newsmon nothing"),
        ("`kafka.nothing`", "setting: kafka.nothing"),
        ("`alerts.burst.nothing = 3`", "setting: alerts.burst.nothing"),
        ("`NEWSMON_KAFKA__NOTHING=1`", "setting: NEWSMON_KAFKA__NOTHING"),
        ("`newsmon_nothing_total`", "metric: newsmon_nothing_total"),
        ("`newsmon_nothing_*`", "metric: newsmon_nothing_*"),
        ("`news.nothing`", "topic: news.nothing"),
        ("`make nothing`", "make target: nothing"),
    ],
)
def test_a_name_of_nothing_is_found(text: str, found: str) -> None:
    assert unknown_names(text) == [found]


def test_what_exists_or_is_the_readers_own_is_no_finding() -> None:
    text = """`newsmon/topics.py`, `sinks/`, `seeds/newsmon.toml`, `tests/data/themes/*.jsonl`, `rules_test.yml`, `sinks.database.engine`,
    `newsmon run`, `newsmon feeds check FEED`, `newsmon COMMAND --help`, `newsmon explain --not`, `kafka.bootstrap_servers`, `[alerts.urgent]`,
    `newsmon_feed_fetches_total{feed="a"}`, `newsmon_feed_*`, `news.articles`, `make test`, `.venv/bin/newsmon run`, `dist/newsmon-1.whl`,
    `newsmon.toml`, `/etc/newsmon/newsmon.toml`, `https://news.example/feed.json`, `kafka/`"""
    assert unknown_names(text) == []


STAGES = ("producers", "processors", "sinks")


def rooms_in_the_map(stage: str) -> dict[str, tuple[str, ...]]:
    """The rooms that ARCHITECTURE.md lists for a stage, each with what its last column says it imports."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    table = text[text.index(f"**`{stage}/`") :].split("\n\n")[1]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {row[0].split("`")[1]: tuple(re.findall(r"\w+", row[-1])) for row in rows}


def imports_between_rooms(stage: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {path.parent.name: set() for path in (ROOT / stage).glob("*/__init__.py")}
    for room, others in found.items():
        for file in (ROOT / stage / room).rglob("*.py"):
            others |= set(re.findall(rf"(?:from|import) {stage}\.(\w+)", file.read_text("utf-8"))) - {room}
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_the_map_lists_every_room_and_what_it_imports(stage: str) -> None:
    listed, found = rooms_in_the_map(stage), imports_between_rooms(stage)
    assert set(listed) == set(found)
    for room, others in listed.items():
        if "every" not in others:  # "every room below"
            assert set(others) == found[room], room
