"""The themes and feeds that newsmon ships, read once in a test session: compiling the themes takes most of a second."""

from __future__ import annotations

from functools import cache

from newsmon import paths
from newsmon.records import Feed
from newsmon.settings.feeds import load_feeds
from processors.themes import ThemeSet, compile_files, read_files
from processors.themes.files import ThemeFiles


@cache
def shipped_theme_files() -> ThemeFiles:
    return read_files(paths.seeds() / "themes")


@cache
def shipped_themes() -> ThemeSet:
    return compile_files(shipped_theme_files())


@cache
def shipped_feeds() -> tuple[Feed, ...]:
    return tuple(load_feeds(paths.seeds() / "feeds.toml"))
