"""Keeps the last good files of a theme directory, and the notice about bad ones, in the state directory.

In: the directory, the state directory. Out: the kept set, so that a typo does not stop a monitor at its next start. I/O: files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from newsmon.errors import Problem, SettingsError
from newsmon.logs import get_logger
from newsmon.settings import Settings
from processors.themes import ThemeFiles, ThemeSet, compile_files, read_files

KEPT_FILE = "themes-in-use.json"
LOOKED_FILE = "themes-looked-at.json"
TROUBLE_FILE = "themes-refused.json"
MENDED_FILE = "themes-mended.json"
MENDED_COUNT = 100

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """The reason why the directory is refused at the moment, and since when (UTC). `is_told`: Kafka has its notice."""

    problems: tuple[Problem, ...]
    generation: str
    opened_at: datetime
    revision: int = 1  # of the notice: the same problems may come back after they were mended
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class KeptThemes:
    """What is kept about one directory. An unreadable or missing file counts as nothing kept; one that cannot be written is logged."""

    state_dir: Path
    directory: Path

    def keep(self, files: ThemeFiles) -> None:
        texts = {name: content.decode("utf-8") for name, content in files.everything().items()}
        self._write(KEPT_FILE, {"directory": self._name, "files": texts})

    def last_good(self) -> tuple[ThemeFiles, ThemeSet] | None:
        """The files of this directory that were last good, compiled; None if none are kept or this version refuses them."""
        kept = self._read(KEPT_FILE)
        if kept.get("directory") != self._name:
            return None
        try:
            files = ThemeFiles.of({str(name): str(text).encode("utf-8") for name, text in kept["files"].items()})
            return files, compile_files(files)
        except (KeyError, AttributeError, SettingsError):
            return None

    def last_looked(self) -> str | None:
        """The generation of this directory when it was last good; None if it never was."""
        found = self._read(LOOKED_FILE).get(self._name)
        return found if isinstance(found, str) else None

    def looked(self, generation: str) -> None:
        """Store the generation of the directory in use only: a different directory in the settings is a change, even one used before."""
        self._write(LOOKED_FILE, {self._name: generation})

    def trouble(self) -> Trouble | None:
        """The trouble about which a notice is open, perhaps raised by an earlier process."""
        kept = self._read(TROUBLE_FILE)
        try:
            problems = tuple(Problem(str(where), str(message)) for where, message in kept["problems"])
            opened_at = datetime.fromisoformat(kept["opened_at"])
            return Trouble(problems, str(kept["generation"]), opened_at, int(kept.get("revision", 1)), bool(kept.get("is_told", True)))
        except (KeyError, TypeError, ValueError):
            return None

    def keep_trouble(self, trouble: Trouble | None) -> None:
        if trouble is None:
            self._write(TROUBLE_FILE, {})
            return
        problems = [[one.where, one.message] for one in trouble.problems]
        content = {
            "problems": problems, "generation": trouble.generation, "opened_at": trouble.opened_at.isoformat(),
            "revision": trouble.revision, "is_told": trouble.is_told,
        }  # fmt: skip
        self._write(TROUBLE_FILE, content)

    def next_revision(self, notice_id: str) -> int:
        """The revision with which to raise that notice: whoever was told an earlier one takes an equal one for a repeat."""
        found = self._read(MENDED_FILE).get(notice_id)
        return found + 1 if isinstance(found, int) else 1

    def mended(self, notice_id: str, revision: int) -> None:
        """Store the revision that resolved the notice."""
        before = {one: last for one, last in self._read(MENDED_FILE).items() if one != notice_id}
        self._write(MENDED_FILE, dict([*before.items(), (notice_id, revision)][-MENDED_COUNT:]))

    @property
    def _name(self) -> str:
        return str(self.directory.resolve())

    def _read(self, file: str) -> dict[str, Any]:
        try:
            found = json.loads((self.state_dir / file).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, file: str, content: Mapping[str, object]) -> None:
        path = self.state_dir / file
        scratch = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            scratch.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
            scratch.replace(path)
        except OSError as error:
            log.warning("themes.state_not_kept", file=str(path), error=str(error))


def themes_to_start_with(settings: Settings) -> None:
    """Return if `newsmon run` may start: the directory is good, or a good set of it is kept or may be on news.themes.

    Good files are kept. Raises SettingsError with every problem when there is no good set at all.
    """
    kept = KeptThemes(settings.state_dir, settings.themes.directory)
    try:
        files = read_files(settings.themes.directory)
        compile_files(files)
    except SettingsError:
        # On a cluster the other workers' set is on the topic; the processor looks there and refuses if there is none.
        if kept.last_good() is None and kept.last_looked() is None and settings.starts_own_kafka:
            raise
        return
    kept.keep(files)
