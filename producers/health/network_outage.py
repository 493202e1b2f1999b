"""Detects an outage of our own network: while most hosts are unreachable at once, no feed's failures count.

Evidence of an outage are connections that fail or time out to domains that answered before. Any answer, even an error page, is
evidence against it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from newsmon import ids
from newsmon.records import FetchResult, Notice, NoticeKind, NoticeState, Severity

WINDOW = timedelta(minutes=5)
LEAST_DOMAINS = 5
IN_A_ROW = 4
SHARE = 0.5
PROVEN_BY = 2  # the outage ends when this many domains answer
SUBJECT = "producer"
UNREACHED = frozenset({FetchResult.CONNECT_ERROR, FetchResult.TIMEOUT})


class Reach(StrEnum):
    """The evidence of one poll about our network."""

    REACHED = "reached"
    UNREACHED = "unreached"
    NOTHING = "nothing"  # a domain that had failed before fails again


def reach_of(result: FetchResult, status: int | None, *, failure_count_before: int) -> Reach:
    if result in UNREACHED and status is None:
        return Reach.NOTHING if failure_count_before else Reach.UNREACHED
    return Reach.NOTHING if result is FetchResult.REFUSED_ADDRESS else Reach.REACHED


@dataclass
class NetworkOutage:
    """One replica's view. `since` is set during an outage."""

    worker: str
    since: datetime | None = None
    notices: list[Notice] = field(default_factory=list)  # to be published with the next report
    _seen: OrderedDict[str, tuple[datetime, Reach]] = field(default_factory=OrderedDict)
    _proven: set[str] = field(default_factory=set)
    _said_at: datetime | None = None
    _revision: int = 0

    def observe(self, domain: str, reach: Reach, *, now: datetime, again_after: timedelta = timedelta(hours=24)) -> bool:
        """Note a poll of `domain`. Returns True when its failure is due to our network and not to the feed."""
        if reach is not Reach.NOTHING:
            self._seen.pop(domain, None)
            self._seen[domain] = (now, reach)
        while self._seen and now - next(iter(self._seen.values()))[0] > WINDOW:
            self._seen.popitem(last=False)
        if self.since is None:
            if reach is Reach.UNREACHED and self._most_unreached():
                self._begin(now)
        elif reach is Reach.REACHED:
            self._proven.add(domain)
            if len(self._proven) >= PROVEN_BY:
                self._end(now)
        elif self._said_at is not None and now - self._said_at >= again_after:
            self._say(NoticeState.REPEATED, "Our network is still down: most hosts cannot be reached.", now)
        return self.since is not None and reach is not Reach.REACHED

    def _most_unreached(self) -> bool:
        reaches = [reach for _at, reach in self._seen.values()]
        bad = reaches.count(Reach.UNREACHED)
        last = reaches[-IN_A_ROW:]
        return len(reaches) >= LEAST_DOMAINS and bad > SHARE * len(reaches) and last == [Reach.UNREACHED] * IN_A_ROW

    def clock_stepped(self, by: timedelta) -> None:
        """The system clock was set by `by`: what was seen is as old as it was."""
        self._seen = OrderedDict((domain, (at + by, reach)) for domain, (at, reach) in self._seen.items())
        self.since = self.since and self.since + by
        self._said_at = self._said_at and self._said_at + by

    def _begin(self, now: datetime) -> None:
        first = next(at for at, reach in self._seen.values() if reach is Reach.UNREACHED)
        self.since, self._proven, self._revision = first, set(), 0
        count = sum(reach is Reach.UNREACHED for _at, reach in self._seen.values())
        self._say(NoticeState.RAISED, f"Our network is down: {count} of the last {len(self._seen)} hosts polled could not be reached.", now)

    def _end(self, now: datetime) -> None:
        assert self.since is not None
        minutes = (now - self.since).total_seconds() / 60
        text = f"Our network is back after {minutes:.0f} minutes. Failures during the outage do not count against feeds."
        self._say(NoticeState.RESOLVED, text, now)
        self.since, self._said_at = None, None
        self._seen.clear()

    def _say(self, state: NoticeState, text: str, now: datetime) -> None:
        assert self.since is not None
        self._revision += 1
        self._said_at = now
        self.notices.append(
            Notice(
                notice_id=ids.notice_id(NoticeKind.NETWORK_OUTAGE, SUBJECT, f"{self.worker} {self.since.isoformat()}"),
                revision=self._revision, kind=NoticeKind.NETWORK_OUTAGE, state=state, subject=SUBJECT, severity=Severity.URGENT,
                text=text, opened_at=self.since, at=now, stage=SUBJECT, details={"worker": self.worker},
            )
        )  # fmt: skip
