"""Groups a batch of matches, and corrects stories: when `handle` returns, each has its state, stories and alerts on Kafka, or is in
quarantine.

In: raw records of news.matches, each partition in offset order (a batch may mix partitions). Out: nothing; only after `handle`
returns may a runner commit. `handle` returns or is cancelled; it never skips a record.

A batch is decided in memory before its records are published, because match k+1 must see the story that k opened. That is right as
long as memory never stays ahead of the log. Until the writes are acknowledged the same bytes are written again and again. Whatever
ends the batch early (a cancel, a record too large, a bug of ours) drops the memory of its partitions, so the next match reads back
what the log really holds. Deletions of old states follow the acknowledgement of the answer that caused them: in the other order a
crash in between would forget a story without saying that it closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from newsmon.codec import decode_one_of
from newsmon.errors import PublishError
from newsmon.metrics import ALERT_DECISIONS, ALERTS_RAISED, CORRECTIONS, GROUPED, STORIES_LIVE
from newsmon.quarantine import Stage
from newsmon.records import Corrected, GroupInput, GroupState
from newsmon.topics import MATCHES
from processors.handling.answers import outputs_of, tombstones_of
from processors.handling.classify_batches import YIELD_EVERY
from processors.handling.decision_result import Failed, Succeeded, run_decision
from processors.handling.decisions import Decisions
from processors.handling.kafka_access import KafkaAccess, too_large
from processors.handling.messages import Incoming, Outgoing
from processors.handling.partition_memory import Answer, AnswerKind, PartitionMemory


class GroupBatches:
    """news.matches -> news.story-state, news.stories, news.alerts. Keeps the memory of each partition it was given records of."""

    def __init__(
        self, decisions: Decisions, kafka: KafkaAccess, *, deadline_s: float, matches_log: Callable[[], str | None] = lambda: None
    ) -> None:  # fmt: skip
        self._decisions = decisions
        self._kafka = kafka
        self._deadline_s = deadline_s
        self._matches_log = matches_log
        self._memories: dict[int, PartitionMemory] = {}

    def use(self, decisions: Decisions) -> None:
        """Switch to other themes. Memory stays: the stories of a theme that is gone close in their own time."""
        for theme_id in set(self._decisions.theme_ids) - set(decisions.theme_ids):
            STORIES_LIVE.labels(theme_id).set(0)
        self._decisions = decisions

    async def handle(self, records: Sequence[Incoming]) -> None:
        """Answer a batch; if it cannot be answered as a whole, answer record by record, so that a bad record costs only itself."""
        done = False
        try:
            done = await self._handle_together(records)
        finally:
            if not done:
                self._forget(incoming.partition for incoming in records)
        if not done:
            for incoming in records:
                await self._handle_alone(incoming)
        self._show_stories()

    def drop(self, partitions: Iterable[int]) -> None:
        """Forget partitions that were taken away."""
        self._forget(partitions)
        self._show_stories()

    async def _handle_together(self, records: Sequence[Incoming]) -> bool:
        """True when the whole batch is answered; False, with nothing promised, when one record prevents it."""
        outputs: list[_Output] = []
        bad: list[tuple[Incoming, Failed]] = []
        for number, incoming in enumerate(records, 1):
            outcome = await self._outcome(incoming)
            if isinstance(outcome, Succeeded):
                outputs.append(outcome.value)
            elif outcome.is_unreadable:
                self._skip(incoming)
                bad.append((incoming, outcome))
            else:
                return False
            if number % YIELD_EVERY == 0:
                await asyncio.sleep(0)
        try:
            await self._publish(outputs)
        except PublishError:
            return False
        await self._kafka.quarantine(Stage.GROUP, bad)
        return True

    async def _handle_alone(self, incoming: Incoming) -> None:
        done = False
        try:
            outcome = await self._outcome(incoming)
            failed = outcome if isinstance(outcome, Failed) else None
            if isinstance(outcome, Succeeded):
                try:
                    await self._publish([outcome.value])
                    done = True
                except PublishError as error:
                    failed = too_large(error)
        finally:
            if not done:
                self._forget([incoming.partition])
        if failed is not None:
            await self._kafka.quarantine(Stage.GROUP, [(incoming, failed)])

    async def _outcome(self, incoming: Incoming) -> Succeeded[_Output] | Failed:
        read = run_decision(lambda: _input(incoming), deadline_s=self._deadline_s)
        if isinstance(read, Failed):
            return read
        memory = await self._memory_for(incoming)
        return run_decision(lambda: _output(memory, read.value, incoming, self._matches_log()), deadline_s=self._deadline_s)

    async def _memory_for(self, incoming: Incoming) -> PartitionMemory:
        memory = self._memories.get(incoming.partition)
        if memory is None or incoming.offset != memory.next_offset:  # rolled back, or another owner went on: memory is of another time
            states = await self._kafka.states_of(incoming.partition, source_log=self._matches_log())
            memory = self._memories[incoming.partition] = PartitionMemory(self._decisions.new_grouping(), states, incoming.offset)
        return memory

    def _skip(self, incoming: Incoming) -> None:
        memory = self._memories.get(incoming.partition)
        if memory is not None and memory.next_offset == incoming.offset:
            memory.next_offset += 1

    async def _publish(self, outputs: Sequence[_Output]) -> None:
        await self._kafka.publish([one for output in outputs for one in output.outgoing])
        await self._kafka.publish([one for output in outputs for one in output.deletions])
        _count(output.answer for output in outputs)

    def _forget(self, partitions: Iterable[int]) -> None:
        for partition in partitions:
            self._memories.pop(partition, None)

    def _show_stories(self) -> None:
        live = [memory.live_stories() for memory in self._memories.values()]
        for theme_id in self._decisions.theme_ids:
            STORIES_LIVE.labels(theme_id).set(sum(counter[theme_id] for counter in live))


@dataclass(frozen=True, slots=True)
class _Output:
    """The answer to one input and the records to publish for it."""

    answer: Answer
    outgoing: tuple[Outgoing, ...]
    deletions: tuple[Outgoing, ...]


def _input(incoming: Incoming) -> GroupInput:
    record = decode_one_of(incoming.value, MATCHES.records)
    assert isinstance(record, GroupInput)
    return record


def _output(memory: PartitionMemory, record: GroupInput, incoming: Incoming, log_id: str | None) -> _Output:
    answer = memory.answer(record, incoming.offset)
    if answer.kind is AnswerKind.KNOWN:  # published and acknowledged when that earlier offset was answered
        return _Output(answer, (), ())
    return _Output(answer, outputs_of(answer.state, incoming.partition, log_id), tombstones_of(answer.tombstones, incoming.partition))


def _count(answers: Iterable[Answer]) -> None:
    for answer in answers:
        if answer.kind is AnswerKind.DECIDED:
            _count_one(answer.state)


def _count_one(state: GroupState) -> None:
    if isinstance(state, Corrected):
        CORRECTIONS.labels(state.correction.theme_id, state.correction.kind.value, state.outcome.value).inc()
        raised = state.alerts
    else:
        GROUPED.labels(state.theme_id, state.relation.value).inc()
        ALERT_DECISIONS.labels(state.theme_id, state.story.alert_decision.value).inc()
        raised = (*state.closed_alerts, *(one for one in (state.alert, state.burst) if one is not None))
    for alert in raised:
        ALERTS_RAISED.labels(alert.theme_id, alert.severity.value, alert.state.value).inc()
