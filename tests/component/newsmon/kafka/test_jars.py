"""The fetch of the broker's jars, against a small Maven repository of our own on loopback, through jgo's real resolver."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support.waiting import joined

from newsmon.errors import DependencyError
from newsmon.kafka.broker import jars
from newsmon.kafka.broker.jar_lock import Jar, JarLock, read_lock
from newsmon.kafka.broker.jars import damaged_jars, ensure_jars, find_jars

CONTENT = {f"part{number}": bytes([number]) * (1000 + number) for number in range(1, 7)}


def lock_of(content: dict[str, bytes]) -> JarLock:
    made = (
        Jar(f"org.example:{name}:1.0", f"{name}-1.0.jar", len(body), hashlib.sha256(body).hexdigest()) for name, body in content.items()
    )
    return JarLock("9.9.9", tuple(made))


LOCK = lock_of(CONTENT)


class Silent:
    """Progress nobody looks at, but counted."""

    def __init__(self) -> None:
        self.received_bytes = 0
        self._lock = threading.Lock()

    def fetching(self, kafka_version: str, file_count: int, size_bytes: int) -> AbstractContextManager[None]:
        return nullcontext()

    def received(self, size_bytes: int) -> None:
        with self._lock:
            self.received_bytes += size_bytes


Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


def whole(request: BaseHTTPRequestHandler, body: bytes) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def cut_off(request: BaseHTTPRequestHandler, body: bytes) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body[: len(body) // 2])
    request.close_connection = True


def other_bytes(request: BaseHTTPRequestHandler, body: bytes) -> None:
    whole(request, bytes(len(body)))


class Repository:
    """Serves CONTENT as a Maven repository; `answers` says how it treats each jar, in order, the last for ever."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.requested: list[str] = []
        repository = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.split("/")[-3]
                if not self.path.endswith(".jar") or name not in CONTENT:
                    self.send_error(404)
                    return
                repository.requested.append(name)
                plan = repository.answers.get(name, [whole])
                answer = plan.pop(0) if len(plan) > 1 else plan[0]
                answer(self, CONTENT[name])

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"


def configure_jgo(path: Path, address: str) -> Path:
    path.write_text(f"[repositories]\ncentral = {address}\n")
    return path


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    made = Repository()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("JGO_CONFIG_FILE", str(configure_jgo(tmp_path / "jgo.conf", made.address)))
    monkeypatch.setattr(jars, "RETRY_PAUSE_S", 0.01)
    yield made
    made.server.shutdown()
    made.server.server_close()
    joined(thread)


def test_all_jars_arrive_and_the_classpath_names_them(repository: Repository, tmp_path: Path) -> None:
    progress = Silent()
    found = ensure_jars(tmp_path / "cache", lock=LOCK, progress=progress)
    assert {path: Path(path).read_bytes() for path in found.classpath.split(":")} == {
        str(found.directory / f"{name}-1.0.jar"): body for name, body in CONTENT.items()
    }
    assert progress.received_bytes == LOCK.size_bytes
    assert damaged_jars(tmp_path / "cache", lock=LOCK) == ()


def test_second_start_asks_nobody(repository: Repository, tmp_path: Path) -> None:
    ensure_jars(tmp_path, lock=LOCK, progress=Silent())
    asked_before = len(repository.requested)
    assert ensure_jars(tmp_path, lock=LOCK, progress=Silent()) == find_jars(tmp_path, lock=LOCK)
    assert len(repository.requested) == asked_before


def test_jar_that_arrives_cut_off_or_damaged_is_asked_for_again(repository: Repository, tmp_path: Path) -> None:
    repository.answers["part3"], progress = [cut_off, other_bytes, whole], Silent()
    assert ensure_jars(tmp_path, lock=LOCK, progress=progress).file_names
    assert progress.received_bytes == LOCK.size_bytes, "what failed attempts brought is not counted"
    assert damaged_jars(tmp_path, lock=LOCK) == ()


def test_interrupted_fetch_is_not_believed_and_goes_on_with_what_is_missing(repository: Repository, tmp_path: Path) -> None:
    repository.answers["part5"] = [cut_off]
    with pytest.raises(DependencyError, match="part5"):
        ensure_jars(tmp_path, lock=LOCK, progress=Silent())
    assert find_jars(tmp_path, lock=LOCK) is None
    present = {path.name.removesuffix("-1.0.jar") for path in (tmp_path / LOCK.directory_name).glob("*.jar")}
    assert "part5" not in present
    repository.answers.clear()
    repository.requested.clear()
    ensure_jars(tmp_path, lock=LOCK, progress=Silent())
    assert sorted(repository.requested) == sorted(CONTENT.keys() - present)
    assert damaged_jars(tmp_path, lock=LOCK) == ()


def test_jar_with_other_content_than_pinned_is_refused(repository: Repository, tmp_path: Path) -> None:
    repository.answers["part2"] = [other_bytes]
    with pytest.raises(DependencyError, match=r"part2-1\.0\.jar differs from"):
        ensure_jars(tmp_path, lock=LOCK, progress=Silent())
    assert not (tmp_path / LOCK.directory_name / "part2-1.0.jar").exists()
    assert find_jars(tmp_path, lock=LOCK) is None


@pytest.mark.parametrize("damage", ["delete", "truncate"])
def test_jar_that_vanished_or_shrank_is_fetched_again(repository: Repository, tmp_path: Path, damage: str) -> None:
    broken = ensure_jars(tmp_path, lock=LOCK, progress=Silent()).directory / "part4-1.0.jar"
    broken.unlink() if damage == "delete" else broken.write_bytes(b"")
    assert damaged_jars(tmp_path, lock=LOCK) == ("part4-1.0.jar",)
    repository.requested.clear()
    ensure_jars(tmp_path, lock=LOCK, progress=Silent())
    assert repository.requested == ["part4"]
    assert broken.read_bytes() == CONTENT["part4"]


def start_fetching(cache: Path) -> subprocess.Popen[bytes]:
    program = (
        "import json, sys; from pathlib import Path\n"
        "from newsmon.kafka.broker.jar_lock import Jar, JarLock; from newsmon.kafka.broker.jars import ensure_jars\n"
        "made = json.loads(sys.argv[2])\n"
        "ensure_jars(Path(sys.argv[1]), lock=JarLock(made['kafka_version'], tuple(Jar(**jar) for jar in made['jars'])))"
    )
    return subprocess.Popen([sys.executable, "-c", program, str(cache), json.dumps(asdict(LOCK))], stderr=subprocess.PIPE)


def test_fetch_that_is_killed_within_a_jar_leaves_nothing_that_counts(repository: Repository, tmp_path: Path) -> None:
    half_sent, go_on = threading.Event(), threading.Event()

    def half_then_wait(request: BaseHTTPRequestHandler, body: bytes) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body[:900])
        request.wfile.flush()
        half_sent.set()
        go_on.wait(120)
        request.close_connection = True

    repository.answers["part1"] = [half_then_wait, whole]
    process = start_fetching(tmp_path)
    assert half_sent.wait(120)
    process.kill()
    process.communicate(timeout=60)
    go_on.set()
    assert find_jars(tmp_path, lock=LOCK) is None
    ensure_jars(tmp_path, lock=LOCK, progress=Silent())
    assert damaged_jars(tmp_path, lock=LOCK) == ()


def test_two_processes_at_once_fetch_each_jar_once(repository: Repository, tmp_path: Path) -> None:
    processes = [start_fetching(tmp_path) for _ in range(2)]
    said = [process.communicate(timeout=180)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert sorted(repository.requested) == sorted(CONTENT)
    assert damaged_jars(tmp_path, lock=LOCK) == ()


def test_without_network_and_cache_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JGO_CONFIG_FILE", str(configure_jgo(tmp_path / "jgo.conf", "http://127.0.0.1:9")))  # nobody listens there
    monkeypatch.setattr(jars, "RETRY_PAUSE_S", 0.01)
    with pytest.raises(DependencyError) as refused:
        ensure_jars(tmp_path / "cache", progress=Silent())
    assert refused.value.dependency == "Kafka jars"
    for advice in ("newsmon doctor --fetch", "[repositories]", "kafka.bootstrap_servers", str(tmp_path / "cache")):
        assert advice in str(refused.value)
    assert find_jars(tmp_path / "cache") is None


def test_cache_that_cannot_be_written_is_an_error_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(DependencyError, match=r"cannot write .*cache"):
        ensure_jars(tmp_path / "cache", lock=LOCK, progress=Silent())


def test_pinned_set_is_one_kafka_with_a_log_binding() -> None:
    lock = read_lock()
    coordinates = [jar.coordinate for jar in lock.jars]
    assert f"org.apache.kafka:kafka_2.13:{lock.kafka_version}" in coordinates
    assert any(coordinate.startswith("org.apache.logging.log4j:log4j-slf4j-impl:") for coordinate in coordinates)
    assert len({jar.file_name for jar in lock.jars}) == len(lock.jars)
    assert {coordinate.split(":")[2] for coordinate in coordinates if coordinate.startswith("org.apache.kafka:")} == {lock.kafka_version}
