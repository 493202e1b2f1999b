"""The word files as bytes: the shipped ones and the user's, a folder per kind. Nothing is parsed here.

In: the user's folder, or None. Out: `WordFiles`. I/O: reads files.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from newsmon import paths
from newsmon.errors import Problem, SettingsError

KINDS = ("boilerplate", "events", "languages", "names", "number-words", "places", "stop-words")
SHIPPED = "seeds/words/"  # before the name of a shipped file, in messages

Fingerprint = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class WordFile:
    """One file; `name` is what messages call it."""

    name: str
    kind: str
    stem: str
    raw: bytes
    is_own: bool


@dataclass(frozen=True, slots=True)
class WordFiles:
    """Every word file: the shipped ones first, then the user's, each by name."""

    files: tuple[WordFile, ...]
    generation: str = field(init=False)  # hash of names and contents

    def __post_init__(self) -> None:
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(f"{file.name}\0{len(file.raw)}\0".encode() + file.raw)
        object.__setattr__(self, "generation", digest.hexdigest()[:16])

    def of_kind(self, kind: str) -> tuple[WordFile, ...]:
        return tuple(file for file in self.files if file.kind == kind)

    def contents(self) -> dict[str, bytes]:
        return {file.name: file.raw for file in self.files}


def read_files(own: Path | None) -> WordFiles:
    """Return the shipped files and those in `own`. Raises SettingsError when one cannot be read or is in none of the folders."""
    problems: list[Problem] = []
    if own is not None:
        problems += _misplaced(own)
    found = []
    for path, name, is_own in _named(own):
        try:
            found.append(WordFile(name, path.parent.name, path.stem, path.read_bytes(), is_own))
        except OSError as error:
            problems.append(Problem(name, f"cannot be read: {error.strerror}"))
    if problems:
        raise SettingsError(problems)
    return WordFiles(tuple(found))


def with_own(texts: Mapping[str, str]) -> WordFiles:
    """Return the shipped files and these of the user's, given by name."""
    own = (WordFile(name, Path(name).parent.name, Path(name).stem, text.encode(), is_own=True) for name, text in sorted(texts.items()))
    return WordFiles((*read_files(None).files, *own))


def fingerprint(own: Path | None) -> Fingerprint:
    """Return name, time, size and inode of every file in both folders: cheap to take, and different after any change."""
    found = []
    for directory in (paths.seeds() / "words", own):
        for path in sorted(directory.glob("**/*.toml")) if directory is not None else ():
            try:
                status = path.stat()
            except OSError:
                continue  # gone between listing and looking: the next look differs
            found.append((str(path), status.st_mtime_ns, status.st_size, status.st_ino))
    return tuple(found)


def _named(own: Path | None) -> Iterator[tuple[Path, str, bool]]:
    for directory, before, is_own in ((paths.seeds() / "words", SHIPPED, False), (own, "", True)):
        for kind in KINDS if directory is not None else ():
            assert directory is not None
            for path in _toml_files(directory / kind):
                yield path, f"{before}{kind}/{path.name}", is_own


def _toml_files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob("*.toml") if not path.name.startswith("."))


def _misplaced(own: Path) -> Iterator[Problem]:
    """Yield a problem for each file that would never be read."""
    if not own.is_dir():
        yield Problem(str(own), "is not a directory of word files; see words.directory in the settings")
        return
    for path in _toml_files(own):
        yield Problem(path.name, f"must be in one of the folders {', '.join(KINDS)}")
    for path in sorted(path for kind in KINDS for path in (own / kind).glob("[!.]*.*")):
        if path.suffix != ".toml" and difflib.get_close_matches(path.suffix, [".toml"]):
            yield Problem(f"{path.parent.name}/{path.name}", f"is not read; did you mean {path.stem}.toml?")
    for folder in sorted(path for path in own.iterdir() if path.is_dir() and not path.name.startswith(".")):
        if folder.name not in KINDS and _toml_files(folder):
            near = difflib.get_close_matches(folder.name, KINDS, n=1)
            yield Problem(
                f"{folder.name}/", f"unknown folder; did you mean {near[0]}/?" if near else f"unknown folder; known: {', '.join(KINDS)}"
            )
