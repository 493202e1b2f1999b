"""The files of a theme set, as bytes: read from a directory, or taken from a record. Nothing is parsed here.

In: a directory. Out: `ThemeFiles`. I/O: reads files.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from newsmon.errors import Problem, SettingsError
from processors.themes.opinion import SUFFIX, read_opinion

LISTS = "lists/"


@dataclass(frozen=True, slots=True)
class ThemeFiles:
    """Name and content of every file in compile order: shared lists first."""

    lists: tuple[tuple[str, bytes], ...]  # names begin with lists/
    themes: tuple[tuple[str, bytes], ...]
    opinions: tuple[tuple[str, bytes], ...] = ()  # names end with .opinion.json

    def everything(self) -> dict[str, bytes]:
        return dict((*self.lists, *self.themes, *self.opinions))

    @classmethod
    def of(cls, contents: dict[str, bytes]) -> ThemeFiles:
        """The inverse of `everything`."""
        named = sorted(contents.items())
        lists = tuple(one for one in named if one[0].startswith(LISTS))
        opinions = tuple(one for one in named if one[0].endswith(SUFFIX))
        return cls(lists, tuple(one for one in named if one not in lists and one not in opinions), opinions)

    def only(self, theme_ids: Collection[str]) -> ThemeFiles:
        """The same lists with only the themes of these ids."""
        opinions = tuple(one for one in self.opinions if opinion_of(one[1]) in theme_ids)
        return ThemeFiles(self.lists, tuple(one for one in self.themes if id_of(one[1]) in theme_ids), opinions)

    def without_opinions(self) -> ThemeFiles:
        """The same lists and themes, with which the rules decide alone."""
        return ThemeFiles(self.lists, self.themes)

    def with_theme(self, name: str, content: bytes) -> ThemeFiles:
        """The files with `content` in place of the theme with its id, or added."""
        theme_id = id_of(content)
        others = tuple(one for one in self.themes if id_of(one[1]) != theme_id)
        return ThemeFiles(self.lists, (*others, (name, content)), self.opinions)


def read_files(directory: Path) -> ThemeFiles:
    """Return the files of `directory`. Raises SettingsError when it is not a directory, holds no theme, or a file cannot be read."""
    if not directory.is_dir():
        raise SettingsError([Problem(str(directory), "is not a directory of theme files; see themes.directory in the settings")])
    problems: list[Problem] = []
    lists = tuple(_read(((f"{LISTS}{path.name}", path) for path in list_paths(directory)), problems))
    themes = tuple(_read(((path.name, path) for path in theme_paths(directory)), problems))
    opinions = tuple(_read(((path.name, path) for path in opinion_paths(directory)), problems))
    if not themes and not problems:
        problems.append(Problem(str(directory), "contains no theme file (*.toml)"))
    if problems:
        raise SettingsError(problems)
    return ThemeFiles(lists, themes, opinions)


def theme_paths(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob("*.toml") if not path.name.startswith("."))


def list_paths(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob(f"{LISTS}*.toml") if not path.name.startswith("."))


def opinion_paths(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob(f"*{SUFFIX}") if not path.name.startswith("."))


def opinion_of(content: bytes) -> str | None:
    """The theme that the opinion in a file belongs to; None when the file cannot be parsed."""
    opinion = read_opinion("", content, [])
    return None if opinion is None else opinion.theme_id


def id_of(content: bytes) -> str | None:
    """The id in a theme file; None when the file cannot be parsed."""
    try:
        found = tomllib.loads(content.decode("utf-8")).get("id")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    return found if isinstance(found, str) else None


def _read(named: Iterable[tuple[str, Path]], problems: list[Problem]) -> Iterable[tuple[str, bytes]]:
    for name, path in named:
        try:
            yield name, path.read_bytes()
        except OSError as error:
            problems.append(Problem(name, f"cannot be read: {error.strerror}"))


Fingerprint = tuple[tuple[str, int, int, int], ...]


def fingerprint(directory: Path) -> Fingerprint:
    """Name, time, size and inode of every file that `read_files` would read: cheap, and different after any change."""
    found = []
    for path in (*list_paths(directory), *theme_paths(directory), *opinion_paths(directory)):
        try:
            status = path.stat()
        except OSError:
            continue  # gone between listing and reading: the next fingerprint differs
        found.append((str(path.relative_to(directory)), status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(found)
