"""One message as a receiver got it. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

ALERT = "newsmon.alert."  # the beginning of an alert's `type`


@dataclass(frozen=True, slots=True)
class Arrival:
    """One POST. `numbers`: the items that the alert names; empty in a notice. `accepted`: verified, and answered with 2xx."""

    desk: str
    at_s: float  # monotonic
    webhook_id: str
    kind: str  # the body's `type`
    verified: bool
    accepted: bool
    numbers: tuple[int | None, ...] = ()
    body_hash: int = 0

    @property
    def is_alert(self) -> bool:
        return self.kind.startswith(ALERT)
