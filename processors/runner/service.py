"""`newsmon processor`: one process that classifies and groups, with either runner.

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
from processors.handling.core import Decisions
from processors.rollout.keeper import ThemeKeeper
from processors.runner.last_words import die
from processors.runner.membership import instance_name
from processors.runner.parts import ALIVE_WITHIN_S, STAGE, Work, decisions_for, new_work
from processors.runner.watchdog import Watchdog
from processors.stories.meaning import load_encoder
from processors.themes import ThemeFiles, compile_files, load_themes

TOPICS = (ARTICLES, CLASSIFICATIONS, MATCHES, STORY_STATE, STORIES, ALERTS, THEMES, NOTICES, QUARANTINE)
DRAIN_S = 25.0

log = get_logger(__name__)


def run(settings: Settings, *, runner: str) -> int:
    """Process until SIGTERM or SIGINT; returns the exit code. SettingsError and DependencyError before anything runs."""
    words = WordWatch(settings.words.directory, keep_in=settings.state_dir)
    words.start()
    unusable: SettingsError | None = None
    try:
        themes = load_themes(settings.themes.directory)
    except SettingsError as error:
        unusable, themes = error, compile_files(ThemeFiles((), ()))  # the set all others use may be on the topic
    try:
        ensure_topics(settings, TOPICS)
    except DependencyError:
        if unusable is not None:
            raise unusable from None
        raise
    announce_quarantine((Stage.CLASSIFY, Stage.GROUP))
    load_encoder()  # now, not while the first match waits and the event loop with it
    decisions = decisions_for(settings, themes)
    health = Health(STAGE, alive_within_s=ALIVE_WITHIN_S)
    monitoring = settings.monitoring
    server = MonitoringServer(health, bind=monitoring.bind, port=monitoring.processor_port or 0, setting="monitoring.processor_port")
    with (
        server,
        instance_name(settings.state_dir, group=group_id(settings, STAGE)) as instance,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop,
    ):
        log.info("processor.started", runner=runner, port=server.port, instance=instance)
        loop.run(_serve(settings, decisions, words, health, instance, runner))
    log.info("processor.stopped")
    return 0


async def _serve(settings: Settings, decisions: Decisions, words: WordWatch, health: Health, instance: str, runner: str) -> None:
    work = new_work(settings, decisions, instance=instance, health=health)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _begin_to_stop, stop)
    watchdog = Watchdog(settings, work.duty, group=work.group, topics=(work.articles_topic, work.matches_topic), monotonic=time.monotonic)
    watchdog.start()
    keeper = ThemeKeeper(settings, work.effects, work.adopt, words, worker=work.worker)
    try:
        await keeper.settle()
        keeping = asyncio.create_task(keeper.keep(stop))
        keeping.add_done_callback(lambda _task: stop.set())  # without its keeper a worker would go on with old themes for ever
        await drive(work, stop, runner=runner)
        await keeping
    finally:
        watchdog.stop()


async def drive(work: Work, stop: asyncio.Event, *, runner: str) -> None:
    """Run the named runner until `stop` is set."""
    if runner == "plain":
        from processors.runner.plain import run_plain

        await run_plain(work, stop)
    else:
        from processors.runner.app import run_faust

        await run_faust(work, stop)


def _begin_to_stop(stop: asyncio.Event) -> None:
    """Drain, but not for ever: a broker that has gone must not keep us; what is uncommitted will be done again."""
    if not stop.is_set():
        log.info("processor.draining", at_most_s=DRAIN_S)
        stop.set()
        last = threading.Timer(DRAIN_S, die, ["could not drain in time"])
        last.daemon = True
        last.start()
