"""The matches and alerts that the demo must find in its recorded feeds.

In: `seeds/demo/expected.toml`. Out: `Expectations`.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from newsmon.app.demo.recorded.toml_file import load_toml
from newsmon.errors import Problem, SettingsError
from newsmon.ids import normalised


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedEntry(_Part):
    """One entry to check: a match, or a look-alike that must not match (`themes` empty)."""

    key: str
    feed: str
    version: int = Field(ge=1, le=2)
    title: str
    themes: tuple[str, ...]
    group: str | None = None
    copy_of: str | None = None
    same_as: str | None = None
    no_alert: str | None = None
    why: str | None = None


class ExpectedAlert(_Part):
    """One alert that must be delivered exactly once."""

    theme: str
    group: str
    or_in: tuple[str, ...] = ()  # also met if its reports joined the story of one of these groups


class Expectations(_Part):
    """The content of `expected.toml`."""

    entry: tuple[ExpectedEntry, ...]
    alert: tuple[ExpectedAlert, ...]

    def by_title(self) -> dict[tuple[str, str], ExpectedEntry]:
        """Entries by feed and normalised title, to look up a stored article."""
        return {(entry.feed, normalised(entry.title)): entry for entry in self.entry}

    @property
    def look_alikes(self) -> tuple[ExpectedEntry, ...]:
        return tuple(entry for entry in self.entry if not entry.themes)


def load_expectations(file: Path) -> Expectations:
    """The expectations in `file`; SettingsError lists every problem as `file:key`, unknown references included."""
    expected = load_toml(file, Expectations)
    problems = _dangling(expected, str(file))
    if problems:
        raise SettingsError(problems)
    return expected


def _dangling(expected: Expectations, file: str) -> list[Problem]:
    keys = {entry.key for entry in expected.entry}
    pairs = {(theme, entry.group) for entry in expected.entry for theme in entry.themes}
    problems = [
        Problem(f"{file}:entry.{entry.key}", f"refers to {name!r}, which is not an entry here")
        for entry in expected.entry
        for name in (entry.copy_of, entry.same_as)
        if name is not None and name not in keys
    ]
    problems += [
        Problem(f"{file}:alert.{alert.theme}.{alert.group}", "no entry belongs to this theme and group")
        for alert in expected.alert
        if (alert.theme, alert.group) not in pairs
    ]
    return problems
