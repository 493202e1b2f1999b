"""`newsmon processor`: one process that classifies and groups, on Faust.

In: settings. Out: the exit code. I/O: Kafka, theme files, the monitoring port, signals.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time

import uvloop

from newsmon.errors import DependencyError, SettingsError
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.clients import group_id
from newsmon.logs import get_logger
from newsmon.metrics import announce_quarantine
from newsmon.net.monitoring import Health, MonitoringServer
from newsmon.quarantine import Stage
from newsmon.settings import Settings
from newsmon.topics import ALERTS, ARTICLES, CLASSIFICATIONS, MATCHES, NOTICES, QUARANTINE, STORIES, STORY_STATE, THEMES
from newsmon.words.watch import WordWatch
from processors.handling.decisions import Decisions
from processors.rollout.theme_reloader import ThemeReloader
from processors.runner.app import run_faust
from processors.runner.membership import instance_name
from processors.runner.parts import ALIVE_WITHIN_S, STAGE, new_parts
from processors.runner.policies import decisions_for
from processors.runner.positions import LogWatch
from processors.runner.watchdog import Watchdog, exit_uncommitted
from processors.stories.meaning import load_encoder
from processors.themes import ThemeFiles, compile_files, load_themes

TOPICS = (ARTICLES, CLASSIFICATIONS, MATCHES, STORY_STATE, STORIES, ALERTS, THEMES, NOTICES, QUARANTINE)
DRAIN_S = 25.0

log = get_logger(__name__)


def run(settings: Settings) -> int:
    """Process until SIGTERM or SIGINT, then return the exit code. SettingsError and DependencyError are raised before anything runs."""
    words = WordWatch(settings.words.directory, keep_in=settings.state_dir)
    words.start()
    unusable: SettingsError | None = None
    try:
        themes = load_themes(settings.themes.directory)
    except SettingsError as error:
        unusable, themes = error, compile_files(ThemeFiles((), ()))  # the topic may hold the set that the other workers use
    try:
        ensure_topics(settings, TOPICS)
    except DependencyError:
        if unusable is not None:
            raise unusable from None
        raise
    announce_quarantine((Stage.CLASSIFY, Stage.GROUP))
    load_encoder()  # now, so that the first match and the event loop need not wait for it
    decisions = decisions_for(settings, themes)
    health = Health(STAGE, alive_within_s=ALIVE_WITHIN_S)
    monitoring = settings.monitoring
    server = MonitoringServer(health, bind=monitoring.bind, port=monitoring.processor_port or 0, setting="monitoring.processor_port")
    with (
        server,
        instance_name(settings.state_dir, group=group_id(settings, STAGE)) as instance,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop,
    ):
        log.info("processor.started", port=server.port, instance=instance)
        loop.run(_serve(settings, decisions, words, health, instance))
    log.info("processor.stopped")
    return 0


async def _serve(settings: Settings, decisions: Decisions, words: WordWatch, health: Health, instance: str) -> None:
    parts = new_parts(settings, decisions, instance=instance, health=health)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _begin_to_stop, stop)
    topics = parts.articles_topic, parts.matches_topic
    watchdog = Watchdog(settings, parts.assignment, group=parts.group, topics=topics, monotonic=time.monotonic)
    watchdog.start()
    log_watch = LogWatch(settings, parts.assignment, parts.positions, group=parts.group, topics=topics)
    log_watch.start()
    reloader = ThemeReloader(settings, parts.kafka, parts.adopt, words, worker=parts.worker)
    try:
        await reloader.start()
        reloading = asyncio.create_task(reloader.run(stop))
        reloading.add_done_callback(lambda _task: stop.set())  # without it a worker would keep its old themes forever
        await run_faust(parts, stop)
        await reloading
    finally:
        watchdog.stop()
        log_watch.stop()


def _begin_to_stop(stop: asyncio.Event) -> None:
    """Drain, but not forever: without a broker it would never end. Uncommitted work is done again."""
    if not stop.is_set():
        log.info("processor.draining", at_most_s=DRAIN_S)
        stop.set()
        last = threading.Timer(DRAIN_S, exit_uncommitted, ["could not drain in time"])
        last.daemon = True
        last.start()
