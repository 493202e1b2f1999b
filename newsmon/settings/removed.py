"""Settings that earlier versions had, each with what to do about it: such a key stops the start with more than "unknown setting"."""

from __future__ import annotations

from collections.abc import Sequence

REMOVED = {
    "processor.runner": "was removed: Faust is the only runner; delete it",
}


def removal_of(loc: Sequence[int | str]) -> str | None:
    """What to do about a key that no longer exists; None for one that never did."""
    return REMOVED.get(".".join(str(part) for part in loc))
