"""The result of one check of `newsmon doctor`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from newsmon.errors import DependencyError, SettingsError


class Verdict(StrEnum):
    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    what: str
    verdict: Verdict
    detail: str


def attempted(what: str, attempt: Callable[[], str]) -> Iterator[Check]:
    """What the attempt says if it works, else one check for each problem."""
    try:
        yield Check(what, Verdict.GOOD, attempt())
    except DependencyError as error:
        yield Check(what, Verdict.BAD, detail_of(error))
    except SettingsError as error:
        yield from (Check(what, Verdict.BAD, str(problem)) for problem in error.problems)


def detail_of(error: DependencyError | SettingsError) -> str:
    """The message without the dependency's name, which the table shows next to it."""
    return str(error).removeprefix(f"{error.dependency}: ") if isinstance(error, DependencyError) else str(error)
