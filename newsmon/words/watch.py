"""Watches the word files and puts valid changes into use.

In: the user's folder. Out: new words, by `use`; log lines; two metrics. I/O: files.

All or nothing: while any file has a problem the words in use stay, the log names each problem, and `newsmon_word_files_refused` is 1.
The user's files that were used last are kept in the state directory, so that a process that is restarted in the meantime stays with them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from newsmon.errors import SettingsError
from newsmon.logs import get_logger
from newsmon.metrics import WORDS_GENERATION, WORDS_REFUSED
from newsmon.words.current import Words, use
from newsmon.words.files import Fingerprint, fingerprint, read_files, with_own

KEPT_FILE = "words-in-use.json"

log = get_logger(__name__)


def words_to_start_with(directory: Path | None, state_dir: Path) -> Words:
    """The words of the folder, which are kept, or the last ones used from it. Raises SettingsError with every problem if there are none."""
    watch = WordWatch(directory, keep_in=state_dir)
    try:
        words = Words.checked(read_files(directory))
    except SettingsError:
        kept = watch.last_used()
        if kept is None:
            raise
        return kept
    watch.keep(words)  # a mistake made before the stages read the files must not stop them
    return words


class WordWatch:
    """The watch of one process; `keep_in` is the state directory."""

    def __init__(self, directory: Path | None, *, keep_in: Path | None = None) -> None:
        self._directory = directory
        self._kept = keep_in / KEPT_FILE if keep_in is not None and directory is not None else None
        self._seen: Fingerprint = ()
        self._changed: Fingerprint | None = None
        self._active: Words | None = None

    def start(self) -> Words:
        """Use the words in the folder, or the kept ones if those are invalid. Raises SettingsError with every problem if none are kept."""
        self._seen = fingerprint(self._directory)
        try:
            return self._take(Words.checked(read_files(self._directory)))
        except SettingsError as error:
            kept = self.last_used()
            if kept is None:
                raise
            words = self._take(kept)
            self._refuse(error)
            return words

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
            self._refuse(error)
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
        self.keep(words)
        return words

    def _refuse(self, error: SettingsError) -> None:
        WORDS_REFUSED.set(1)
        for problem in error.problems:
            log.error("words.refused", where=problem.where, problem=problem.message, active=self._active and self._active.generation)

    def keep(self, words: Words) -> None:
        """Store the user's files for a later start. One that cannot be written is logged."""
        if self._kept is None or self._directory is None:
            return
        texts = {file.name: file.raw.decode() for file in words.files.files if file.is_own}
        scratch = self._kept.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._kept.parent.mkdir(parents=True, exist_ok=True)
            scratch.write_text(json.dumps({"directory": str(self._directory.resolve()), "files": texts}, ensure_ascii=False), "utf-8")
            scratch.replace(self._kept)
        except OSError as error:
            log.warning("words.state_not_kept", file=str(self._kept), error=str(error))

    def last_used(self) -> Words | None:
        """Return the words last used from this folder; None when there are none, or other shipped files no longer go with them."""
        if self._kept is None or self._directory is None:
            return None
        try:
            kept = json.loads(self._kept.read_text("utf-8"))
            if kept["directory"] != str(self._directory.resolve()):
                return None
            return Words.checked(with_own(kept["files"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, SettingsError):
            return None
