"""Reads a directory of theme files and reports every problem in any of them at once.

In: a directory with one TOML file per theme, and `lists/*.toml` with the shared lists. Out: `ThemeSet`. I/O: reads files.
"""

from __future__ import annotations

from pathlib import Path

from newsmon import paths
from newsmon.errors import Problem, SettingsError
from newsmon.toml_files import read_toml, with_lines
from processors.themes.compile import compile_themes
from processors.themes.files import ThemeFiles, read_files
from processors.themes.model import ListsFile, ThemeFile
from processors.themes.opinion import Opinion, read_opinion
from processors.themes.partial import further_problems
from processors.themes.theme_set import ThemeSet

_NAMES = {
    "cs": "Czech", "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "pl": "Polish", "ru": "Russian",
    "uk": "Ukrainian",
}  # fmt: skip
_LONGEST_EVERYDAY_WORD = 10  # the longer ones in the lists are the news of their day: names of countries, offices


def everyday_news() -> tuple[str, ...]:
    """Shipped texts on no particular theme: a theme that matches much of them recognises nothing."""
    lines = (paths.seeds() / "everyday-news.txt").read_text("utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def everyday_words() -> dict[str, tuple[str, ...]]:
    """The words that hardly any text does without, by language, from the package that also tells undeclared encodings apart."""
    from justext import get_stoplist  # type: ignore[import-untyped]  # only checks pay for it

    return {
        code: tuple(sorted(word for word in get_stoplist(name) if len(word) <= _LONGEST_EVERYDAY_WORD)) for code, name in _NAMES.items()
    }


def load_themes(directory: Path) -> ThemeSet:
    """Return the compiled themes of `directory`. Raises SettingsError listing every problem as `file:line:key`."""
    return compile_files(read_files(directory))


def compile_files(files: ThemeFiles) -> ThemeSet:
    """Return the compiled themes. Raises SettingsError listing every problem of every file as `file:line:key`."""
    problems: list[Problem] = []
    lists = [read_toml(name, raw, ListsFile, problems) for name, raw in files.lists]
    themes = [read_toml(name, raw, ThemeFile, problems) for name, raw in files.themes]
    shared = {key for one in lists if one.model is not None for key in one.model.lists} if all(one.model for one in lists) else None
    for one in themes:
        if one.model is None or shared is None:
            problems += further_problems(one.name, one.data, shared)
    try:
        compiled = compile_themes(
            [(one.name, one.model) for one in themes if one.model is not None],
            [(one.name, one.model.lists) for one in lists if one.model is not None],
            [raw for _name, raw in (*files.lists, *files.themes, *files.opinions)],
            _opinions(files, problems),
        )
    except SettingsError as error:
        if shared is not None:  # otherwise every use of a name from the unreadable file would be reported
            problems += error.problems
        raise SettingsError(with_lines(problems, files.everything())) from None
    if problems:
        raise SettingsError(with_lines(problems, files.everything()))
    return compiled


def _opinions(files: ThemeFiles, problems: list[Problem]) -> dict[str, Opinion]:
    """The opinions by theme; a problem for an invalid file, and for a theme's second one.

    One without its theme is not used: the theme may come back.
    """
    opinions: dict[str, Opinion] = {}
    places: dict[str, str] = {}
    for name, raw in files.opinions:
        one = read_opinion(name, raw, problems)
        if one is None:
            continue
        if one.theme_id in opinions:
            problems.append(Problem(f"{name}:theme", f"{one.theme_id!r} already has the opinion in {places[one.theme_id]}"))
            continue
        opinions[one.theme_id], places[one.theme_id] = one, name
    return opinions
