"""`newsmon processor`: one process that classifies and groups, on Faust.

In: settings. Out: the exit code. I/O: Kafka, theme files, the monitoring port, signals.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

import uvloop
from aiokafka.errors import KafkaError

from newsmon.errors import SettingsError
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.clients import group_id
from newsmon.kafka.prompt_connections import make_aiokafka_prompt
from newsmon.liveness.anew import begin_anew
from newsmon.liveness.dependencies import Stopped, wait_for
from newsmon.liveness.progress_watch import ProgressWatch
from newsmon.liveness.signals import stop_on_signals
from newsmon.logs import get_logger
from newsmon.metrics import announce_quarantine
from newsmon.net.monitoring import Health, MonitoringServer
from newsmon.quarantine import Stage
from newsmon.settings import Settings
from newsmon.topics import ALERTS, ARTICLES, CLASSIFICATIONS, MATCHES, NOTICES, QUARANTINE, STORIES, STORY_STATE, THEMES, WORD_COUNTS
from newsmon.words.watch import WordWatch
from processors.handling.decisions import Decisions
from processors.meaning.encoder import load_encoder
from processors.rollout.theme_reloader import ThemeReloader
from processors.runner.app import run_faust
from processors.runner.mapped_table import mapped
from processors.runner.membership import instance_name
from processors.runner.parts import ALIVE_WITHIN_S, STAGE, new_parts
from processors.runner.policies import decisions_for
from processors.runner.positions import LogWatch
from processors.runner.watchdog import CommittedWork, exit_uncommitted
from processors.themes import ThemeFiles, compile_files, load_themes

TOPICS = (ARTICLES, CLASSIFICATIONS, MATCHES, STORY_STATE, STORIES, ALERTS, THEMES, WORD_COUNTS, NOTICES, QUARANTINE)
DRAIN_S = 25.0
BEAT_S = 1.0

log = get_logger(__name__)


def run(settings: Settings) -> int:
    """Process until SIGTERM or SIGINT, then return the exit code. Waits for Kafka; SettingsError and RefusedError end it."""
    make_aiokafka_prompt()
    words = WordWatch(settings.words.directory, keep_in=settings.state_dir)
    words.start()
    try:
        themes = load_themes(settings.themes.directory)
    except SettingsError:
        themes = compile_files(ThemeFiles((), ()))  # the reloader looks for the last good set before anything is classified
    health = Health(STAGE, alive_within_s=ALIVE_WITHIN_S)
    monitoring = settings.monitoring
    server = MonitoringServer(health, bind=monitoring.bind, port=monitoring.processor_port, setting="monitoring.processor_port")
    with server, stop_on_signals() as stop, suppress(Stopped):
        log.info("processor.started", port=server.port)
        wait_for("kafka", partial(ensure_topics, settings, TOPICS), health, stop)
        announce_quarantine((Stage.CLASSIFY, Stage.GROUP))
        load_encoder(mapped)  # now, so that the first match and the event loop need not wait for it
        decisions = decisions_for(settings, themes)
        with (
            instance_name(settings.state_dir, group=group_id(settings, STAGE)) as instance,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop,
        ):
            loop.run(_serve(settings, decisions, words, health, instance, stop))
    log.info("processor.stopped")
    return 0


async def _serve(
    settings: Settings, decisions: Decisions, words: WordWatch, health: Health, instance: str, stopped: threading.Event
) -> None:
    parts = new_parts(settings, decisions, instance=instance, health=health)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _begin_to_stop, stop, stopped)
    if stopped.is_set():  # a signal that came before the loop could take it
        _begin_to_stop(stop, stopped)
    topics = parts.articles_topic, parts.matches_topic
    watch = ProgressWatch(settings, health, CommittedWork(settings, parts.assignment, group=parts.group, topics=topics))
    watch.start()
    log_watch = LogWatch(settings, parts.assignment, parts.positions, group=parts.group, topics=topics)
    log_watch.start()
    reloader = ThemeReloader(settings, parts.kafka, parts.adopt, words, worker=parts.worker)
    try:
        if not await _done_unless_stopped(reloader.start(), health, stop):
            return
        reloading = asyncio.create_task(reloader.run(stop))
        reloading.add_done_callback(lambda _task: stop.set())  # without it a worker would keep its old themes forever
        await run_faust(parts, stop)
        await reloading
    except KafkaError as error:  # Kafka went away just as Faust started, and a crashed Faust app cannot be started again
        why = f"{type(error).__name__}: {error}"[:300]
        if not stopped.is_set():
            begin_anew(STAGE, why)
        log.warning("processor.stopped_without_kafka", reason=why)
    finally:
        watch.stop()
        log_watch.stop()


async def _done_unless_stopped(work: Coroutine[Any, Any, None], health: Health, stop: asyncio.Event) -> bool:
    """False when `stop` was set before the work was done, which may be never: it waits for Kafka."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    while not working.done() and not stopping.done():
        health.beat()
        await asyncio.wait({working, stopping}, timeout=BEAT_S, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        working.result()
        return True
    working.cancel()
    await asyncio.wait({working})
    return False


def _begin_to_stop(stop: asyncio.Event, stopped: threading.Event) -> None:
    """Drain, but not forever: without a broker it would never end. Uncommitted work is done again. `stopped`: we were asked to."""
    stopped.set()
    if not stop.is_set():
        log.info("processor.draining", at_most_s=DRAIN_S)
        stop.set()
        last = threading.Timer(DRAIN_S, exit_uncommitted, ["could not drain in time"])
        last.daemon = True
        last.start()
