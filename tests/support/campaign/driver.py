"""One campaign from start to verdict: start the monitor, feed it, hurt it in two lanes, let it settle, ask the oracle.

In: seed, length, database. Out: Report. I/O: everything that the world reaches.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from support.campaign.arrival import Arrival
from support.campaign.core_hands import CORE_HANDS
from support.campaign.edge_hands import EDGE_HANDS
from support.campaign.figures import Happened, recoveries
from support.campaign.footprint import Footprint, footprints
from support.campaign.items import Item, item
from support.campaign.kinds import Kind, Lane
from support.campaign.oracle import Finding, missing, verdict
from support.campaign.plan import Fault, faults, short_plan
from support.campaign.report import Report
from support.campaign.stores import stored_when_it_answers
from support.campaign.world import NotDone, World

SHORT_COUNTS = {Lane.CORE: 30, Lane.EDGE: 36}
SHORT_LANES_S = 420.0  # of a short campaign are for its faults; a slow machine gets less patience, and faults on top of each other
LANES_WITHIN_S = 2_400.0  # against a hang
PATIENCE_S = (4.0, 60.0)  # least and most; then the next fault comes although the last is not over
SHARES = {Lane.CORE: 3.0, Lane.EDGE: 1.5}  # of its lane's time that one fault may take; most take less
ITEM_EVERY_S = 0.6
MOST_OUTSTANDING = 80  # of the 180 items that the feeds show at once: none scrolls away unseen
FIRST_WITHIN_S = 600.0
SETTLED_WITHIN_S = 900.0  # a delivery that failed three times waits for two minutes and a half
VERIFY_WITHIN_S = 300.0
TICK_S = 0.1
HANDS = CORE_HANDS | EDGE_HANDS

Say = Callable[[str], None]


@dataclass
class Campaign:
    """`run()` once."""

    world: World
    seed: int
    kinds: Collection[Kind]
    minutes: float | None  # None: the short one
    say: Say = print
    items: dict[int, Item] = field(default_factory=dict)
    happened: list[Happened] = field(default_factory=list)
    not_done: list[str] = field(default_factory=list)
    _quiet: threading.Event = field(default_factory=threading.Event)
    _complaints_said: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _start_s: float = field(default_factory=time.monotonic)

    def run(self) -> Report:
        """Do everything; the monitor has ended afterwards."""
        world = self.world
        world.monitor.start()
        ticker = threading.Thread(target=self._tick, daemon=True)
        ticker.start()
        self._wait_for(1, FIRST_WITHIN_S, "the first alert at every receiver")
        started_in_s = time.monotonic() - self._start_s
        self.say(f"{self._at()} up after {started_in_s:.0f} s")
        before = self._footprints()
        self._run_lanes()
        self.say(f"{self._at()} {len(self.happened)} faults done, settling")
        self._wait_for(len(self.items) + 3, SETTLED_WITHIN_S, "the first alert after the last fault")
        self._quiet.set()
        ticker.join(60)
        findings = self._settled()
        after = self._footprints()
        verified = self._verify()
        self._stop()
        return Report(
            seed=self.seed, minutes=self.minutes, took_s=time.monotonic() - self._start_s, start_s=self._start_s, started_in_s=started_in_s,
            item_count=len(self.items), alert_count=sum(one.must_alert for one in self.items.values()), happened=tuple(self.happened),
            recoveries=recoveries(self.happened, self.world.outlet.added_at_s, self._arrivals()), not_done=tuple(self.not_done),
            findings=findings, complaints=tuple(world.complaints), verify=verified, before=before, after=after,
            repeats=self._repeat_count(),
        )  # fmt: skip

    # --- feeding

    def _tick(self) -> None:
        """Add one item after the other; hold back while many are not told yet, so that none leaves a feed unseen."""
        number = 0
        while not self._quiet.wait(ITEM_EVERY_S):
            told = {n for one in self._arrivals() if one.accepted for n in one.numbers}
            if sum(one.must_alert and n not in told for n, one in self.items.items()) > MOST_OUTSTANDING:
                continue
            number += 1
            self.items[number] = item(self.seed, number)
            self.world.outlet.add(self.items[number])

    # --- hurting

    def _run_lanes(self) -> None:
        within_s = (self.minutes or 0) * 60 + LANES_WITHIN_S
        with ThreadPoolExecutor(len(Lane), thread_name_prefix="lane") as pool:
            for running in [pool.submit(self._run_lane, lane) for lane in Lane]:
                running.result(within_s)

    def _run_lane(self, lane: Lane) -> None:
        left = SHORT_COUNTS[lane]
        over_at_s = time.monotonic() + SHORT_LANES_S
        for fault in self._planned(lane):
            time.sleep(fault.pause_s)
            if lane is Lane.CORE:
                self.world.revive_supervisor(self.happened[-1].kind if self.happened else "the start")
            done = self._do(fault)
            if done is not None:
                share_s = (over_at_s - time.monotonic()) / max(left, 1) if self.minutes is None else PATIENCE_S[1]
                self._wait_until_over(done, min(max(SHARES[lane] * share_s, PATIENCE_S[0]), PATIENCE_S[1]))
            left -= 1

    def _planned(self, lane: Lane) -> Iterable[Fault]:
        if self.minutes is None:
            return short_plan(self.seed, lane, self.kinds, SHORT_COUNTS[lane])
        return self._until_time_is_over(lane, self.minutes)

    def _until_time_is_over(self, lane: Lane, minutes: float) -> Iterable[Fault]:
        for fault in faults(self.seed, lane, self.kinds, is_long=True):
            if time.monotonic() - self._start_s > minutes * 60:
                return
            yield fault

    def _do(self, fault: Fault) -> Happened | None:
        began_s = time.monotonic()
        try:
            with HANDS[fault.kind](self.world, fault) as target:
                pass
        except NotDone as error:
            self.not_done.append(f"{fault.kind}: {error}")
            self.say(f"{self._at()} {fault.kind} could not be done: {error}")
            return None
        names = list(self.world.outlet.feeds)
        done = Happened(
            lane=fault.lane, number=fault.number, kind=fault.kind, began_s=began_s, over_s=time.monotonic(), target=target,
            desk=target if fault.kind.startswith("receiver_") else None,
            feed_numbers=(names.index(target), len(names)) if target in names else None,
        )  # fmt: skip
        with self._lock:
            self.happened.append(done)
        return done

    def _wait_until_over(self, done: Happened, patience_s: float) -> None:
        """Until a webhook of an item that came after the fault has arrived, or patience is over."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            (found,) = recoveries([done], self.world.outlet.added_at_s.copy(), self._arrivals())
            if found.seconds is not None:
                break
            if done.lane is Lane.CORE and self.world.supervisor().poll() is not None:
                break
            time.sleep(TICK_S)
        waited = "not yet over" if found.seconds is None else f"over after {found.seconds:.1f} s"
        self.say(f"{self._at()} {done.lane}.{done.number} {done.kind} ({done.target}), {done.over_s - done.began_s:.1f} s: {waited}")
        while self._complaints_said < len(self.world.complaints):
            self.say(f"{self._at()} {self.world.complaints[self._complaints_said]}")
            self._complaints_said += 1

    # --- judging

    def _wait_for(self, number: int, within_s: float, what: str) -> None:
        """Wait until some item with this number or a higher one has been accepted by every receiver."""
        deadline = time.monotonic() + within_s
        while True:
            arrivals = self._arrivals()
            if all(
                any(one.accepted and one.desk == desk.name and any((n or 0) >= number for n in one.numbers) for one in arrivals)
                for desk in self.world.desks
            ):
                return
            self.world.revive_supervisor(what)
            if time.monotonic() > deadline:
                self.world.complaints.append(f"not within {within_s:.0f} s: {what}")
                return
            time.sleep(TICK_S)

    def _settled(self) -> tuple[Finding, ...]:
        """Nothing astray, or what still is when the time is over."""
        names = [desk.name for desk in self.world.desks]
        must_alert = {n for n, one in self.items.items() if one.must_alert}
        deadline = time.monotonic() + SETTLED_WITHIN_S
        said_s = time.monotonic()
        while True:
            self.world.revive_supervisor("the last fault")
            owed = missing(must_alert, self._arrivals(), names)
            waiting = {desk: len(numbers) for desk, numbers in owed.items() if numbers}
            served = {number: self.items[number] for number in self.world.outlet.served()}
            is_late = time.monotonic() > deadline
            if is_late and len(served) < len(self.items):
                self.world.complaints.append(f"items that no poll has fetched: {sorted(self.items.keys() - served.keys())}")
            if is_late or (not waiting and len(served) == len(self.items)):
                findings = verdict(served, stored_when_it_answers(self.world.store), self._arrivals(), names)
                if is_late or not findings:
                    return findings
            if time.monotonic() - said_s > 15:
                said_s = time.monotonic()
                self.say(f"{self._at()} still owed: {waiting or 'nothing, the database lags behind'}")
            time.sleep(1)

    def _verify(self) -> str:
        """Empty if `newsmon verify` says that the ledger balances, else what it says. Its consumers may lag for a moment."""
        deadline = time.monotonic() + VERIFY_WITHIN_S
        while True:
            done = self.world.monitor.newsmon("verify")
            if done.returncode == 0:
                return ""
            if time.monotonic() > deadline:
                return f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
            time.sleep(3)

    def _stop(self) -> None:
        code = self.world.monitor.stop()
        if code != 0:
            self.world.complaints.append(f"after Ctrl-C the run ended with exit code {code}")
        if left := self.world.monitor.children():
            self.world.complaints.append(f"the run left processes behind: {left}")

    def _footprints(self) -> dict[str, Footprint]:
        return footprints(self.world.supervisor().pid, self.world.monitor.children())

    def _arrivals(self) -> list[Arrival]:
        return [one for desk in self.world.desks for one in desk.seen()]

    def _repeat_count(self) -> int:
        arrivals = self._arrivals()
        return len(arrivals) - len({(one.desk, one.webhook_id) for one in arrivals})

    def _at(self) -> str:
        return f"{time.monotonic() - self._start_s:6.1f} s"
