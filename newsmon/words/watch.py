"""Looks for changed word files, and puts those that are right into use.

In: settings. Out: new words, by `use`; log lines; two metrics. I/O: files.

All or nothing: while any file has a problem the words in use stay, the log names each problem, and
`newsmon_word_files_refused` is 1.
"""

from __future__ import annotations

from pathlib import Path

from newsmon.errors import SettingsError
from newsmon.logs import get_logger
from newsmon.metrics import WORDS_GENERATION, WORDS_REFUSED
from newsmon.words.current import Words, use
from newsmon.words.files import Fingerprint, fingerprint, read_files

log = get_logger(__name__)


class WordWatch:
    """The watch of one process."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._seen: Fingerprint = ()
        self._changed: Fingerprint | None = None
        self._active: Words | None = None

    def start(self) -> Words:
        """Use the words there are. Raises SettingsError with every problem: a process does not start with words it cannot read."""
        self._seen = fingerprint(self._directory)
        return self._take(Words.checked(read_files(self._directory)))

    def look(self) -> Words | None:
        """Use the files that have changed, once two looks saw the same; return the new words, None when the old ones stay."""
        now = fingerprint(self._directory)
        if now == self._seen:
            self._changed = None
            return None
        if now != self._changed:
            self._changed = now  # perhaps still being written: once more
            return None
        self._seen, self._changed = now, None
        try:
            words = Words.checked(read_files(self._directory))
        except SettingsError as error:
            WORDS_REFUSED.set(1)
            for problem in error.problems:
                log.error("words.refused", where=problem.where, problem=problem.message, active=self._active and self._active.generation)
            return None
        if self._active is not None and words.generation == self._active.generation:
            WORDS_REFUSED.set(0)
            return None
        return self._take(words)

    def _take(self, words: Words) -> Words:
        before, self._active = self._active, words
        use(words)
        WORDS_REFUSED.set(0)
        WORDS_GENERATION.info({"generation": words.generation})
        log.info("words.active", generation=words.generation, before=before and before.generation, files=len(words.files.files))
        return words
