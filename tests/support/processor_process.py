"""The real `newsmon processor` as a process of its own, and the records it left on the topics."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from newsmon.records import Alert, Classification, Match, Story, StoryState
from newsmon.settings import Settings
from newsmon.topics import ALERTS, CLASSIFICATIONS, MATCHES, QUARANTINE, STORIES, STORY_STATE
from support.processing import log_of, records_of, story_members
from support.run_watch import wait_until_stoppable


@contextmanager
def processor(
    settings: Settings, *, command: Sequence[str] = ("-Im", "newsmon", "processor"), **environ: str
) -> Iterator[subprocess.Popen[bytes]]:
    """The process for the block; killed at its end if it is still there."""
    kafka = settings.kafka
    given = {
        "NEWSMON_STATE_DIR": str(settings.state_dir),
        "NEWSMON_KAFKA__BOOTSTRAP_SERVERS": ",".join(kafka.bootstrap_servers),
        "NEWSMON_KAFKA__TOPIC_PREFIX": kafka.topic_prefix,
        "NEWSMON_KAFKA__GROUP_PREFIX": kafka.group_prefix,
        "NEWSMON_KAFKA__SESSION_TIMEOUT_S": str(kafka.session_timeout_s),
        "NEWSMON_MONITORING__PROCESSOR_PORT": "0",
        "NEWSMON_LOG__LEVEL": "warning",
        **environ,
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMON_")}
    process = subprocess.Popen([sys.executable, *command], env=clean | given, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(60)


async def stop_cleanly(process: subprocess.Popen[bytes]) -> int:
    """SIGTERM as soon as it can take it; returns the exit code."""
    await asyncio.to_thread(wait_until_stoppable, process)
    process.send_signal(signal.SIGTERM)
    return await asyncio.to_thread(process.wait, 90)


@dataclass(frozen=True)
class Outcome:
    """What a run decided, without the times it decided at."""

    classified: frozenset[tuple[str, str, tuple[str, ...]]]  # article, outcome, themes
    matches: frozenset[str]
    members: dict[str, set[tuple[str, str]]]  # story -> (match, relation)
    decisions: frozenset[tuple[str, str, int, str]]  # match, story, story revision, alert decision
    alerts: frozenset[tuple[str, int, str, str]]  # alert, revision, state, severity
    quarantined: int


async def outcome_of(settings: Settings) -> Outcome:
    """Read everything the processor wrote."""
    states = await records_of(settings, STORY_STATE, StoryState)
    return Outcome(
        classified=frozenset(
            (one.revision_id, one.outcome.value, one.matched_theme_ids)
            for one in await records_of(settings, CLASSIFICATIONS, Classification)
        ),
        matches=frozenset(one.match_id for one in await records_of(settings, MATCHES, Match)),
        members=story_members(await records_of(settings, STORIES, Story)),
        decisions=frozenset((one.match_id, one.story_id, one.story.revision, one.story.alert_decision.value) for one in states),
        alerts=frozenset(
            (one.alert_id, one.revision, one.state.value, one.severity.value) for one in await records_of(settings, ALERTS, Alert)
        ),
        quarantined=len(await log_of(settings, QUARANTINE)),
    )


async def record_count(settings: Settings) -> int:
    """Classifications written so far, repeats included."""
    from newsmon.kafka.lag import end_offsets

    name = CLASSIFICATIONS.named(settings.kafka.topic_prefix)
    return sum((await asyncio.to_thread(end_offsets, settings, [name])).values())
