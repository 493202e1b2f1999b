"""Classify and group, batch by batch: when `handle` returns, every record of the batch has its answer on Kafka.

In: raw records of a partition in offset order (several partitions may be mixed). Out: nothing; the effects are acknowledged.
A runner may then, and only then, commit. `handle` returns or is cancelled; it skips nothing.

Grouping decides a batch in memory before its records are written, because match k+1 must see the story that k opened. That is right
as long as memory never gets ahead of the log for good: until the writes are acknowledged the same bytes are written again and again,
and whoever gives up in between (cancelled, a record too large, a fault of ours) throws the partitions' seats away, so that the next
match reads back what the log really holds. Deletions of old states go out only after the answer that caused them was acknowledged:
else a crash in between would have forgotten the story and not said that it closed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from newsmon.codec import decode
from newsmon.errors import PublishError
from newsmon.metrics import (
    ALERT_DECISIONS,
    ALERTS_RAISED,
    ARTICLES_CLASSIFIED,
    CLASSIFICATION_DURATION,
    GROUPED,
    MATCHES,
    STORIES_LIVE,
)  # fmt: skip
from newsmon.quarantine import Stage
from newsmon.records import Match
from processors.handling.core import Classified, Decisions, Incoming, Outgoing, classify_record, outputs_of, tombstones_of
from processors.handling.effects import Effects, too_large
from processors.handling.judging import Failed, Judged, judge
from processors.handling.partition import Answer, Seat, Seated

YIELD_EVERY = 50  # records decided between two turns of the event loop: heartbeats are answered meanwhile


class ClassifyHandling:
    """news.articles -> news.classifications, news.matches. Remembers nothing."""

    def __init__(self, decisions: Decisions, effects: Effects, *, deadline_s: float) -> None:
        self._decisions = decisions
        self._effects = effects
        self._deadline_s = deadline_s

    def use(self, decisions: Decisions) -> None:
        """Decide by other themes from the next record on; every answer names the generation it was made with."""
        self._decisions = decisions

    async def handle(self, records: Sequence[Incoming]) -> None:
        """Answer a batch; a record that cannot be answered is set aside."""
        good: list[Classified] = []
        bad: list[tuple[Incoming, Failed]] = []
        for number, incoming in enumerate(records, 1):
            judged = self._judged(incoming)
            if isinstance(judged, Failed):
                bad.append((incoming, judged))
            else:
                good.append(judged.value)
            if number % YIELD_EVERY == 0:
                await asyncio.sleep(0)
        await self._effects.set_aside(Stage.CLASSIFY, bad)
        try:
            await self._effects.publish([one for classified in good for one in classified.outgoing])
        except PublishError as error:
            if len(records) == 1:
                await self._effects.set_aside(Stage.CLASSIFY, [(records[0], too_large(error))])
                return
            refused = {id(incoming) for incoming, _failed in bad}
            for incoming in records:
                if id(incoming) not in refused:
                    await self.handle([incoming])
            return
        _count_classified(good)

    def _judged(self, incoming: Incoming) -> Judged[Classified] | Failed:
        started = time.perf_counter()
        judged = judge(lambda: classify_record(incoming, self._decisions, now=datetime.now(UTC)), deadline_s=self._deadline_s)
        CLASSIFICATION_DURATION.observe(time.perf_counter() - started)
        return judged


class GroupHandling:
    """news.matches -> news.story-state, news.stories, news.alerts. Remembers the partitions it was asked about."""

    def __init__(self, decisions: Decisions, effects: Effects, *, deadline_s: float) -> None:
        self._decisions = decisions
        self._effects = effects
        self._deadline_s = deadline_s
        self._seats: dict[int, Seat] = {}

    def use(self, decisions: Decisions) -> None:
        """Other themes: what is remembered stays, also of a theme that is gone, until its stories close."""
        for theme_id in set(self._decisions.theme_ids) - set(decisions.theme_ids):
            STORIES_LIVE.labels(theme_id).set(0)
        self._decisions = decisions

    async def handle(self, records: Sequence[Incoming]) -> None:
        """Answer a batch. What cannot be answered together is answered one by one, so that a bad record costs only itself."""
        done = False
        try:
            done = await self._together(records)
        finally:
            if not done:
                self._forget(incoming.partition for incoming in records)
        if not done:
            for incoming in records:
                await self._alone(incoming)
        self._show_stories()

    def drop(self, partitions: Iterable[int]) -> None:
        """Forget partitions that were taken away."""
        self._forget(partitions)
        self._show_stories()

    async def _together(self, records: Sequence[Incoming]) -> bool:
        """Answer all at once; False, with nothing promised, when a record stands in the way."""
        answers: list[_Answered] = []
        bad: list[tuple[Incoming, Failed]] = []
        for number, incoming in enumerate(records, 1):
            judged = await self._judged(incoming)
            if isinstance(judged, Judged):
                answers.append(judged.value)
            elif judged.poison:
                self._skip(incoming)
                bad.append((incoming, judged))
            else:
                return False
            if number % YIELD_EVERY == 0:
                await asyncio.sleep(0)
        try:
            await self._say(answers)
        except PublishError:
            return False
        await self._effects.set_aside(Stage.GROUP, bad)
        return True

    async def _alone(self, incoming: Incoming) -> None:
        done = False
        try:
            judged = await self._judged(incoming)
            failed = judged if isinstance(judged, Failed) else None
            if isinstance(judged, Judged):
                try:
                    await self._say([judged.value])
                    done = True
                except PublishError as error:
                    failed = too_large(error)
        finally:
            if not done:
                self._forget([incoming.partition])
        if failed is not None:
            await self._effects.set_aside(Stage.GROUP, [(incoming, failed)])

    async def _judged(self, incoming: Incoming) -> Judged[_Answered] | Failed:
        match = judge(lambda: decode(incoming.value, Match), deadline_s=self._deadline_s)
        if isinstance(match, Failed):
            return match
        seat = await self._seat(incoming)
        return judge(lambda: _answer(seat, match.value, incoming), deadline_s=self._deadline_s)

    async def _seat(self, incoming: Incoming) -> Seat:
        seat = self._seats.get(incoming.partition)
        if seat is None or incoming.offset != seat.next_offset:  # back, or behind another owner's back: memory is of another time
            states = await self._effects.states_of(incoming.partition)
            seat = self._seats[incoming.partition] = Seat(self._decisions.new_desk(), states, incoming.offset)
        return seat

    def _skip(self, incoming: Incoming) -> None:
        seat = self._seats.get(incoming.partition)
        if seat is not None and seat.next_offset == incoming.offset:
            seat.next_offset += 1

    async def _say(self, answers: Sequence[_Answered]) -> None:
        await self._effects.publish([one for answered in answers for one in answered.outgoing])
        await self._effects.publish([one for answered in answers for one in answered.deletions])
        _count_grouped(answered.seated for answered in answers)

    def _forget(self, partitions: Iterable[int]) -> None:
        for partition in partitions:
            self._seats.pop(partition, None)

    def _show_stories(self) -> None:
        live = [seat.live_stories() for seat in self._seats.values()]
        for theme_id in self._decisions.theme_ids:
            STORIES_LIVE.labels(theme_id).set(sum(counter[theme_id] for counter in live))


@dataclass(frozen=True, slots=True)
class _Answered:
    """One match's answer with the records that say it."""

    seated: Seated
    outgoing: tuple[Outgoing, ...]
    deletions: tuple[Outgoing, ...]


def _answer(seat: Seat, match: Match, incoming: Incoming) -> _Answered:
    seated = seat.answer(match, incoming.offset)
    if seated.answer is Answer.KNOWN:  # said, and acknowledged, when that offset was answered
        return _Answered(seated, (), ())
    return _Answered(seated, outputs_of(seated.state, incoming.partition), tombstones_of(seated.tombstones, incoming.partition))


def _count_classified(good: Sequence[Classified]) -> None:
    for classified in good:
        ARTICLES_CLASSIFIED.labels(classified.classification.outcome.value).inc()
        for match in classified.matches:
            MATCHES.labels(match.theme_id).inc()


def _count_grouped(answers: Iterable[Seated]) -> None:
    for seated in answers:
        if seated.answer is not Answer.DECIDED:
            continue
        state = seated.state
        GROUPED.labels(state.theme_id, state.relation.value).inc()
        ALERT_DECISIONS.labels(state.theme_id, state.story.alert_decision.value).inc()
        raised = (state.alert, state.burst)
        for alert in (*state.closed_alerts, *(one for one in raised if one is not None)):
            ALERTS_RAISED.labels(alert.theme_id, alert.severity.value, alert.state.value).inc()
