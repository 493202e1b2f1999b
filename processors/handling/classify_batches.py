"""Classifies a batch of articles: when `handle` returns, each has its classification and matches on Kafka, or is in quarantine.

In: raw records of news.articles. Out: nothing; only after `handle` returns may a runner commit.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from newsmon.errors import PublishError
from newsmon.logs import get_logger
from newsmon.metrics import ARTICLES_CLASSIFIED, CLASSIFICATION_DURATION, MATCHES
from newsmon.quarantine import Stage
from processors.handling.answers import Classified, answers_of, classify_record
from processors.handling.decision_result import Failed, Succeeded, run_decision
from processors.handling.decisions import Decisions
from processors.handling.kafka_access import KafkaAccess, too_large
from processors.handling.messages import Incoming, Outgoing
from processors.handling.word_counter import KEEP_WITHIN_S, Seen, WordCounter
from processors.rarity.shares import KeyShares

YIELD_EVERY = 50  # records decided before the event loop gets a turn, so that heartbeats are answered

log = get_logger(__name__)


class ClassifyBatches:
    """news.articles -> news.classifications, news.matches. Between batches it remembers only how common words are."""

    def __init__(
        self, decisions: Decisions, kafka: KafkaAccess, *, deadline_s: float, articles_log: Callable[[], str | None] = lambda: None
    ) -> None:  # fmt: skip
        self._decisions = decisions
        self._kafka = kafka
        self._deadline_s = deadline_s
        self._words = WordCounter(decisions.new_counting(), kafka, articles_log=articles_log)

    def use(self, decisions: Decisions) -> None:
        """Decide by other themes from the next record on; each answer names the generation that made it."""
        self._decisions = decisions

    async def handle(self, records: Sequence[Incoming]) -> None:
        """Answer a batch; a record that cannot be answered goes to quarantine."""
        good: list[_Answered] = []
        bad: list[tuple[Incoming, Failed]] = []
        for number, incoming in enumerate(records, 1):
            outcome = await self._outcome(incoming)
            if isinstance(outcome, Failed):
                bad.append((incoming, outcome))
            else:
                good.append(outcome.value)
                if outcome.value.seen is not None:  # before its answer is on Kafka: the next one may be of the next day
                    await self._words.count(outcome.value.seen)
            if number % YIELD_EVERY == 0:
                await asyncio.sleep(0)
        await self._kafka.quarantine(Stage.CLASSIFY, bad)
        try:
            await self._kafka.publish([one for answered in good for one in answered.outgoing])
        except PublishError as error:
            if len(records) == 1:
                await self._kafka.quarantine(Stage.CLASSIFY, [(records[0], too_large(error))])
                return
            quarantined = {id(incoming) for incoming, _failed in bad}
            for incoming in records:
                if id(incoming) not in quarantined:
                    await self.handle([incoming])
            return
        _count(answered.classified for answered in good)
        await self._words.keep_if_due()

    async def keep_counts(self, partitions: Iterable[int] | None = None) -> None:
        """Write the word counts, and forget those of `partitions`, which were taken away; give up after a few seconds."""
        taken = () if partitions is None else tuple(partitions)
        work = self._words.keep() if partitions is None else self._words.drop(taken)
        try:
            await asyncio.wait_for(work, KEEP_WITHIN_S)
        except TimeoutError:  # Kafka does not answer: the counts of a few minutes are lost
            self._words.forget(taken)
            log.warning("words.not_kept", within_s=KEEP_WITHIN_S)

    async def _outcome(self, incoming: Incoming) -> Succeeded[_Answered] | Failed:
        started = time.perf_counter()
        decided = run_decision(lambda: classify_record(incoming, self._decisions, now=datetime.now(UTC)), deadline_s=self._deadline_s)
        took_s = time.perf_counter() - started
        if isinstance(decided, Failed):
            CLASSIFICATION_DURATION.observe(took_s)
            return decided
        classified = decided.value
        shares = await self._words.shares_for(classified.article) if classified.matches else None
        started = time.perf_counter()
        outcome = run_decision(lambda: _answered(classified, incoming, self._decisions, shares), deadline_s=self._deadline_s)
        CLASSIFICATION_DURATION.observe(took_s + time.perf_counter() - started)
        return outcome


@dataclass(frozen=True, slots=True)
class _Answered:
    """One article's answer, the records to publish for it, and what is counted of it."""

    classified: Classified
    outgoing: tuple[Outgoing, ...]
    seen: Seen | None


def _answered(classified: Classified, incoming: Incoming, decisions: Decisions, shares: KeyShares | None) -> _Answered:
    outgoing = answers_of(classified, decisions, shares)
    observation = classified.observation
    return _Answered(classified, outgoing, None if observation is None else Seen(observation, incoming.partition, incoming.offset))


def _count(good: Iterable[Classified]) -> None:
    for classified in good:
        ARTICLES_CLASSIFIED.labels(classified.classification.outcome.value).inc()
        for match in classified.matches:
            MATCHES.labels(match.theme_id).inc()
