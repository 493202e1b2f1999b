"""Themes: what is watched for, read from files and compiled into one search.

Start at `load.load_themes`; the file format is in `model`, one phrase in `phrases`, the search in `automaton`, the verdict in
`matching`. Pure but for `load`, which reads files.
"""

from processors.themes.compiled import Theme, ThemeSet
from processors.themes.files import ThemeFiles, read_files
from processors.themes.load import compile_files, load_themes

__all__ = ["Theme", "ThemeFiles", "ThemeSet", "compile_files", "load_themes", "read_files"]
