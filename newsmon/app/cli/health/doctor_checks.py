"""The checks of `newsmon doctor`: each gives a verdict and one line that says what it found or what to do."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import packages_distributions
from pathlib import Path

from newsmon import __version__, paths
from newsmon.app.cli.preflight import preflight
from newsmon.errors import DependencyError, SettingsError
from newsmon.settings import Settings

OUR_PACKAGES = ("newsmon", "producers", "processors", "sinks")
LEAST_FREE_BYTES = 2 * 1024**3


class Verdict(StrEnum):
    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    what: str
    verdict: Verdict
    detail: str


def run_checks(settings: Settings, config_file: Path | None, *, fetch: bool) -> list[Check]:
    """The results, in the order in which `newsmon run` needs things."""
    checks: list[Check] = [
        Check("newsmon", Verdict.GOOD, f"{__version__} on Python {sys.version.split()[0]}"),
        Check("settings", Verdict.GOOD, str(config_file) if config_file else "built-in defaults (no newsmon.toml found)"),
    ]
    checks += package_owners(packages_distributions())
    checks += _settings_files(settings)
    checks.append(_state_dir(settings))
    if settings.starts_own_kafka:
        checks += [_java(), _jars(fetch=fetch)]
    checks.append(_kafka(settings))
    checks.append(_database(settings))
    checks += _receivers(settings)
    from newsmon.app.cli.health.doctor_memory import memory_checks

    checks += memory_checks(settings)
    return checks


def package_owners(owners: dict[str, list[str]] | object) -> list[Check]:
    """Our import names are plain words: another project's package of the same name would silently shadow ours, or the other way round."""
    assert hasattr(owners, "get")
    strangers = {name: sorted(set(owners.get(name, [])) - {"newsmon"}) for name in OUR_PACKAGES}
    clashes = [f"{name} (also in {', '.join(found)})" for name, found in strangers.items() if found]
    if clashes:
        return [Check("packages", Verdict.BAD, f"name clash: {'; '.join(clashes)}. Install newsmon in its own virtual environment.")]
    return [Check("packages", Verdict.GOOD, "no name clash with other installed packages")]


def _settings_files(settings: Settings) -> Iterator[Check]:
    problems = preflight(settings)
    for problem in problems:
        yield Check("settings", Verdict.BAD, str(problem))
    if not problems:
        from newsmon.settings.feeds import load_feeds
        from newsmon.words import read_files
        from processors.themes import load_themes

        feeds, themes = load_feeds(settings.producer.feeds_file), load_themes(settings.themes.directory)
        yield Check("feeds", Verdict.GOOD, f"{len(feeds)} in {settings.producer.feeds_file}")
        words = read_files(settings.words.directory)
        own = f"shipped and in {settings.words.directory}" if settings.words.directory else "shipped"
        yield Check("words", Verdict.GOOD, f"{len(words.files)} files, {own} (generation {words.generation[:12]})")
        yield Check("themes", Verdict.GOOD, f"{', '.join(theme.theme_id for theme in themes.themes)} (generation {themes.generation[:12]})")


def _state_dir(settings: Settings) -> Check:
    from newsmon.kafka.broker.owner import current_holder

    directory = settings.state_dir
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / ".doctor"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return Check("state directory", Verdict.BAD, f"{directory} cannot be written: {error.strerror}")
    free = shutil.disk_usage(directory).free
    if free < LEAST_FREE_BYTES:
        return Check(
            "state directory",
            Verdict.BAD,
            f"{directory}: only {free // 1024**2} MiB free; Kafka and the database need 2 GiB",
        )
    holder = current_holder(directory)
    return Check("state directory", Verdict.GOOD, f"{directory}" + (f", in use by {holder}" if holder else ", not in use"))


def _java() -> Check:
    from newsmon.kafka.broker.jre import java_path, java_version

    return _tried("Java", lambda: f"{java_version()} ({java_path()})")


def _jars(*, fetch: bool) -> Check:
    from newsmon.kafka.broker.jars import ensure_jars, find_jars

    if find_jars() is None and not fetch:
        return Check(
            "Kafka jars", Verdict.NOTE, f"not in {paths.cache_dir()} yet; the first start or `newsmon doctor --fetch` downloads them"
        )
    try:
        ensure_jars()
    except DependencyError as error:
        return Check("Kafka jars", Verdict.BAD, _what(error))
    return Check("Kafka jars", Verdict.GOOD, f"complete in {paths.cache_dir()}")


def _kafka(settings: Settings) -> Check:
    from newsmon.kafka.admin import inspect_topics
    from newsmon.kafka.broker.owner import current_holder

    if settings.starts_own_kafka and current_holder(settings.state_dir) is None:
        return Check("Kafka", Verdict.GOOD, "`newsmon run` starts its own")
    try:
        findings = inspect_topics(settings)
    except (DependencyError, SettingsError) as error:
        return Check("Kafka", Verdict.BAD, _what(error))
    if findings.errors:
        return Check("Kafka", Verdict.BAD, "; ".join(str(problem) for problem in findings.errors))
    if findings.missing or findings.warnings:
        words = [f"{topic.base_name} will be created" for topic in findings.missing] + [str(problem) for problem in findings.warnings]
        return Check("Kafka", Verdict.NOTE, "; ".join(words))
    return Check("Kafka", Verdict.GOOD, "reachable; all topics are in order")


def _database(settings: Settings) -> Check:
    from sinks.database.engine import create_engine_for
    from sinks.database.schema import migrate

    def reached() -> str:
        engine = create_engine_for(settings)
        try:
            migrate(engine)
        finally:
            engine.dispose()
        return f"{engine.url.render_as_string(hide_password=True)}, schema up to date"

    return _tried("database", reached)


def _tried(what: str, attempt: Callable[[], str]) -> Check:
    try:
        return Check(what, Verdict.GOOD, attempt())
    except (DependencyError, SettingsError) as error:
        return Check(what, Verdict.BAD, _what(error))


def _what(error: DependencyError | SettingsError) -> str:
    """The message without the dependency's name, which the table shows next to it."""
    return str(error).removeprefix(f"{error.dependency}: ") if isinstance(error, DependencyError) else str(error)


def _receivers(settings: Settings) -> Iterator[Check]:
    if not settings.receivers:
        yield Check("receivers", Verdict.NOTE, "none: alerts are stored but not sent. Try `newsmon listen`.")
    for receiver in settings.receivers:
        yield Check(
            f"receiver {receiver.id}", Verdict.GOOD, f"from {receiver.min_severity} up, {', '.join(receiver.themes) or 'all themes'}"
        )
