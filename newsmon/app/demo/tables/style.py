"""The look of the demo's tables: at most 100 columns, plain text unless on a terminal."""

from __future__ import annotations

import sys

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH = 100


def make_console() -> Console:
    """A console on standard output, as wide as the terminal up to 100 columns; 100 for a file or a pipe."""
    terminal = sys.stdout.isatty()
    width = min(Console().width, WIDTH) if terminal else WIDTH
    return Console(highlight=False, markup=False, emoji=False, width=width)  # headlines may hold what looks like markup


def table(title: str, *columns: str, right: tuple[str, ...] = (), wide: str | None = None) -> Table:
    """A table with a ruled head. The `wide` column takes the remaining width, `right` columns hold numbers."""
    made = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, expand=True
    )
    for name in columns:
        made.add_column(
            name,
            justify="right" if name in right else "left",
            ratio=1 if name == wide else None,
            no_wrap=True,
            overflow="ellipsis",
        )
    return made


def mark(*, good: bool) -> Text:
    return Text("ok", style="green") if good else Text("WRONG", style="bold red")


def short(text: str, width: int) -> str:
    """At most `width` characters of one line."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def listed(counts: dict[str, int]) -> str:
    """ "ok 3, not_modified 1", or a dash if there is nothing."""
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()) if count) or "-"
