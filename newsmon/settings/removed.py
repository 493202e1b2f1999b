"""Settings of earlier versions, each with what to do about it: the error says more than "unknown setting"."""

from __future__ import annotations

from collections.abc import Sequence

_CONSTANT = "was removed: it is a constant now; delete it"
REMOVED = {
    "processor.runner": "was removed: Faust is the only runner; delete it",
    "processor.batch_wait_s": _CONSTANT,
    "alerts.burst.windows_h": _CONSTANT,
    "alerts.burst.max_share_of_one": _CONSTANT,
    "alerts.burst.chance": f"{_CONSTANT} (min_stories and min_sources make bursts rarer)",
    "alerts.burst.over_chance": _CONSTANT,
    "alerts.burst.warm_up_h": _CONSTANT,
    "alerts.burst.learning_h": _CONSTANT,
    "alerts.burst.cool_down_h": _CONSTANT,
    "alerts.burst.above_before": _CONSTANT,
}


def removal_of(loc: Sequence[int | str]) -> str | None:
    """The remedy for a key that an earlier version had; None for a key that never existed."""
    return REMOVED.get(".".join(str(part) for part in loc))
