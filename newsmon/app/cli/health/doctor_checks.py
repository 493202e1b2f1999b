"""The checks of `newsmon doctor`: each gives a verdict and one line that says what it found or what to do. They change nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from newsmon import __version__, paths
from newsmon.app.cli.health.doctor_disks import disk_checks, privacy_check, sqlite_file_of, state_dir_check
from newsmon.app.cli.health.verdicts import Check, Verdict, attempted, detail_of
from newsmon.app.cli.preflight import credentials
from newsmon.errors import DependencyError, SettingsError
from newsmon.settings import Settings

OUR_PACKAGES = ("newsmon", "producers", "processors", "sinks")


def run_checks(settings: Settings, config_file: Path | None, *, fetch: bool) -> list[Check]:
    """The results, in the order in which `newsmon run` needs things. A failed check hides no other."""
    checks: list[Check] = [
        Check("newsmon", Verdict.GOOD, f"{__version__} on Python {sys.version.split()[0]}"),
        Check("settings", Verdict.GOOD, str(config_file) if config_file else "built-in defaults (no newsmon.toml found)"),
    ]
    checks += package_owners(packages_distributions())
    checks += _settings_files(settings)
    checks += _credentials(settings)
    checks.append(state_dir_check(settings))
    checks += disk_checks(settings)
    checks += privacy_check(settings)
    if settings.starts_own_kafka:
        checks += [_java(), _jars(fetch=fetch)]
    checks.append(_kafka(settings))
    checks.append(_database(settings))
    has_database = not _is_database_to_come(settings)
    if has_database:
        checks += _losses(settings)
    checks += _receivers(settings)
    if has_database:
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
    """Feeds, words and themes, each by itself."""
    from newsmon.settings.feed_credentials import load_credentials
    from newsmon.settings.feeds import load_feeds
    from newsmon.words import Words, read_files
    from processors.themes import load_themes

    def feeds() -> str:
        file = settings.producer.feeds_file
        behind_login = load_credentials(file)
        return f"{len(load_feeds(file))} in {file}" + (f", {len(behind_login)} of them with credentials" if behind_login else "")

    def words() -> str:
        files = read_files(settings.words.directory)
        Words.checked(files)
        own = f"shipped and in {settings.words.directory}" if settings.words.directory else "shipped"
        return f"{len(files.files)} files, {own} (generation {files.generation[:12]})"

    def themes() -> str:
        found = load_themes(settings.themes.directory)
        return f"{', '.join(theme.theme_id for theme in found.themes)} (generation {found.generation[:12]})"

    load: Callable[[], str]
    for what, load in (("feeds", feeds), ("words", words), ("themes", themes)):
        yield from attempted(what, load)


def _credentials(settings: Settings) -> Iterator[Check]:
    """Secrets and certificates, one row for each problem; silent while all load."""
    for load in credentials(settings, os.environ):
        try:
            load()
        except SettingsError as error:
            yield from (Check("secrets", Verdict.BAD, str(problem)) for problem in error.problems)


def _java() -> Check:
    from newsmon.kafka.broker.jre import java_path, java_version

    return next(attempted("Java", lambda: f"{java_version()} ({java_path()})"))


def _jars(*, fetch: bool) -> Check:
    from newsmon.kafka.broker.jars import ensure_jars, find_jars

    if find_jars() is None and not fetch:
        return Check(
            "Kafka jars", Verdict.NOTE, f"not in {paths.cache_dir()} yet; the first start or `newsmon doctor --fetch` downloads them"
        )
    try:
        ensure_jars()
    except DependencyError as error:
        return Check("Kafka jars", Verdict.BAD, detail_of(error))
    return Check("Kafka jars", Verdict.GOOD, f"complete in {paths.cache_dir()}")


def _kafka(settings: Settings) -> Check:
    from newsmon.kafka.admin import inspect_topics
    from newsmon.kafka.broker.owner import current_holder

    if settings.starts_own_kafka and current_holder(settings.state_dir) is None:
        return Check("Kafka", Verdict.GOOD, "`newsmon run` starts its own")
    try:
        findings = inspect_topics(settings)
    except (DependencyError, SettingsError) as error:
        return Check("Kafka", Verdict.BAD, detail_of(error))
    if findings.errors:
        return Check("Kafka", Verdict.BAD, "; ".join(str(problem) for problem in findings.errors))
    if findings.missing or findings.warnings:
        words = [f"{topic.base_name} will be created" for topic in findings.missing] + [str(problem) for problem in findings.warnings]
        return Check("Kafka", Verdict.NOTE, "; ".join(words))
    return Check("Kafka", Verdict.GOOD, "reachable; all topics are in order")


def _database(settings: Settings) -> Check:
    from sinks.database.engine import create_engine_for
    from sinks.database.schema import SchemaState, schema_state
    from sinks.database.sqlite_file import sqlite_file

    def reached() -> str:
        engine = create_engine_for(settings, must_exist=True)
        try:
            state = schema_state(engine)
        finally:
            engine.dispose()
        return f"{engine.url.render_as_string(hide_password=True)}, {said[state]}"

    said = {
        SchemaState.CURRENT: "schema up to date",
        SchemaState.EMPTY: "no tables yet; the first start of `newsmon store` creates them",
        SchemaState.OLDER: "schema older than this newsmon; the next start of `newsmon store` upgrades it",
    }
    try:
        file = sqlite_file(settings)
        if file is not None and not file.exists():
            return Check("database", Verdict.NOTE, f"no database yet; the first start creates {file}")
        if file is not None and _is_database_to_come(settings):
            return Check("database", Verdict.GOOD, f"{file}, {said[SchemaState.EMPTY]}")
        return Check("database", Verdict.GOOD, reached())
    except (DependencyError, SettingsError) as error:
        return Check("database", Verdict.BAD, detail_of(error))


def _is_database_to_come(settings: Settings) -> bool:
    """True while the SQLite file is missing or empty: opening it would make it a database."""
    file = sqlite_file_of(settings)
    return file is not None and (not file.exists() or file.stat().st_size == 0)


def _losses(settings: Settings) -> Iterator[Check]:
    from newsmon.app.cli.database import open_database
    from sinks.database.engine import reading
    from sinks.database.losses import read_losses

    try:
        with reading(open_database(settings)) as connection:
            found = read_losses(connection, only_open=True)
    except (DependencyError, SettingsError):
        return  # the row of the database says it
    if found:
        topics = ", ".join(sorted({row.topic for row in found}))
        yield Check(
            "losses", Verdict.BAD, f"Kafka lost or replaced records of {topics}, first noticed {found[-1].noticed_at:%Y-%m-%d %H:%M}Z. "
            "See `newsmon losses list`, then `newsmon losses acknowledge`.",
        )  # fmt: skip


def _receivers(settings: Settings) -> Iterator[Check]:
    if not settings.receivers:
        yield Check("receivers", Verdict.NOTE, "none: alerts are stored but not sent. Try `newsmon listen`.")
    for receiver in settings.receivers:
        yield Check(
            f"receiver {receiver.id}", Verdict.GOOD, f"from {receiver.min_severity} up, {', '.join(receiver.themes) or 'all themes'}"
        )
