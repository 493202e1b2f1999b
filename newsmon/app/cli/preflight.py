"""Checks every file the settings name before anything starts, so that `newsmon run` never leaves things half started.

Out: all problems, by `file:key`.
"""

from __future__ import annotations

import os

from newsmon.errors import Problem, SettingsError
from newsmon.settings import Settings


def preflight(settings: Settings) -> list[Problem]:
    """Every problem in feeds, themes, words, secrets and Kafka credentials; empty if all of them load."""
    from newsmon.kafka.clients import sasl_for, ssl_context_for
    from newsmon.settings.feed_credentials import load_credentials
    from newsmon.settings.feeds import load_feeds
    from newsmon.words import Words, read_files
    from processors.themes import load_themes
    from sinks.channels.secrets import load_ack_secrets, load_addresses, load_secrets

    problems: list[Problem] = []
    for load in (
        lambda: load_feeds(settings.producer.feeds_file) and load_credentials(settings.producer.feeds_file),
        lambda: load_themes(settings.themes.directory),
        lambda: Words.checked(read_files(settings.words.directory)),
        lambda: load_secrets(settings.receivers, os.environ),
        lambda: load_addresses(settings.receivers, os.environ),
        lambda: load_ack_secrets(settings.ack, os.environ),
        lambda: sasl_for(settings.kafka),
        lambda: ssl_context_for(settings.kafka),
    ):
        try:
            load()
        except SettingsError as error:
            problems += error.problems
    return problems
