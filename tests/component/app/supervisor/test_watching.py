"""What watches in the supervisor goes on whatever happens to one of its turns."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from newsmon.app.supervisor.lag import LagPoller
from newsmon.app.supervisor.ports import open_sockets
from newsmon.app.supervisor.restart import RestartReason
from newsmon.app.supervisor.screen import scrape as scrape_module
from newsmon.app.supervisor.screen.scrape import Scraper, ask, scrape
from newsmon.app.supervisor.stages import START_ORDER, Stages
from newsmon.app.supervisor.stall import Answer
from newsmon.errors import DependencyError
from newsmon.kafka.broker.children import Children
from newsmon.settings import Settings


def test_the_lag_is_asked_where_kafka_is_now_and_a_surprise_does_not_end_that() -> None:
    asked, heard = 0, threading.Event()

    def settings() -> Settings:
        nonlocal asked
        asked += 1
        if asked == 2:  # the first question comes from the constructor
            raise ValueError("a surprise in a client library")
        if asked > 2:
            raise DependencyError("Kafka", "no response")
        return Settings()

    poller = LagPoller(settings, on_answer=lambda why: heard.set() if why else None, every_s=0.05)
    poller.start()
    try:
        assert heard.wait(30)
    finally:
        poller.stop()
        poller.join(30)


@pytest.fixture
def port_of_nonsense() -> Iterator[int]:
    class Nonsense(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'newsmon_x{stage="a 1\n' if self.path == "/metrics" else b'{"because": ["busy"]}'
            self.send_response(200 if self.path == "/metrics" else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Nonsense) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_an_answer_that_cannot_be_read_is_no_error(port_of_nonsense: int) -> None:
    assert scrape("127.0.0.1", port_of_nonsense) == ()
    assert ask("127.0.0.1", port_of_nonsense).answer is Answer.UNHEALTHY


def test_a_stage_that_the_machine_cannot_start_now_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))  # any OSError: also no process, memory or descriptor left
    settings = Settings(state_dir=tmp_path)
    with ExitStack() as stack:
        sockets = {name: stack.enter_context(one) for name, one in open_sockets(settings).items()}
        stages = Stages(settings, None, sockets, Children(tmp_path), on_line=lambda _stage, _line: None)
        stages.keep({})
        assert {name for name in START_ORDER if stages.is_running(name)} == set()
        assert {stages[name].ended_because for name in START_ORDER} == {RestartReason.CRASHED}
        assert all(stages[name].start_at_s > time.monotonic() - 1 for name in START_ORDER)
        assert all(view.unwell_since_s is not None for view in stages.views())


def test_numbers_are_read_when_somebody_wants_them_and_no_others_than_those_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrape_module, "EVERY_S", 0.01)
    asked: list[str] = []
    answered = threading.Event()

    class Process(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = (
                b"# TYPE newsmon_polls counter\nnewsmon_polls_total 3.0\nnewsmon_other 1.0\nnonsense{\n"
                if self.path == "/metrics"
                else b"{}"
            )
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            if len(asked) > 5:
                answered.set()

        def log_message(self, *_said: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Process) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        scraper = Scraper({"one": ("127.0.0.1", server.server_port)}, is_running=lambda _process: True, shown=("newsmon_polls_total",))
        scraper.start()
        try:
            assert answered.wait(60)
            assert set(asked) == {"/readyz"}
            assert scraper.samples == ()
            scraper.want_samples()
            assert eventually_true(lambda: bool(scraper.samples))
        finally:
            scraper.stop()
            server.shutdown()
    assert [(sample.name, sample.value) for sample in scraper.samples] == [("newsmon_polls_total", 3.0)]
    assert asked.count("/metrics") == 1


def eventually_true(holds: Callable[[], bool]) -> bool:
    deadline_s = time.monotonic() + 60
    while not holds() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    return holds()
