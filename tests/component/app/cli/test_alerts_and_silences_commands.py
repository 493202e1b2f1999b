"""`newsmon alerts` and `newsmon silences`: what people see and say, end to end over a real database."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from support.alerts import alert
from support.delivering import attempt_rows, fill, outbox_rows, received
from support.receivers import secret_file
from support.samples import every_record

from newsmon.app.cli.alerts import alerts, silences
from newsmon.errors import SettingsError
from newsmon.records import Alert, Severity, SeverityReason, Story
from newsmon.settings import load_settings
from sinks.database.engine import writing
from sinks.outbox.escalate import escalate_due
from sinks.policy.silences import Silence, covers, subject_of
from sinks.store.service import writer

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "newsmon.toml"
    secret = secret_file(tmp_path)
    receiver = f'url = "http://127.0.0.1:9/"\nsecret_files = ["{secret}"]\n'
    file.write_text(
        f'state_dir = "{tmp_path}"\n[[receivers]]\nid = "desk"\nescalate_to = "pager"\n{receiver}'
        f'[[receivers]]\nid = "pager"\nmin_severity = "flash"\n{receiver}', "utf-8"
    )  # fmt: skip
    return file


def newsmon(command: click.Group, config: Path, *arguments: str) -> Result:
    action, *rest = arguments
    return CliRunner().invoke(command, [action, "--config", str(config), *rest], catch_exceptions=False)


def raise_alerts(config: Path, engine: Engine, *raised: Alert) -> None:
    """Store the alerts and fill the outbox, as the two stages do."""
    settings = load_settings(config, {})
    with writing(engine) as connection:
        writer(settings)(connection, [received(one, offset) for offset, one in enumerate(raised)])
    fill(engine, raised, settings.receivers)


def test_a_silence_suppresses_with_its_reason_until_it_is_ended(config: Path, engine: Engine) -> None:
    added = newsmon(silences.command, config, "add", "--for", "2h", "--theme", alert().theme_id, "--by", "ann", "--comment", "known")
    silence_id = added.output.split()[0]
    raise_alerts(config, engine, alert(1), alert(2, theme_id="us-trade"))
    found = {(row.theme_id, row.receiver): (row.state, row.reason) for row in outbox_rows(engine)}
    assert found[alert().theme_id, "desk"] == ("suppressed", "silenced")
    assert found["us-trade", "desk"] == ("pending", None)
    assert {row.detail for row in attempt_rows(engine) if row.reason == "silenced"} == {silence_id}
    [listed] = newsmon(silences.command, config, "list").output.splitlines()
    assert silence_id in listed
    assert "by ann  known" in listed
    assert newsmon(silences.command, config, "end", silence_id, "--by", "bob").exit_code == 0
    raise_alerts(config, engine, alert(3))
    assert [row.state for row in outbox_rows(engine) if row.alert_id == alert(3).alert_id and row.receiver == "desk"] == ["pending"]
    assert newsmon(silences.command, config, "end", silence_id).exit_code == 1
    assert "ended by bob" in newsmon(silences.command, config, "list", "--all").output


@pytest.mark.parametrize(
    "arguments", [("--for", "31d", "--words", "x"), ("--for", "2h"), ("--for", "2h", "--receiver", "nobody"), ("--for", "2h", "--words", " ")],
    ids=str,
)  # fmt: skip
def test_a_silence_too_long_or_of_everything_or_for_nobody_is_refused(config: Path, engine: Engine, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError):
        newsmon(silences.command, config, "add", *arguments)


def test_a_silence_that_can_match_nothing_is_refused_with_the_nearest_name_and_kept_by_force(config: Path, engine: Engine) -> None:
    raise_alerts(config, engine, alert(1, theme_id="red-sea-shipping"))
    with writing(engine) as connection:
        records = [one for one in every_record() if isinstance(one, Story)]
        writer(load_settings(config, {}))(connection, [replace(received(alert(1)), record=one) for one in records])
    story_id = records[0].story_id
    wrong = {
        "--theme": ("red-sea", "red-sea-shipping"), "--receiver": ("dsk", "desk"), "--source": ("bbc", "BBC News"),
        "--story": (story_id[:-3], story_id),
    }  # fmt: skip
    for option, (given, meant) in wrong.items():
        with pytest.raises(SettingsError) as raised:
            newsmon(silences.command, config, "add", "--for", "2h", option, given)
        assert f"{given!r}; did you mean {meant}?" in str(raised.value)
        assert "--force" in str(raised.value)
        assert newsmon(silences.command, config, "add", "--for", "2h", option, meant).exit_code == 0
        forced = newsmon(silences.command, config, "add", "--for", "2h", option, given, "--force")
        assert (forced.exit_code, f"did you mean {meant}?" in forced.output) == (0, True)
    with pytest.raises(SettingsError, match="nothing-like-it'"):
        newsmon(silences.command, config, "add", "--for", "2h", "--theme", "nothing-like-it")
    assert len(newsmon(silences.command, config, "list").output.splitlines()) == 2 * len(wrong)


@pytest.mark.parametrize(
    ("given", "covered"),
    [
        ({"theme_id": "us-trade"}, False),
        ({"receiver": "desk"}, True),
        ({"receiver": "pager"}, False),
        ({"words": "ALERT 1"}, True),
        ({"words": "another"}, False),
        ({"receiver": "desk", "max_severity": Severity.NOTICE}, True),
        ({"story_id": alert(1).story_id}, True),
        ({"story_id": alert(2).story_id}, False),
        ({"source": alert(1).articles[0].source, "words": "nothing like it"}, False),
        ({"receiver": "desk", "ends_at": NOW}, False),
    ],
)
def test_all_that_a_silence_gives_must_hold(given: dict[str, object], covered: bool) -> None:
    values = {"silence_id": "s", "author": "a", "comment": "", "created_at": NOW - timedelta(hours=1), "ends_at": NOW + timedelta(hours=1)}
    silence = Silence(**(values | given))  # type: ignore[arg-type]
    assert covers(silence, subject_of(alert(1), "desk"), now=NOW) is covered
    if "max_severity" in given:
        assert not covers(silence, subject_of(alert(1, severity=Severity.URGENT), "desk"), now=NOW)


def test_a_span_that_several_clauses_count_is_shown_once(config: Path, engine: Engine) -> None:
    one = alert(1).evidence[0]
    again = msgspec.structs.replace(one, clause="second/clause", contribution=0.5)
    raise_alerts(config, engine, alert(1, evidence=(one, again)))
    shown = newsmon(alerts.command, config, "show", alert(1).alert_id).output
    assert shown.count(f"“{one.text}”") == 1
    assert f"“{one.text}” ({one.clause}, second/clause, {one.contribution + 0.5:+.3g})" in shown


def test_alerts_are_listed_shown_and_acknowledged(config: Path, engine: Engine) -> None:
    event = alert(1).event
    assert event is not None
    event = msgspec.structs.replace(event, source_count=2, outlet_count=2)
    first = alert(1, severity=Severity.URGENT, event=event, new_facts=("Oldport", "212"))
    confirmed = alert(1, severity=Severity.URGENT, severity_reason=SeverityReason.CONFIRMED, revision=2)
    raise_alerts(config, engine, first, alert(2, severity=Severity.URGENT), confirmed)
    listed = [json.loads(line) for line in newsmon(alerts.command, config, "list", "--json").output.splitlines()]
    assert {(one["alert_id"], one["revision"]) for one in listed} == {(first.alert_id, 2), (alert(2).alert_id, 1)}
    newest = next(one for one in listed if one["revision"] == 2)
    assert (newest["deliveries"], newest["severity_reason"]) == ({"pending": 2, "suppressed": 2}, "confirmed")
    assert "urgent (confirmed)" in newsmon(alerts.command, config, "list").output
    assert newsmon(alerts.command, config, "ack", first.alert_id[:12], "--by", "ann", "--comment", "on it").exit_code == 0
    assert [first.alert_id in line for line in newsmon(alerts.command, config, "list", "--unacknowledged").output.splitlines()] == [False]
    shown = newsmon(alerts.command, config, "show", first.alert_id).output
    assert "seen by ann" in shown
    assert [line for line in shown.splitlines() if line.startswith("revision")] == [
        f"revision 1  {first.raised_at:%Y-%m-%d %H:%M:%S}Z  urgent (theme_rules)  opened: new_story  {first.theme_id}",
        f"revision 2  {first.raised_at:%Y-%m-%d %H:%M:%S}Z  urgent (confirmed)  opened: new_story  {first.theme_id}",
    ]
    assert "to desk, revision 2: pending" in shown
    assert "below_min_severity" in shown
    assert f"story {first.story_id}: 0 articles" in shown
    assert "  event 2 independent sources of 2 outlets, story 1 independent source of 1 outlet; score" in shown
    assert "  new: Oldport, 212" in shown
    assert all(f"“{one.text}” ({one.clause}" in shown for one in first.evidence)
    whole = json.loads(newsmon(alerts.command, config, "show", first.alert_id, "--json").output)
    assert [one["revision"] for one in whole["revisions"]] == [1, 2]
    assert (whole["members"], whole["acknowledgement"]["author"]) == ([], "ann")
    assert "payload" not in whole["deliveries"][0]
    assert newsmon(alerts.command, config, "show", "al_nothing").exit_code == 1
    assert newsmon(alerts.command, config, "ack", "al_").exit_code == 1  # several
    settings = load_settings(config, {})
    with writing(engine) as connection:
        later = datetime.now(UTC) + timedelta(hours=1)
        assert escalate_due(connection, {one.id: one for one in settings.receivers}, now=later) == 1
    assert [row.alert_id for row in outbox_rows(engine) if row.kind == "escalation"] == [alert(2).alert_id]
