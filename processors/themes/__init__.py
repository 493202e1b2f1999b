"""Themes: what to watch for, read from files and compiled into one search.

In: theme files (`files`, their format in `model`). Out: a `ThemeSet` (`load.load_themes`), or every problem with file, line and key.
May import search.
"""

from processors.themes.files import ThemeFiles, read_files
from processors.themes.load import compile_files, load_themes
from processors.themes.theme_set import Theme, ThemeSet

__all__ = ["Theme", "ThemeFiles", "ThemeSet", "compile_files", "load_themes", "read_files"]
