"""Every process's /metrics, /healthz and /readyz."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.ipv6 import needs_ipv6

from newsmon import metrics
from newsmon.app.supervisor.screen import scrape as scrape_module
from newsmon.app.supervisor.screen.scrape import ask, scrape
from newsmon.app.supervisor.stall import Answer
from newsmon.errors import SettingsError
from newsmon.net.monitoring import Health, MonitoringServer
from newsmon.quarantine import Stage


def get(port: int, path: str, accept: str = "*/*") -> tuple[int, str, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_process_is_ready_only_after_its_loop_turned_and_its_needs_were_met() -> None:
    health = Health("store")
    with MonitoringServer(health, bind="127.0.0.1", port=0, setting="monitoring.store_port") as server:
        assert get(server.port, "/readyz")[0] == 503
        health.waiting_for("database", "not reached yet")
        health.beat()
        status, _, body = get(server.port, "/readyz")
        assert status == 503
        assert json.loads(body)["because"] == {"database": "not reached yet"}
        health.has("database")
        assert get(server.port, "/readyz")[0] == 200


def test_a_loop_that_stopped_turning_is_unhealthy() -> None:
    clock = Clock()
    health = Health("processor", monotonic=clock)
    health.beat()
    assert health.unhealthy_because() == {}
    clock.now_s += 11
    assert "main_loop" in health.unhealthy_because()
    health.beat()
    health.sick("stalled", "partition 3")
    assert health.unhealthy_because() == {"stalled": "partition 3"}


@pytest.mark.parametrize("accept", ["text/plain", "application/openmetrics-text; version=1.0.0", "*/*"])
def test_metrics_answer_in_the_format_that_was_asked_for(accept: str) -> None:
    with MonitoringServer(Health("run"), bind="127.0.0.1", port=0, setting="x") as server:
        status, content_type, body = get(server.port, "/metrics", accept)
    assert status == 200
    assert ("openmetrics" in content_type) == ("openmetrics" in accept)
    assert "newsmon_build_info" in body
    assert "_created" not in body


def test_a_port_in_use_is_waited_for_and_said_and_the_process_works_meanwhile() -> None:
    health = Health("store")
    health.beat()
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        server = MonitoringServer(health, bind="127.0.0.1", port=port, setting="monitoring.store_port")
        assert server.steady_port is None  # two processes that are set to one port must not have one name in the consumer group
        server.__enter__()
        assert "another program listens" in health.unready_because()["monitoring.store_port"]
        assert health.unhealthy_because() == {}
    try:
        assert served(port, "/readyz", lambda status: status == 200)
        assert health.unready_because() == {}
    finally:
        server.__exit__(None, None, None)


def test_a_server_that_still_waits_for_its_port_ends_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        server = MonitoringServer(Health("store"), bind="127.0.0.1", port=holder.getsockname()[1], setting="monitoring.store_port")
        with server:
            assert server.port == holder.getsockname()[1]


def served(port: int, path: str, is_wanted: Callable[[int], bool]) -> bool:
    """True once the port answers as wanted; False if it does not within two minutes."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if is_wanted(get(port, path)[0]):
                return True
        except OSError:
            time.sleep(0.1)
    return False


def test_with_the_supervisors_socket_a_stage_answers_there_and_waits_for_the_port_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    health = Health("store")
    health.beat()
    standing_in = socket.create_server(("127.0.0.1", 0))
    stand_in = standing_in.getsockname()[1]
    monkeypatch.setenv("NEWSMON_LISTEN_FD", str(standing_in.detach()))
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        server = MonitoringServer(health, bind="127.0.0.1", port=port, setting="monitoring.store_port")
        server.__enter__()
        assert (server.port, server.steady_port) == (stand_in, stand_in)
        status, _, body = get(stand_in, "/readyz")
        assert (status, set(json.loads(body)["because"])) == (503, {"monitoring.store_port"})
    try:
        assert served(port, "/readyz", lambda status: status == 200)
        assert get(stand_in, "/readyz")[0] == 200
    finally:
        server.__exit__(None, None, None)


def test_an_address_that_can_never_be_listened_on_is_a_settings_problem_naming_the_key() -> None:
    with pytest.raises(SettingsError, match=r"settings:monitoring\.store_port"):
        MonitoringServer(Health("store"), bind="no such host", port=9643, setting="monitoring.store_port")


def test_known_label_sets_stand_at_zero_from_the_start() -> None:
    metrics.announce_feeds(["zero-feed"])
    metrics.announce_themes(["zero-theme"])
    metrics.announce_receivers(["zero-desk"], ["zero-theme"])
    metrics.announce_quarantine(Stage)
    body = ""
    for process in metrics.Process:
        with MonitoringServer(Health(process.value), bind="127.0.0.1", port=0, setting="x") as server:
            body += get(server.port, "/metrics", "text/plain")[2]
    samples = {(s.name, *sorted(s.labels.values())): s.value for f in text_string_to_metric_families(body) for s in f.samples}
    assert samples[("newsmon_feed_fetches_total", "timeout", "zero-feed")] == 0
    assert samples[("newsmon_matches_total", "zero-theme")] == 0
    assert samples[("newsmon_alerts_raised_total", "flash", "opened", "zero-theme")] == 0
    assert samples[("newsmon_alert_delivery_attempts_total", "429", "zero-desk")] == 0
    assert ("newsmon_quarantined_records_total", "group", "not_json") in samples  # other tests of this process may have counted


@needs_ipv6
@pytest.mark.parametrize("bind", ["::1", "::"])
def test_on_ipv6_a_process_is_scraped_as_elsewhere(bind: str) -> None:
    health = Health("store")
    with MonitoringServer(health, bind=bind, port=0, setting="monitoring.store_port") as server:
        assert "newsmon_build_info" in {sample.name for sample in scrape(bind, server.port)}
        assert ask(bind, server.port).why == "start: the main loop has not started yet"
        health.beat()
        assert ask(bind, server.port).is_ready


def test_a_process_is_asked_directly_whatever_proxy_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    health = Health("store")
    health.beat()
    with MonitoringServer(health, bind="127.0.0.1", port=0, setting="monitoring.store_port") as server:
        assert ask("127.0.0.1", server.port).is_ready


def test_only_silence_counts_against_a_process_not_that_it_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrape_module, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert ask("127.0.0.1", port).answer is Answer.NONE
    assert ask("127.0.0.1", port).answer is None
    health = Health("store")
    health.sick("main_loop", "stalled")
    with MonitoringServer(health, bind="127.0.0.1", port=0, setting="monitoring.store_port") as server:
        asked = ask("127.0.0.1", server.port)
        assert (asked.answer, asked.why) == (Answer.UNHEALTHY, "main_loop: stalled")
