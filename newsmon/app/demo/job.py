"""One demo from start to verdict: feed server, receiver, `newsmon run` as a child, waiting, draining, summary.

Out: the exit code. I/O: a temporary directory, loopback, one child process, the terminal.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from sqlalchemy import Engine

from newsmon.app.demo.findings.expectations import Expectations, load_expectations
from newsmon.app.demo.findings.observed import Observed, flow_of, is_ready, observe
from newsmon.app.demo.findings.progress import POLLS_WANTED, Flow, Needs, Wait, waiting_for
from newsmon.app.demo.findings.result import DemoResult
from newsmon.app.demo.findings.verdict import alerts_complete, verdict
from newsmon.app.demo.receiver import ReceiverThread
from newsmon.app.demo.recorded.catalogue import Catalogue, load_catalogue
from newsmon.app.demo.recorded.feed_server import FeedServer
from newsmon.app.demo.tables import print_summary
from newsmon.app.demo.workspace import TIMEOUT_S, Workspace, new_secret, write_workspace
from newsmon.app.listener import Answer
from newsmon.app.supervisor.process import LineSink, StageProcess
from newsmon.errors import DependencyError
from newsmon.kafka.broker.jars import ensure_jars
from newsmon.logs import configure_logs
from newsmon.settings import LogSettings, Settings, load_settings
from sinks.database.engine import create_engine_for
from sinks.ledger.verify import verify

LOOK_EVERY_S = 0.5
DRAIN_S = 40.0  # `newsmon run` drains within 25 s
EXIT_INTERRUPTED = 130
LAST_LINES = 15
# The first webhook is refused once, so that the summary shows a retry with the same webhook-id.
FIRST_ANSWERS = (Answer(status=503),)


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of the wait."""

    wait: Wait  # QUIET, or the unfinished step when progress stopped
    exit_code: int | None  # if the run ended by itself
    waited_s: float


def run_demo(recorded: Path, *, stalled_s: float, keep: bool) -> int:
    """0 if everything expected happened and the ledger balances, 1 if not, 130 after Ctrl-C. Raises what `newsmon run` raises."""
    catalogue = load_catalogue(recorded)
    expected = load_expectations(recorded / "expected.toml")
    ensure_jars()  # here, where a first download shows its progress and does not count as a stall
    print(
        f"newsmon demo: {len(catalogue.feed)} recorded feeds, a real broker, all stages; half a minute, a few on a slow or busy machine",
        file=sys.stderr,
    )
    directory = Path(tempfile.mkdtemp(prefix="newsmon-demo-"))
    earlier = signal.signal(signal.SIGTERM, signal.default_int_handler)  # SIGTERM cleans up like Ctrl-C
    try:
        return _run_in(directory, catalogue, expected, stalled_s)
    except KeyboardInterrupt:
        print("\nnewsmon demo: interrupted, cleaned up", file=sys.stderr)
        return EXIT_INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, earlier)
        if keep:
            print(f"kept in {directory}", file=sys.stderr)
        else:
            shutil.rmtree(directory, ignore_errors=True)


def _run_in(directory: Path, catalogue: Catalogue, expected: Expectations, stalled_s: float) -> int:
    started_s = time.monotonic()
    secret = new_secret()
    with ExitStack() as stack:
        server = stack.enter_context(FeedServer(catalogue, now=datetime.now(UTC), hang_s=TIMEOUT_S * 5))
        receiver = stack.enter_context(ReceiverThread(secret, answers=FIRST_ANSWERS))
        workspace = write_workspace(directory, catalogue.feed, server, receiver_url=receiver.url, secret=secret)
        settings = load_settings(workspace.config_file, {})
        with _running(workspace) as child:
            ending = _wait(child, settings, catalogue, expected, server, receiver, stalled_s)
            if ending.exit_code is not None or ending.wait is Wait.STARTING:
                raise DependencyError("newsmon run", _failure_report(ending, workspace))
            # The broker still runs, so the ledger is checked against Kafka too, as `newsmon verify` does.
            observed, answers = _observed(settings), server.answers()
            ledger = verify(settings, since=None, with_log=True)
        drained = child.poll() == 0
    found = verdict(expected, observed, receiver.deliveries)
    result = DemoResult(
        catalogue=catalogue, expected=expected, observed=observed, answers=answers, received=receiver.deliveries,
        ledger=ledger, drained=drained, findings=found, wait=ending.wait, settings=settings, took_s=time.monotonic() - started_s,
    )  # fmt: skip
    print_summary(result)
    return 0 if result.is_good else 1


def _observed(settings: Settings) -> Observed:
    engine = create_engine_for(settings, must_exist=True)
    try:
        return observe(engine)
    finally:
        engine.dispose()


@contextmanager
def _running(workspace: Workspace) -> Iterator[StageProcess]:
    """`newsmon run` on the workspace, drained at the end whatever happens."""
    with workspace.log_file.open("a", encoding="utf-8") as log:
        configure_logs(LogSettings(level="warning", format="json"), stage="demo", stream=log)
        child = StageProcess("run", ["--config", str(workspace.config_file), "--plain"], _environment(), _line_writer(log))
        try:
            yield child
        finally:
            child.ask_to_stop()
            if not child.wait(DRAIN_S):
                child.kill()
                child.wait(DRAIN_S)


def _environment() -> dict[str, str]:
    """Our environment without NEWSMON_ variables, which must not change the demo's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("NEWSMON_")}


def _line_writer(log: TextIO) -> LineSink:
    def write(_stage: str, line: str) -> None:
        if not log.closed:
            log.write(line + "\n")
            log.flush()

    return write


def _wait(
    child: StageProcess, settings: Settings, catalogue: Catalogue, expected: Expectations, server: FeedServer, receiver: ReceiverThread,
    stalled_s: float,
) -> Ending:  # fmt: skip
    """Watch the database until everything is done, the run has ended, or nothing has moved for too long.

    Feeds publish their second version once the first is stored; on a timer, a slow machine would miss the first.
    """
    needs = _needs(catalogue)
    started_s = changed_s = progressed_s = time.monotonic()
    last: tuple[int, ...] = ()
    furthest: tuple[int, ...] = ()
    engine: Engine | None = None
    wait = Wait.STARTING
    try:
        while True:
            now_s = time.monotonic()
            exit_code = child.poll()
            if exit_code is not None or now_s - progressed_s >= stalled_s:
                return Ending(wait, exit_code, now_s - started_s)
            engine = engine or _engine_when_ready(settings)
            flow = flow_of(engine) if engine is not None else None
            if flow is not None:
                server.revise(feed for feed, count in flow.read_polls.items() if count and feed in needs.read_polls)
                if flow.moved != last:
                    last, changed_s = flow.moved, now_s
                if flow.progress != furthest:
                    furthest, progressed_s = flow.progress, now_s
            complete = engine is not None and wait is Wait.SETTLING and alerts_complete(expected, observe(engine), receiver.deliveries)
            wait = waiting_for(flow, needs, unchanged_s=now_s - changed_s, alerts_complete=complete)
            if wait is Wait.QUIET:
                return Ending(wait, None, now_s - started_s)
            _show(wait, flow, now_s - started_s)
            time.sleep(LOOK_EVERY_S)
    finally:
        _clear_line()
        if engine is not None:
            engine.dispose()


def _needs(catalogue: Catalogue) -> Needs:
    good = {feed.id: POLLS_WANTED for feed in catalogue.feed if feed.result == "ok"}
    versions = {feed.id: 2 if feed.file_2 else 1 for feed in catalogue.feed if feed.result == "ok"}
    return Needs(feeds=frozenset(feed.id for feed in catalogue.feed), good_polls=good, read_polls=versions)


def _engine_when_ready(settings: Settings) -> Engine | None:
    try:
        engine = create_engine_for(settings, must_exist=True)
    except DependencyError:
        return None  # the store has not created its file yet
    if is_ready(engine):
        return engine
    engine.dispose()
    return None


def _show(wait: Wait, flow: Flow | None, passed_s: float) -> None:
    if not sys.stderr.isatty():
        return
    polls = sum(flow.polls.values()) if flow else 0
    articles, matches, delivered = (flow.sightings, flow.matches, flow.delivered) if flow else (0, 0, 0)
    line = f"{passed_s:4.0f} s  {wait}: {polls} polls, {articles} articles, {matches} matches, {delivered} alerts delivered"
    print(f"\r\x1b[2K{line[: shutil.get_terminal_size().columns - 1]}", end="", file=sys.stderr, flush=True)


def _clear_line() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[2K", end="", file=sys.stderr, flush=True)


def _failure_report(ending: Ending, workspace: Workspace) -> str:
    """The reason why there is nothing to show, with the last lines of the run's log."""
    file = workspace.log_file
    lines = file.read_text("utf-8", "replace").splitlines()[-LAST_LINES:] if file.exists() else []
    end = (
        f"stored nothing in {ending.waited_s:.0f} s" if ending.exit_code is None else f"ended on its own with exit code {ending.exit_code}"
    )
    return "\n".join((end, *lines))
