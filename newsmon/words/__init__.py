"""The words newsmon reads news with: names, places, event words, stop words, number words, boilerplate rules, signs of languages.

In: the shipped `seeds/words/` and a folder of the user's own. Out: `Words`, an immutable value; `current()` is the one in use.
I/O: `files` reads files, `watch` looks for changes; the rest turns bytes into tables. May import
errors, logs, metrics, paths and toml_files; no stage.
"""

from newsmon.words.current import Words, current, use, use_directory
from newsmon.words.files import WordFiles, read_files

__all__ = ["WordFiles", "Words", "current", "read_files", "use", "use_directory"]
