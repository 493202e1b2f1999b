"""The parts of one processor process, put together: batches, access to Kafka, assignment, names.

In: settings, decisions. Out: `ProcessorParts`, which a runner drives.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from newsmon.kafka.clients import group_id
from newsmon.net.monitoring import Health
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, MATCHES
from processors.handling.classify_batches import ClassifyBatches
from processors.handling.decisions import Decisions
from processors.handling.group_batches import GroupBatches
from processors.handling.kafka_access import KafkaAccess
from processors.handling.kafka_writer import KafkaWriter
from processors.handling.state_reader import StateReader
from processors.runner.assignment import Assignment
from processors.runner.policies import decisions_for
from processors.runner.positions import Positions
from processors.themes import ThemeSet

STAGE = "processor"
ALIVE_WITHIN_S = 30.0  # a batch may take this long to decide before the event loop gets its next turn


@dataclass(frozen=True, slots=True)
class ProcessorParts:
    """The parts of one process."""

    settings: Settings
    group: str  # the consumer group
    instance: str | None  # static member name, None for a dynamic one
    articles_topic: str
    matches_topic: str
    health: Health
    assignment: Assignment
    positions: Positions
    writer: KafkaWriter
    kafka: KafkaAccess
    worker: str
    classify_batches: ClassifyBatches
    group_batches: GroupBatches

    def adopt(self, themes: ThemeSet) -> None:
        """Classify by these themes from the next article on."""
        decisions = decisions_for(self.settings, themes)
        self.classify_batches.use(decisions)
        self.group_batches.use(decisions)


def new_parts(settings: Settings, decisions: Decisions, *, instance: str | None = None, health: Health | None = None) -> ProcessorParts:
    """The parts, connected; nothing is read or sent before a runner starts."""
    health = health or Health(STAGE, alive_within_s=ALIVE_WITHIN_S)
    group = group_id(settings, STAGE)
    worker = f"{instance or group}@{socket.gethostname()}:{os.getpid()}"
    writer = KafkaWriter(settings, client_id=f"{group}-out")
    kafka = KafkaAccess(writer, StateReader(settings, client_id=f"{group}-state"), health, worker=worker)
    articles, matches = (topic.named(settings.kafka.topic_prefix) for topic in (ARTICLES, MATCHES))
    deadline_s = settings.processor.record_deadline_s
    positions = Positions(settings, kafka, group=group, topics=(articles, matches))
    return ProcessorParts(
        settings=settings,
        group=group,
        instance=instance,
        articles_topic=articles,
        matches_topic=matches,
        health=health,
        assignment=Assignment(group, (articles, matches), health),
        positions=positions,
        writer=writer,
        kafka=kafka,
        worker=worker,
        classify_batches=ClassifyBatches(decisions, kafka, deadline_s=deadline_s, articles_log=lambda: positions.log_ids.get(articles)),
        group_batches=GroupBatches(decisions, kafka, deadline_s=deadline_s, matches_log=lambda: positions.log_ids.get(matches)),
    )
