"""What must be right before anything is started: every file the settings point at, read once and thrown away.

Out: problems by `file:key`, all of them, so that `newsmon run` leaves nothing half started behind.
"""

from __future__ import annotations

import os

from newsmon.errors import Problem, SettingsError
from newsmon.settings import Settings


def preflight(settings: Settings) -> list[Problem]:
    """Return every problem in feeds, themes, words, secrets and Kafka credentials; empty when all can be loaded."""
    from newsmon.kafka.clients import sasl_for, ssl_context_for
    from newsmon.settings.feeds import load_feeds
    from newsmon.words import Words, read_files
    from processors.themes import load_themes
    from sinks.channels.secrets import load_ack_secrets, load_addresses, load_secrets

    problems: list[Problem] = []
    for load in (
        lambda: load_feeds(settings.producer.feeds_file),
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
