"""Documentation and code agree, both ways."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from support.places import ROOT

from newsmon.app.cli import LAZY, cli
from newsmon.topics import ALL_TOPICS

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def load_builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "docs" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_pages_are_up_to_date() -> None:
    stale = [
        line
        for path, content in load_builder().documents().items()
        for line in difflib.unified_diff((ROOT / path).read_text("utf-8").splitlines(), content.splitlines(), str(path), "code", n=0)
    ]
    assert stale == [], "run `make docs`"


@pytest.mark.parametrize("alone", [False, True], ids=["newsmon doctor", "doctor alone"])
def test_the_pages_do_not_depend_on_who_called_a_command_before(alone: bool) -> None:
    command = importlib.import_module(LAZY["doctor"][0]).command
    command._help_option = None  # click keeps the first one it made, named as that caller wished
    CliRunner().invoke(*((command, ["--nonsense"]) if alone else (cli, ["doctor", "--nonsense"])))
    assert load_builder().reference() == (ROOT / "docs" / "reference.md").read_text("utf-8")


def test_no_schema_file_is_left_over() -> None:
    wanted = {path.name for path in load_builder().documents() if path.parts[:2] == ("docs", "schemas")}
    others = {path.name for path in (ROOT / "docs" / "schemas").glob("*.v[0-9]*.json")} - wanted
    assert others == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_command_and_topic_and_metric_is_documented() -> None:
    reference = (ROOT / "docs" / "reference.md").read_text("utf-8")
    for command in LAZY:
        assert f"### `newsmon {command}`" in reference
    for topic in ALL_TOPICS:
        assert f"`{topic.base_name}`" in reference
