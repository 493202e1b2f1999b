"""The demo's summary, from what came in to the verdict, for a person to check."""

from __future__ import annotations

from newsmon.app.demo.findings.outcome import Outcome
from newsmon.app.demo.tables.alerts import show_deliveries, show_stories, show_verdict
from newsmon.app.demo.tables.feeds import show_feeds
from newsmon.app.demo.tables.matches import show_matches, show_silent, show_the_day
from newsmon.app.demo.tables.style import make_console


def print_summary(outcome: Outcome) -> None:
    """Print all seven parts to standard output."""
    console = make_console()
    for show in (show_feeds, show_matches, show_the_day, show_silent, show_stories, show_deliveries, show_verdict):
        show(console, outcome)
