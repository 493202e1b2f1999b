"""`newsmon explain` points at the words that counted, and names what said no."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.databases import migrated_database
from support.samples import article, match

from newsmon.app.cli.themes.explain import command
from newsmon.app.cli.themes.starter import starter
from newsmon.codec import encode
from newsmon.errors import SettingsError
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, STORIES
from processors.stories.grouping import Grouping
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.engine import writing
from sinks.store.service import writer

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
    assert "severity notice, urgent once 3 independent sources report it" in said


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
    assert "no rule of this theme finds its first word" in " ".join(said.split())


def test_asking_why_not_of_a_match_exits_1_and_asking_why_of_a_miss_too() -> None:
    assert explain("--theme", "ukraine-peacekeeping", "--not", "-", stdin=json.dumps(STORY))[0] == 1
    assert explain("--theme", "defence-spending", "-", stdin="Orchestra plays\nMusic.")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (("--theme", "nope", "-"), "x", "no theme is called 'nope'"),
        (("--theme", "us-trade"), "", "give a file or --url"),
        (("--theme", "us-trade", "-"), '{"title": 3}', "is not an article"),
        (("--theme", "us-trade", "absent.txt"), "", "cannot be read"),
    ],
)
def test_mistakes_are_settings_problems(
    arguments: tuple[str, ...], stdin: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=message):
        explain(*arguments, stdin=stdin)


TRAMS = """
id = "trams"
label = "Trams"
version = "1"
owner = "desk"
threshold = 6

[lists.tram]
any = ["tramway*"]

[[rule]]
id = "tram"
weight = 4
repeat = 1
cap = 5
all = ["tram"]

[[rule]]
id = "city"
weight = 4
all = ["tram", { any = ["borgen", "lindau", "oldport", "westholm"] }]
within = 3
"""


def test_why_not_names_the_cap_the_scope_the_boilerplate_and_the_phrases_of_a_nameless_list(tmp_path: Path) -> None:
    (tmp_path / "trams.toml").write_text(TRAMS)
    ask = ("--theme", "trams", "--not", "--themes", str(tmp_path), "-")
    _, said = explain(*ask, stdin="Tramway, tramway and tramway again\nNothing else.")
    assert "cap: rule tram gives at most 5 of 12 points" in said
    assert "no 'borgen'/'lindau'/'oldport'/… within 3 words" in " ".join(said.split())
    _, said = explain(*ask, stdin="Council meets\nSign up for our newsletter on the tramway in Borgen.")
    assert "boilerplate: counting the ignored text" in said
    (tmp_path / "trams.toml").write_text(TRAMS + '\n[scope]\nlanguages = ["de"]\n')
    _, said = explain(*ask, stdin=json.dumps({"title": "Tramway in Borgen opens", "text": "x", "lang": "en"}))
    assert "out of scope: the theme covers only languages ['de']; this article has en" in said


def test_a_stored_article_is_explained_with_what_later_stages_made_of_it(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state")
    with migrated_database(settings) as engine:
        one = article(title="Tramway in Borgen opens", body="")
        state = Grouping().decide(match(one, "trams"), source_offset=0)
        records = [(ARTICLES, one), (STORIES, state.story)]
        batch = [KafkaRecord(topic, topic.base_name, 0, 0, None, encode(record), record=record) for topic, record in records]
        with writing(engine) as connection:
            writer(settings)(connection, batch)
    (tmp_path / "trams.toml").write_text(TRAMS)
    (tmp_path / "newsmon.ini").write_text(f'state_dir = "{tmp_path / "state"}"\n')
    code, said = explain("--theme", "trams", "--themes", str(tmp_path), "--url", str(one.url), "--config", str(tmp_path / "newsmon.ini"))
    assert code == 0
    assert f"grouping: opened {state.story_id}; alert: new story" in " ".join(said.split())


def test_the_themes_of_the_settings_file_are_used(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "rail.toml").write_text(starter("rail", "desk"), "utf-8")
    (tmp_path / "newsmon.toml").write_text('state_dir = "state"\n[themes]\ndirectory = "mine"\n')
    arguments = ("--theme", "rail", "--config", str(tmp_path / "newsmon.toml"))
    code, said = explain(*arguments, "-", stdin="Plan for a railway line in Arland\nIt was funded.")
    assert code == 0, said
    with pytest.raises(SettingsError, match="ukraine-peacekeeping"):
        explain(*arguments, "--themes", "seeds/themes", "-", stdin="x")
    with pytest.raises(Exception, match="does not exist"):
        explain(*arguments, "--url", "https://news.example/a")
    assert not (tmp_path / "state").exists(), "looking creates nothing"
