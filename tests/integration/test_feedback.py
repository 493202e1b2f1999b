"""Feedback goes to the log, from there to rows, and themes are measured by it; the threshold stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result
from support.databases import migrated_database
from support.processing import records_of
from support.samples import article, match
from support.storing import with_database
from support.theme_texts import RAIL_HEAD

from newsmon.app.cli.alerts import feedback
from newsmon.app.cli.themes import themes
from newsmon.codec import encode
from newsmon.errors import SettingsError
from newsmon.records import Article, Feedback, FeedbackVerdict, Record
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, FEEDBACK, MATCHES, Topic
from sinks.consumer.kafka_record import KafkaRecord
from sinks.database.engine import writing
from sinks.store.service import writer

WANTED = ("Railway to Borgen opens", "Railway strike ends in Arland", "Railway bridge at Oldport reopens", "Railway fares rise again")
NOISE = ("Model railway fair opens", "Toy railways sell well", "Railway novel wins prize")
MISSED = "Trains run to Westholm again"
RAIL = (
    RAIL_HEAD
    + """
[[rule]]
id = "line"
weight = 4
all = [{ en = ["railway*"] }]

[[rule]]
id = "news"
weight = 2
all = [{ en = ["railway*"] }]
any = [{ en = ["borgen", "arland", "oldport", "fares"] }]

[[rule]]
id = "train"
weight = 2
all = [{ en = ["train*"] }]
"""
)


def store(settings: Settings, records: list[tuple[Topic, Record]]) -> None:
    with migrated_database(settings) as engine:
        batch = [
            KafkaRecord(topic, topic.base_name, 0, offset, None, encode(record), record=record)
            for offset, (topic, record) in enumerate(records)
        ]
        with writing(engine) as connection:
            writer(settings)(connection, batch)


def environ(settings: Settings, directory: Path) -> dict[str, str]:
    return {
        "NEWSMON_STATE_DIR": str(settings.state_dir),
        "NEWSMON_KAFKA__BOOTSTRAP_SERVERS": ",".join(settings.kafka.bootstrap_servers),
        "NEWSMON_KAFKA__TOPIC_PREFIX": settings.kafka.topic_prefix,
        "NEWSMON_DATABASE__URL": str(settings.database.url),
        "NEWSMON_THEMES__DIRECTORY": str(directory),
    }


async def test_what_people_say_measures_a_theme_and_changes_nothing(kafka_settings: Settings, tmp_path: Path) -> None:
    settings = with_database(kafka_settings, f"sqlite:///{tmp_path / 'newsmon.db'}")
    directory = tmp_path / "themes"
    directory.mkdir()
    (directory / "rail.toml").write_text(RAIL)
    articles = [article(number=number, title=title, body="") for number, title in enumerate((*WANTED, *NOISE, MISSED))]
    store(settings, [(ARTICLES, one) for one in articles] + [(MATCHES, match(one, "rail")) for one in articles[:-1]])

    def say(of: Article, *words: str) -> Result:
        return CliRunner().invoke(feedback.command, [str(of.url), *words, "--by", "desk"], env=environ(settings, directory))

    for one in articles:
        verdict = (
            ["useful"] if one.title in WANTED else ["noise", "--note", "toys"] if one.title in NOISE else ["missed", "--theme", "rail"]
        )
        assert say(one, *verdict).exit_code == 0
    assert say(articles[0], "noise").exit_code == 0
    assert say(articles[0], "useful").exit_code == 0  # the last word counts
    refused = say(articles[0], "missed")
    assert isinstance(refused.exception, SettingsError)
    assert say(article(number=99), "useful").exit_code == 1  # never stored: no theme can be guessed
    assert say(article(number=99), "missed", "--theme", "rail").exit_code == 0

    given = await records_of(kafka_settings, FEEDBACK, Feedback)
    assert {one.verdict for one in given} == set(FeedbackVerdict)
    assert {one.theme_id for one in given} == {"rail"}
    store(settings, [(FEEDBACK, one) for one in sorted(given, key=lambda one: one.given_at)])
    before = (directory / "rail.toml").read_bytes()
    result = CliRunner().invoke(themes.command, ["test", "--feedback", "--json"], env=environ(settings, directory))
    (found,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (found["feedback"], found["true_positives"], found["false_positives"], found["false_negatives"]) == (8, 4, 3, 1)
    assert found["suggestion"]["threshold"] == 5
    assert (found["suggestion"]["precision"], found["suggestion"]["recall"]) == (1.0, 0.8)
    shown = CliRunner().invoke(themes.command, ["test", "--feedback"], env=environ(settings, directory)).stdout
    assert "threshold 5 would have done better" in shown
    assert "1 on articles whose text is not stored" in shown
    assert MISSED in shown
    assert (directory / "rail.toml").read_bytes() == before
