"""Checks regular expressions from users before they are used.

In: expressions and their places. Out: those that can be used; problems with the others. I/O: none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from newsmon.errors import Problem


def wrong_with(expression: str) -> str | None:
    """Return why `expression` cannot be one of several alternatives; None when it can."""
    try:
        pattern = re.compile(f"(?:(?!)|{expression})", re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        return f"is not a regular expression: {error}"
    return "matches the empty text, and so would match anywhere" if pattern.match("") else None


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
