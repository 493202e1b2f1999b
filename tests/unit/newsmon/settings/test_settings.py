"""Settings: every problem at once, by file and key; nothing guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsmon import paths
from newsmon.errors import SettingsError
from newsmon.settings import Settings, load_settings
from newsmon.settings.removed import REMOVED


def load(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> Settings:
    file = tmp_path / "newsmon.toml"
    file.write_text(text, "utf-8")
    return load_settings(file, environ or {})


def problems(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text, environ)
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


MISTAKES = [
    ("nope = 1", "newsmon.toml:nope: unknown setting"),
    ("[kafka]\nboostrap_servers = []", "newsmon.toml:kafka.boostrap_servers: unknown setting; did you mean bootstrap_servers?"),
    ("[producers]", "newsmon.toml:producers: unknown setting; did you mean producer?"),
    (
        '[[receivers]]\nid = "d"\nurl = "https://d.example/"\nsecret_env = "S"\nsecret_file = "s"',
        "newsmon.toml:receivers.0.secret_file: unknown setting; did you mean secret_files?",
    ),
    ('[kafka]\nheap_mb = "lots"', "newsmon.toml:kafka.heap_mb: must be a whole number"),
    ("[kafka]\nheap_mb = 1", "newsmon.toml:kafka.heap_mb: must be at least 256"),
    ("kafka = 1", "newsmon.toml:kafka: must be a table"),
    ("[log]\nformat = 'xml'", "newsmon.toml:log.format: must be one of"),
    ('[processor]\nrunner = "faust"', "newsmon.toml:processor.runner: was removed: Faust is the only runner; delete it"),
    ('[kafka]\nsecurity_protocol = "SASL_SSL"', "newsmon.toml:kafka: SASL needs"),
    ('[kafka]\nsecurity_protocol = "SASL_SSL"\nsasl_mechanism = "PLAIN"\nsasl_username = "u"', "newsmon.toml:kafka: missing secret"),
    ("[producer]\ninterval_s = 5", "newsmon.toml:producer.interval_s: must be between"),
    ("[producer]\ntimeout_s = 0", "newsmon.toml:producer.timeout_s: "),
    ('[[receivers]]\nid = "desk"\nurl = "https://desk.example/"', "newsmon.toml:receivers.0: missing secret"),
    ('[[receivers]]\nid = "Desk!"\nurl = "https://d.example/"\nsecret_env = "S"', "newsmon.toml:receivers.0.id: "),
    ('[[receivers]]\nid = "desk"\nurl = "https://u:p@d.example/"\nsecret_env = "S"', "newsmon.toml:receivers.0.url: "),
    ('[[receivers]]\nid = "desk"\nurl = "ftp://d.example/"\nsecret_env = "S"', "newsmon.toml:receivers.0.url: "),
    ('[log]\nlevel = "loud"', "newsmon.toml:log.level: "),
    ("[monitoring]\nrun_port = 70000", "newsmon.toml:monitoring.run_port: "),
    ("not toml", "newsmon.toml: not valid TOML"),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES, ids=[message.split(": ")[0] + str(n) for n, (_, message) in enumerate(MISTAKES)])
def test_a_mistake_is_named_by_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    found = problems(tmp_path, text)
    assert len(found) == 1
    assert found[0].startswith(message)


def test_all_mistakes_are_reported_together(tmp_path: Path) -> None:
    found = problems(tmp_path, 'nope = 1\n[kafka]\nheap_mb = 1\n[log]\nlevel = "loud"', {"NEWSMON_STORIES__NOPE": "1"})
    assert len(found) == 4
    assert any(line.startswith("environment:NEWSMON_STORIES__NOPE") for line in found)


def test_two_receivers_cannot_share_an_id(tmp_path: Path) -> None:
    one = '[[receivers]]\nid = "desk"\nurl = "https://desk.example/"\nsecret_env = "S"\n'
    assert problems(tmp_path, one + one) == ["newsmon.toml:receivers.1.id: two receivers are called 'desk'"]


def test_a_missing_file_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load_settings(tmp_path / "absent.toml", {})


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    environ = {"NEWSMON_KAFKA__HEAP_MB": "1024", "NEWSMON_KAFKA__BOOTSTRAP_SERVERS": "a:9092, b:9092", "OTHER": "x"}
    settings = load(tmp_path, "[kafka]\nheap_mb = 300", environ)
    assert settings.kafka.heap_mb == 1024
    assert settings.kafka.bootstrap_servers == ("a:9092", "b:9092")
    assert not settings.starts_own_kafka


def test_relative_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    settings = load(tmp_path, 'state_dir = "state"\n[producer]\nfeeds_file = "feeds.toml"\n[themes]\ndirectory = "/abs/themes"')
    assert settings.state_dir == tmp_path / "state"
    assert settings.producer.feeds_file == tmp_path / "feeds.toml"
    assert settings.themes.directory == Path("/abs/themes")


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    text = '[kafka]\nsecurity_protocol="SASL_SSL"\nsasl_mechanism="PLAIN"\nsasl_username="u"\nsasl_password="hunter2"'
    assert "hunter2" not in repr(load(tmp_path, text))


def test_the_starter_settings_load_and_are_the_defaults() -> None:
    assert load_settings(paths.seeds() / "newsmon.toml", {}) == load_settings(None, {})


def test_settings_cannot_be_changed_after_loading() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings(None, {}).kafka.heap_mb = 1  # type: ignore[misc]


def test_a_problem_found_later_is_named_by_the_file_the_command_was_given(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from newsmon.app.cli import cli

    file = tmp_path / "desk.toml"
    file.write_text(
        f'state_dir = "{tmp_path}/state"\n[[receivers]]\nid = "d"\nurl = "https://d.example/"\nsecret_env = "NOBODY_SET_THIS"\n'
    )
    refused = CliRunner().invoke(cli, ["receivers", "test", "--config", str(file)])
    assert isinstance(refused.exception, SettingsError)
    assert str(refused.exception).startswith(f"{file}:receivers.d.secret_env: missing secret")
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("section", "line", "key"),
    [
        ("alerts", "update_at_sources = [5, 3]", "alerts.update_at_sources"),
        ("alerts", "update_at_sources = [1]", "alerts.update_at_sources"),
        ("alerts.urgent", "sources = -1", "alerts.urgent.sources"),
        ("alerts.urgent", "within_s = 0", "alerts.urgent.within_s"),
        ("alerts.flash", "sources = 0", "alerts.flash.sources"),
        ("alerts.flash", "tiers = 1", "alerts.flash.tiers"),
        ("alerts.burst", "min_stories = 1", "alerts.burst.min_stories"),
        ("alerts.burst", 'severity = "flash"', "alerts.burst.severity"),
        ("alerts.burst", "min_sources = 0", "alerts.burst.min_sources"),
    ],
)
def test_a_bad_alert_setting_is_refused_with_its_key(tmp_path: Path, section: str, line: str, key: str) -> None:
    (tmp_path / "newsmon.toml").write_text(f"[{section}]\n{line}\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path / "newsmon.toml", {})
    assert key in str(caught.value)


@pytest.mark.parametrize("key", sorted(REMOVED))
def test_a_removed_setting_says_so_in_the_file_and_in_the_environment(tmp_path: Path, key: str) -> None:
    section, _dot, name = key.rpartition(".")
    assert problems(tmp_path, f"[{section}]\n{name} = 1") == [f"newsmon.toml:{key}: {REMOVED[key]}"]
    variable = "NEWSMON_" + key.upper().replace(".", "__")
    assert problems(tmp_path, "", {variable: "1"}) == [f"environment:{variable}: {REMOVED[key]}"]
