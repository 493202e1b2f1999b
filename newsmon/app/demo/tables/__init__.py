"""The demo's summary, from the input to the verdict, as tables for a terminal.

In: `DemoResult`. Out: text on standard output. May import the demo's other rooms, the records and the themes.
"""

from __future__ import annotations

from newsmon.app.demo.findings.result import DemoResult
from newsmon.app.demo.tables.alerts import show_deliveries, show_stories, show_verdict
from newsmon.app.demo.tables.feeds import show_feeds
from newsmon.app.demo.tables.matches import show_look_alikes, show_matches, show_one_article
from newsmon.app.demo.tables.style import make_console


def print_summary(result: DemoResult) -> None:
    """Print all seven parts to standard output."""
    console = make_console()
    for show in (show_feeds, show_matches, show_one_article, show_look_alikes, show_stories, show_deliveries, show_verdict):
        show(console, result)
