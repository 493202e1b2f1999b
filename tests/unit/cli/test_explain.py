"""`newsmon explain` points at the words that counted, and names what said no."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from newsmon.cli.explain import command
from newsmon.errors import SettingsError

STORY = {
    "title": "PM joins call on peacekeeping force for Ukraine",
    "text": "Troops would be sent after a ceasefire.\nSign up for our peacekeeping newsletter\nWashington said it would raise tariffs.",
}


def explain(*arguments: str, stdin: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(command, list(arguments), input=stdin)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_a_match_shows_its_words_and_arithmetic_and_exits_0() -> None:
    code, said = explain("--theme", "ukraine-peacekeeping", "-", stdin=json.dumps(STORY))
    assert code == 0
    assert ">= threshold" in said
    assert "peacekeeping" in said


def test_the_score_is_the_sum_of_the_points_shown() -> None:
    _, said = explain("--theme", "ukraine-peacekeeping", "-", stdin=json.dumps(STORY))
    points = [float(line.split()[0]) for line in said.splitlines() if line.lstrip().startswith("+")]
    score = float(said.split("score ")[1].split()[0])
    assert sum(points) == pytest.approx(score)


def test_why_not_names_the_context_that_cancelled() -> None:
    text = "UN peacekeepers in Lebanon come under fire\nThe mission in southern Lebanon said two were hurt."
    code, said = explain("--theme", "ukraine-peacekeeping", "--not", "-", stdin=text)
    assert code == 0
    assert "not matched" in said
    assert "nearest misses" in said
    assert "peacekeepers" in said


def test_why_not_says_when_nothing_at_all_was_there() -> None:
    code, said = explain("--theme", "us-trade", "--not", "-", stdin="Orchestra plays in the harbour\nA fine evening.")
    assert code == 0
    assert "no word that any rule" in said


def test_asking_why_not_of_a_match_exits_1_and_asking_why_of_a_miss_too() -> None:
    assert explain("--theme", "ukraine-peacekeeping", "--not", "-", stdin=json.dumps(STORY))[0] == 1
    assert explain("--theme", "defence-spending", "-", stdin="Orchestra plays\nMusic.")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (("--theme", "nope", "-"), "x", "no theme 'nope'"),
        (("--theme", "us-trade"), "", "give either a file or --url"),
        (("--theme", "us-trade", "-"), '{"title": 3}', "is no article"),
        (("--theme", "us-trade", "absent.txt"), "", "cannot be read"),
    ],
)
def test_mistakes_are_settings_problems(
    arguments: tuple[str, ...], stdin: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=message):
        explain(*arguments, stdin=stdin)
