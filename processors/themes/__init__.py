"""Themes: what is watched for, read from files and compiled into one search.

Start at `load.load_themes`; the file format is in `model`, one phrase in `phrases`, the search in `automaton`, the verdict in
`matching`. Pure but for `load`, which reads files.
"""

from processors.themes.compiled import Theme, ThemeSet
from processors.themes.load import load_themes

__all__ = ["Theme", "ThemeSet", "load_themes"]
