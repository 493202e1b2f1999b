"""Every error newsmon raises on purpose: one hierarchy, each class with exactly one consequence.

Any other error is a bug: the process ends without committing and is restarted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in the user's input: `where` is `file:key` or `file:line`, `message` says what is wrong and what to do."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class NewsmonError(Exception):
    """Base of all errors below."""


class SettingsError(NewsmonError):
    """The user's input is invalid: refuse to start and list every problem."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def in_file(self, file: Path | None) -> SettingsError:
        """A copy that names the settings file where only `settings:key` was known; itself without a file."""
        if file is None:
            return self
        return SettingsError(
            Problem(f"{file}:{one.where.removeprefix('settings:')}", one.message) if one.where.startswith("settings:") else one
            for one in self.problems
        )


class DependencyError(NewsmonError):
    """Something newsmon needs is unreachable (network, broker, database, Java): say what to do."""

    exit_code = 3

    def __init__(self, dependency: str, message: str) -> None:
        self.dependency = dependency
        super().__init__(f"{dependency}: {message}")


class RefusedError(DependencyError):
    """Something newsmon needs answers and refuses us (password, permission, a newer schema): end, because waiting cannot help."""


class RecordFault(StrEnum):
    """The reason why bytes are not a valid record; a log field, metric label and quarantine header."""

    EMPTY = "empty"
    NOT_JSON = "not_json"
    NO_RECORD_TAG = "no_record_tag"
    OTHER_RECORD = "other_record"
    UNKNOWN_VERSION = "unknown_version"
    WRONG_SHAPE = "wrong_shape"


class RecordError(NewsmonError):
    """Bytes are not a valid record: quarantine them with who, when, what and where, and continue."""

    def __init__(self, reason: RecordFault, detail: str) -> None:
        self.reason = reason
        super().__init__(f"{reason}: {detail}")


class PublishError(NewsmonError):
    """Kafka did not acknowledge a record: repeat it and commit nothing."""

    def __init__(self, topic: str, detail: str, *, retryable: bool) -> None:
        self.topic = topic
        self.retryable = retryable
        super().__init__(f"{topic}: {detail}")


class StoreError(NewsmonError):
    """The database refused: back off and repeat if `retryable`, else stop without committing."""

    def __init__(self, detail: str, *, retryable: bool) -> None:
        self.retryable = retryable
        super().__init__(detail)
