"""What a campaign found, for people and as JSON. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from support.campaign.figures import Happened, Recovery, by_kind, percentile
from support.campaign.footprint import Footprint
from support.campaign.oracle import Finding


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything about one campaign; times are monotonic."""

    seed: int
    minutes: float | None
    took_s: float
    start_s: float
    started_in_s: float
    item_count: int
    alert_count: int
    happened: tuple[Happened, ...]
    recoveries: tuple[Recovery, ...]
    not_done: tuple[str, ...]
    findings: tuple[Finding, ...]
    complaints: tuple[str, ...]
    verify: str
    before: Mapping[str, Footprint]
    after: Mapping[str, Footprint]
    repeats: int
    database: str = ""
    not_tried: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return not (self.findings or self.complaints or self.verify or any(one.seconds is None for one in self.recoveries))

    @property
    def kind_count(self) -> int:
        return len({one.kind for one in self.happened})

    def as_json(self) -> dict[str, Any]:
        """Times in seconds since the campaign's start."""
        return {
            "seed": self.seed, "database": self.database, "minutes": self.minutes, "took_s": round(self.took_s, 1), "good": self.is_good,
            "started_in_s": round(self.started_in_s, 1), "items": self.item_count, "alerts": self.alert_count, "repeats": self.repeats,
            "faults": len(self.happened), "kinds": [asdict(one) for one in by_kind(self.recoveries)], "recovery": self._overall(),
            "not_tried": self.not_tried, "not_done": self.not_done, "complaints": self.complaints, "verify": self.verify,
            "astray": [asdict(one) for one in self.findings], "log": [self._line(one) for one in sorted(self.recoveries, key=lambda one: one.fault.began_s)],
            "footprint": {role: {when: asdict(part[role]) for when, part in (("start", self.before), ("end", self.after)) if role in part} for role in self.before},
        }  # fmt: skip

    def _line(self, one: Recovery) -> dict[str, Any]:
        fault = one.fault
        return {
            "at_s": round(fault.began_s - self.start_s, 1), "kind": fault.kind, "target": fault.target, "over_at_s": round(fault.over_s - self.start_s, 1),
            "recovered_in_s": None if one.seconds is None else round(one.seconds, 2), "alone": one.alone,
        }  # fmt: skip

    def _overall(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, chosen in (("all", self.recoveries), ("alone", [one for one in self.recoveries if one.alone])):
            times = [one.seconds for one in chosen if one.seconds is not None]
            if times:
                found |= {
                    f"{name}_p50_s": round(percentile(times, 0.5), 1),
                    f"{name}_p95_s": round(percentile(times, 0.95), 1),
                    f"{name}_count": len(times),
                }
        return found

    def text(self) -> str:
        """The report for people; on failure with the fault log and every item astray."""
        lines = [
            self._headline(),
            "recovery, fault over to the next webhook of an item that came afterwards: " + ", ".join(f"{name} {value:g}" for name, value in self._overall().items()),
            f"{'kind':26} {'faults':>6} {'alone':>5} {'p50 s':>6} {'p95 s':>6}",
            *(f"{one.kind:26} {one.count:6} {one.alone_count:5} {_shown(one.p50_s)} {_shown(one.p95_s)}" + (f"  {one.not_recovered} never" if one.not_recovered else "") for one in by_kind(self.recoveries)),
            f"{'process':10} {'RSS MiB':>15} {'PSS MiB':>15} {'descriptors':>13} {'threads':>11}",
            *(self._footprint_line(role) for role in self.before),
        ]  # fmt: skip
        lines += [f"not tried: {one}" for one in self.not_tried] + [f"not done: {one}" for one in self.not_done]
        if not self.is_good:
            lines += ["fault log:"] + [str(self._line(one)) for one in sorted(self.recoveries, key=lambda one: one.fault.began_s)]
            lines += [f"never recovered: {one.fault.kind} ({one.fault.target})" for one in self.recoveries if one.seconds is None]
            lines += [f"complaint: {one}" for one in self.complaints] + [
                f"astray: item {one.number}: {one.what} {one.detail}" for one in self.findings
            ]
            lines += [f"newsmon verify: {self.verify}"] if self.verify else []
        lines.append(f"campaign: {'GOOD' if self.is_good else f'BAD, repeat it with SEED={self.seed}'}")
        return "\n".join(lines)

    def _headline(self) -> str:
        return (
            f"campaign: seed {self.seed}, {self.database}: {len(self.happened)} faults of {self.kind_count} kinds in {self.took_s / 60:.1f} minutes; "
            f"{self.item_count} items, {self.alert_count} alerts to each receiver, {self.repeats} repeats"
        )

    def _footprint_line(self, role: str) -> str:
        first, last = self.before[role], self.after.get(role)
        if last is None:
            return f"{role:10} gone at the end"
        return (
            f"{role:10} {first.rss_mib:6.0f} → {last.rss_mib:6.0f} {first.pss_mib:6.0f} → {last.pss_mib:6.0f} "
            f"{first.descriptor_count:5} → {last.descriptor_count:5} {first.thread_count:4} → {last.thread_count:4}"
        )


def _shown(seconds: float | None) -> str:
    return f"{'-' if seconds is None else f'{seconds:.1f}':>6}"
