"""The message about an undefined list name, with the nearest names instead of all two hundred."""

from __future__ import annotations

import difflib
from collections.abc import Collection

SHOWN_COUNT = 8


def unknown_list(reference: str, known: Collection[str]) -> str:
    """One sentence with the known names, or with the nearest of many."""
    names = sorted(known)
    if len(names) <= SHOWN_COUNT:
        return f"unknown list {reference!r}; known are {', '.join(names)}" if names else f"unknown list {reference!r}; there are none"
    near = difflib.get_close_matches(reference, names, n=SHOWN_COUNT, cutoff=0.5)
    hint = f"nearest are {', '.join(near)}" if near else f"none of the {len(names)} known is like it"
    return f"unknown list {reference!r}; {hint}"
