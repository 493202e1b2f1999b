"""Checks every file the settings name before anything starts, so that `newsmon run` never leaves things half started.

Out: all problems, by `file:key`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from newsmon.errors import Problem, SettingsError
from newsmon.settings import Settings


def preflight(settings: Settings, *, starting: bool = False) -> list[Problem]:
    """Every problem in feeds, themes, words, secrets and Kafka credentials; empty if all of them load.

    `starting`: bad themes and words are no problem if there is a last good set to start with. The stages then use that set, and report
    the problems: in the log, a metric and the live view, and about themes also in a notice.
    """
    from newsmon.settings.feed_credentials import load_credentials
    from newsmon.words import Words, read_files
    from newsmon.words.watch import words_to_start_with
    from processors.rollout.kept_themes import themes_to_start_with
    from processors.themes import load_themes

    def words() -> Words:
        return Words.checked(read_files(settings.words.directory))

    problems: list[Problem] = []
    for load in (
        lambda: load_credentials(settings.producer.feeds_file),  # reads the feeds too
        lambda: themes_to_start_with(settings) if starting else load_themes(settings.themes.directory),
        lambda: words_to_start_with(settings.words.directory, settings.state_dir) if starting else words(),
        *credentials(settings, os.environ),
    ):
        try:
            load()
        except SettingsError as error:
            problems += error.problems
    return problems


def credentials(settings: Settings, environ: Mapping[str, str]) -> tuple[Callable[[], object], ...]:
    """What loads the secrets and certificates of receivers, links, Kafka and TLS; each raises SettingsError."""
    from newsmon.kafka.clients import sasl_for, ssl_context_for
    from newsmon.net.trust import client_context
    from sinks.channels.secrets import load_ack_secrets, load_addresses, load_secrets

    return (
        lambda: load_secrets(settings.receivers, environ),
        lambda: load_addresses(settings.receivers, environ),
        lambda: load_ack_secrets(settings.ack, environ),
        lambda: sasl_for(settings.kafka),
        lambda: ssl_context_for(settings.kafka),
        client_context,
    )
