"""`newsmon processor` whose clock is that of the article: each is matched at the moment it was first seen.

Run as a process of its own. Everything else is the product's: broker, Faust, partitions, state on the log. A clock is what a test may
replace; without it a week of news would take a week.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime

from newsmon.app.cli import cli
from newsmon.records import Article, Classification, Match
from newsmon.settings import Settings
from processors.handling.decisions import Decisions
from processors.runner import parts, policies, service
from processors.themes import ThemeSet


def decisions_then(settings: Settings, themes: ThemeSet) -> Decisions:
    """The product's decisions, each at its article's time."""
    found = policies.decisions_for(settings, themes)

    def classify(article: Article, _now: datetime) -> tuple[Classification, tuple[Match, ...]]:
        return found.classify(article, article.first_seen_at)

    return replace(found, classify=classify)


if __name__ == "__main__":
    service.decisions_for = decisions_then  # type: ignore[attr-defined]
    parts.decisions_for = decisions_then  # type: ignore[attr-defined]
    cli(["processor"], prog_name=sys.argv[0])
