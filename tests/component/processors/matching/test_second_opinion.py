"""A second opinion learned from a few labels vetoes look-alikes, never makes a match, shows in the reasons, and is the same every time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from newsmon.app.cli.themes.themes import command
from newsmon.errors import SettingsError
from processors.matching.offline import Item, answer_item
from processors.matching.verdicts import Reason
from processors.themes import ThemeFiles, load_themes, read_files

THEME = """id = "ports"
label = "Ports"
version = "1"
owner = "desk"
threshold = 3
[lists.port]
en = ["port", "ports"]
[[rule]]
id = "port"
weight = 4
all = ["port"]
"""
WANTED = (
    "Dockers strike closes the port of Varnholm for a third day", "Container port reports record traffic this spring",
    "Port authority raises fees for cargo ships", "Fog delays freighters outside the port", "New crane arrives at the grain port",
    "Port of Elsby deepens its channel for larger vessels", "Cargo piles up at the port as customs staff walk out",
    "Ferry hits pier in the old port, nobody hurt", "Port workers accept the shipping line's pay offer",
    "Tankers queue outside the port after the storm",
)  # fmt: skip
UNWANTED = (
    "Port wine tasting: ten bottles under twenty", "This laptop has one USB port too few", "A glass of port after dinner, says the chef",
    "How to clean the charging port of your phone", "Old port and blue cheese make a fine pair", "The console's HDMI port fails, users say",
    "Vintage port fetches a record at auction", "New tablet drops the headphone port", "Which port goes with chocolate cake?",
    "Firewall opens a port by mistake, experts warn",
)  # fmt: skip


def labels(folder: Path) -> Path:
    rows = [{"id": f"w{n}", "lang": "en", "title": title, "labels": ["ports"]} for n, title in enumerate(WANTED)]
    rows += [{"id": f"u{n}", "lang": "en", "title": title, "labels": []} for n, title in enumerate(UNWANTED)]
    file = folder / "labels.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("themes")
    (folder / "ports.toml").write_text(THEME, encoding="utf-8")
    done = CliRunner().invoke(command, ["train", "ports", str(labels(folder)), "--themes", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def reason(folder: Path, title: str) -> Reason:
    return answer_item(Item("x", title, "", "en"), load_themes(folder), lambda _text: "en").verdicts[0].reason


def test_it_vetoes_look_alikes_and_makes_no_match(trained: Path) -> None:
    assert reason(trained, "Strike at the container port delays cargo ships") is Reason.MATCHED
    assert reason(trained, "Which port wine goes with cheese and cake") is Reason.SECOND_OPINION
    assert reason(trained, "Dockers strike delays cargo ships at the harbour") is Reason.NOTHING_FOUND


def test_the_points_add_up(trained: Path) -> None:
    [verdict] = answer_item(
        Item("x", "Which port wine goes with cheese and cake", "", "en"), load_themes(trained), lambda _text: "en"
    ).verdicts
    assert verdict.evidence[-1].clause == "second-opinion"
    assert round(sum(part.contribution for part in verdict.evidence), 4) == verdict.score < verdict.threshold


def test_the_same_labels_give_the_same_file(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "ports.toml").write_text(THEME, encoding="utf-8")
    CliRunner().invoke(command, ["train", "ports", str(labels(tmp_path)), "--themes", str(tmp_path)])
    assert (tmp_path / "ports.opinion.json").read_bytes() == (trained / "ports.opinion.json").read_bytes()


def test_it_travels_with_the_theme_files(trained: Path) -> None:
    files = read_files(trained)
    assert ThemeFiles.of(files.everything()) == files
    assert files.only({"ports"}).opinions
    assert not files.only({"other"}).opinions


def test_too_few_labels_write_nothing(tmp_path: Path) -> None:
    (tmp_path / "ports.toml").write_text(THEME, encoding="utf-8")
    (tmp_path / "few.jsonl").write_text(json.dumps({"id": "1", "title": "Port", "labels": ["ports"]}) + "\n", encoding="utf-8")
    done = CliRunner().invoke(command, ["train", "ports", str(tmp_path / "few.jsonl"), "--themes", str(tmp_path)])
    assert (done.exit_code, list(tmp_path.glob("*.json"))) == (1, [])


def test_a_broken_file_is_named(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "ports.toml").write_text(THEME, encoding="utf-8")
    (tmp_path / "ports.opinion.json").write_text('{"theme": "ports"}', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"ports\.opinion\.json"):
        load_themes(tmp_path)


def damaged(trained: Path, folder: Path, weights: str) -> None:
    (folder / "ports.toml").write_text(THEME, encoding="utf-8")
    content = json.loads((trained / "ports.opinion.json").read_bytes())
    (folder / "ports.opinion.json").write_text(json.dumps(content | {"weights": weights}, ensure_ascii=False), encoding="utf-8")


@pytest.mark.parametrize("weights", ["é" * 2732, "!!!", "AAAA", ""])
def test_damaged_weights_are_named(trained: Path, tmp_path: Path, weights: str) -> None:
    damaged(trained, tmp_path, weights)
    with pytest.raises(SettingsError, match=r"ports\.opinion\.json:.*weights"):
        load_themes(tmp_path)


def test_training_again_replaces_a_damaged_opinion(trained: Path, tmp_path: Path) -> None:
    damaged(trained, tmp_path, "AAAA")
    done = CliRunner().invoke(command, ["train", "ports", str(labels(tmp_path)), "--themes", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "ports.opinion.json").read_bytes() == (trained / "ports.opinion.json").read_bytes()


def test_one_theme_has_one_opinion(trained: Path, tmp_path: Path) -> None:
    content = (trained / "ports.opinion.json").read_bytes()
    for name, raw in (("ports.toml", THEME.encode()), ("old.opinion.json", content), ("ports.opinion.json", content)):
        (tmp_path / name).write_bytes(raw)
    with pytest.raises(SettingsError, match=r"ports\.opinion\.json.*'ports' already has the opinion in old\.opinion\.json"):
        load_themes(tmp_path)


def test_labels_that_do_not_help_say_what_stays_in_force(trained: Path, tmp_path: Path) -> None:
    rows = [
        {"id": str(n), "lang": "en", "title": title, "labels": ["ports"] if n % 2 else []}
        for n, title in enumerate(WANTED + UNWANTED)
    ]  # fmt: skip
    (tmp_path / "ports.toml").write_text(THEME, encoding="utf-8")
    (tmp_path / "noise.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    train = ["train", "ports", str(tmp_path / "noise.jsonl"), "--themes", str(tmp_path)]
    assert "the rules decide alone" in CliRunner().invoke(command, train).output
    (tmp_path / "ports.opinion.json").write_bytes((trained / "ports.opinion.json").read_bytes())
    done = CliRunner().invoke(command, train)
    assert (done.exit_code, "an earlier one is still in force" in done.output) == (1, True)


def test_an_opinion_that_vetoes_an_example_of_the_theme_is_not_written(tmp_path: Path) -> None:
    example = '[[example]]\ntitle = "Which port wine goes with cheese and cake"\nlang = "en"\nexpect = true\n'
    (tmp_path / "ports.toml").write_text(THEME + example, encoding="utf-8")
    done = CliRunner().invoke(command, ["train", "ports", str(labels(tmp_path)), "--themes", str(tmp_path)])
    assert (done.exit_code, list(tmp_path.glob("*.opinion.json"))) == (1, [])
    assert "vetoes an example" in done.output
