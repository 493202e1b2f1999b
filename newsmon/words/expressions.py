"""Checks regular expressions from users before they are used.

In: expressions and their places. Out: those that can be used; problems with the others. I/O: none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from re import _constants, _parser  # type: ignore[attr-defined]  # no public way to see the structure of an expression
from typing import Any

from newsmon.errors import Problem

_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)


def wrong_with(expression: str) -> str | None:
    """Return why `expression` cannot be one of several alternatives; None when it can."""
    try:
        pattern = re.compile(f"(?:(?!)|{expression})", re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        return f"is not a regular expression: {error}"
    if _can_explode(_parser.parse(expression)):
        return "repeats a repetition, as in (a+)+, which can run for hours on some texts; bound one of them, as in (a+){1,5}"
    return "matches the empty text, and so would match anywhere" if pattern.match("") else None


def _can_explode(parsed: Any) -> bool:
    """True if a repetition repeats nothing but another one, as in (a+)+ or (a+b?)*: then time can double with every character."""
    for operation, argument in parsed:
        if operation in _REPEATS and argument[1] is _constants.MAXREPEAT and _is_only_a_repetition(argument[2]):
            return True
        if any(map(_can_explode, _inner(argument))):
            return True
    return False


def _is_only_a_repetition(body: Any) -> bool:
    """True if an unbounded repetition can be all that `body` matches: everything around it may be missing."""
    return any(
        _has_repetition(operation, argument)
        and all(_parser.SubPattern(body.state, [other]).getwidth()[0] == 0 for number, other in enumerate(body) if number != at)
        for at, (operation, argument) in enumerate(body)
    )


def _has_repetition(operation: Any, argument: Any) -> bool:
    if operation in _REPEATS:
        return argument[1] is _constants.MAXREPEAT or _is_only_a_repetition(argument[2])
    return operation in (_constants.SUBPATTERN, _constants.BRANCH) and any(map(_is_only_a_repetition, _inner(argument)))


def _inner(argument: Any) -> Iterator[Any]:
    """The expressions inside an operation's argument, however deep in tuples and lists."""
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, list | tuple):
        for one in argument:
            yield from _inner(one)


def usable(expressions: Iterable[str], where: str, problems: list[Problem]) -> list[str]:
    """Return the expressions that can be used; what is wrong with the others is added to `problems`."""
    found = []
    for number, expression in enumerate(expressions):
        wrong = wrong_with(expression)
        if wrong is None:
            found.append(expression)
        else:
            problems.append(Problem(f"{where}[{number}]", wrong))
    return found
