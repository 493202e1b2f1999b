"""Classifies a batch of articles: when `handle` returns, each has its classification and matches on Kafka, or is in quarantine.

In: raw records of news.articles. Out: nothing; only after `handle` returns may a runner commit.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from newsmon.errors import PublishError
from newsmon.metrics import ARTICLES_CLASSIFIED, CLASSIFICATION_DURATION, MATCHES
from newsmon.quarantine import Stage
from processors.handling.answers import Classified, classify_record
from processors.handling.decision_result import Failed, Succeeded, run_decision
from processors.handling.decisions import Decisions
from processors.handling.kafka_access import KafkaAccess, too_large
from processors.handling.messages import Incoming

YIELD_EVERY = 50  # records decided before the event loop gets a turn, so that heartbeats are answered


class ClassifyBatches:
    """news.articles -> news.classifications, news.matches. Keeps no memory between batches."""

    def __init__(self, decisions: Decisions, kafka: KafkaAccess, *, deadline_s: float) -> None:
        self._decisions = decisions
        self._kafka = kafka
        self._deadline_s = deadline_s

    def use(self, decisions: Decisions) -> None:
        """Decide by other themes from the next record on; each answer names the generation that made it."""
        self._decisions = decisions

    async def handle(self, records: Sequence[Incoming]) -> None:
        """Answer a batch; a record that cannot be answered goes to quarantine."""
        good: list[Classified] = []
        bad: list[tuple[Incoming, Failed]] = []
        for number, incoming in enumerate(records, 1):
            outcome = self._outcome(incoming)
            if isinstance(outcome, Failed):
                bad.append((incoming, outcome))
            else:
                good.append(outcome.value)
            if number % YIELD_EVERY == 0:
                await asyncio.sleep(0)
        await self._kafka.quarantine(Stage.CLASSIFY, bad)
        try:
            await self._kafka.publish([one for classified in good for one in classified.outgoing])
        except PublishError as error:
            if len(records) == 1:
                await self._kafka.quarantine(Stage.CLASSIFY, [(records[0], too_large(error))])
                return
            quarantined = {id(incoming) for incoming, _failed in bad}
            for incoming in records:
                if id(incoming) not in quarantined:
                    await self.handle([incoming])
            return
        _count(good)

    def _outcome(self, incoming: Incoming) -> Succeeded[Classified] | Failed:
        started = time.perf_counter()
        outcome = run_decision(lambda: classify_record(incoming, self._decisions, now=datetime.now(UTC)), deadline_s=self._deadline_s)
        CLASSIFICATION_DURATION.observe(time.perf_counter() - started)
        return outcome


def _count(good: Sequence[Classified]) -> None:
    for classified in good:
        ARTICLES_CLASSIFIED.labels(classified.classification.outcome.value).inc()
        for match in classified.matches:
            MATCHES.labels(match.theme_id).inc()
