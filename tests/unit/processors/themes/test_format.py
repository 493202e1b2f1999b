"""The theme file's published schema and the loader agree; the shipped themes pass their own check."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from support.places import ROOT
from support.shipped import shipped_themes

from newsmon import paths
from processors.matching.lint import failed, lint
from processors.themes import load_themes
from processors.themes.load import everyday_news, everyday_words
from processors.themes.model import theme_json_schema

SHIPPED = sorted((paths.seeds() / "themes").glob("*.toml"))


def as_json(path: Path) -> object:
    return json.loads(json.dumps(tomllib.loads(path.read_text(encoding="utf-8")), default=str))


def test_the_published_schema_is_the_models_own() -> None:
    published = json.loads((ROOT / "docs" / "schemas" / "theme.schema.json").read_text(encoding="utf-8"))
    assert published == theme_json_schema(), "run: newsmon themes schema > docs/schemas/theme.schema.json"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_theme_fits_the_schema(path: Path) -> None:
    jsonschema.validate(as_json(path), theme_json_schema())


def test_the_schema_refuses_what_the_loader_refuses() -> None:
    theme = as_json(SHIPPED[0])
    assert isinstance(theme, dict)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(theme | {"colour": "red"}, theme_json_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({key: value for key, value in theme.items() if key != "threshold"}, theme_json_schema())


def test_the_shipped_themes_pass_their_own_check() -> None:
    findings = lint(shipped_themes(), everyday_news(), everyday_words())
    assert not failed(findings), [str(one) for one in findings if one.fails]


def test_a_theme_without_examples_fails_the_check(tmp_path: Path) -> None:
    (tmp_path / "rail.toml").write_text(
        'id = "rail"\nlabel = "Rail"\nversion = "1"\nowner = "desk"\nthreshold = 3\n[[rule]]\nid = "r"\nweight = 4\nall = [{ en = ["railway*"] }]\n'
    )
    assert failed(lint(load_themes(tmp_path), everyday_news(), everyday_words()))


def test_an_example_that_turned_round_fails_the_check(tmp_path: Path) -> None:
    (tmp_path / "rail.toml").write_text(
        'id = "rail"\nlabel = "Rail"\nversion = "1"\nowner = "desk"\nthreshold = 3\n[[rule]]\nid = "r"\nweight = 4\nall = [{ en = ["railway*"] }]\n'
        '[[example]]\nexpect = true\ntitle = "New boats"\n[[example]]\nexpect = false\ntitle = "New railways"\n'
    )
    assert {(one.kind, one.where) for one in lint(load_themes(tmp_path), everyday_news(), everyday_words())} == {
        ("example_fails", "rail:example[0]"), ("example_fails", "rail:example[1]"),
    }  # fmt: skip
