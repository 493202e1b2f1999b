"""The jars of the Kafka broker, downloaded once into the user's cache.

In: JarLock, the pinned set. Out: KafkaJars. I/O: the cache directory; the Maven repository only while a jar is missing.

A jar is renamed into the directory once its SHA-256 is right, and the marker is written last. So a directory without a marker is
incomplete, and an interrupted download continues with the missing jars.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newsmon import paths
from newsmon.errors import DependencyError
from newsmon.kafka.broker.download_progress import FetchProgress, progress_for_terminal
from newsmon.kafka.broker.jar_lock import Jar, JarLock, read_lock, sha256_of
from newsmon.net.trust import requests_trust_the_system, why_untrusted

if TYPE_CHECKING:
    from jgo.maven import MavenContext

MARKER = "complete.json"
PARALLEL_FETCHES = 4
ATTEMPTS_PER_JAR = 3
RETRY_PAUSE_S = 1.0
READ_TIMEOUT_S = 20
# Enough for 45 MB over a slow line: a second process waits this long for the first one.
LOCK_WAIT_S = 900.0
LOCK_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class KafkaJars:
    """A complete set of jars."""

    directory: Path
    kafka_version: str
    file_names: tuple[str, ...]

    @property
    def classpath(self) -> str:
        return os.pathsep.join(str(self.directory / name) for name in self.file_names)


def find_jars(cache_dir: Path | None = None, *, lock: JarLock | None = None) -> KafkaJars | None:
    """The set if it is complete and no file has changed its size, else None. Uses no network and hashes nothing."""
    lock = lock or read_lock()
    directory = (cache_dir or paths.cache_dir()) / lock.directory_name
    try:
        marker = json.loads((directory / MARKER).read_bytes())
        whole = marker == _marker_of(lock) and all((directory / jar.file_name).stat().st_size == jar.size_bytes for jar in lock.jars)
    except (OSError, ValueError):
        return None
    return _set_in(directory, lock) if whole else None


def ensure_jars(cache_dir: Path | None = None, *, lock: JarLock | None = None, progress: FetchProgress | None = None) -> KafkaJars:
    """The complete set of jars; downloads what is missing.

    Two processes may call this at once: one downloads, the other waits. `progress` shows the download (default: a bar on a
    terminal, plain lines elsewhere). DependencyError if the Maven repository is unreachable or sends other bytes than those pinned,
    or if the cache cannot be written.
    """
    lock = lock or read_lock()
    found = find_jars(cache_dir, lock=lock)
    if found is not None:
        return found
    root = cache_dir or paths.cache_dir()
    directory = root / lock.directory_name
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _exclusive(root / f"{lock.directory_name}.lock"):
            found = find_jars(cache_dir, lock=lock)  # another process may have downloaded it while we waited
            return found or _complete(directory, lock, progress or progress_for_terminal())
    except OSError as error:
        hint = "Free some space, or set XDG_CACHE_HOME to a writable directory."
        raise DependencyError("Kafka jars", f"cannot write {directory}: {error}. {hint}") from error


def damaged_jars(cache_dir: Path | None = None, *, lock: JarLock | None = None) -> tuple[str, ...]:
    """The names of missing files and files whose content differs from the pinned one, sorted. Reads all files."""
    lock = lock or read_lock()
    directory = (cache_dir or paths.cache_dir()) / lock.directory_name
    return tuple(sorted(jar.file_name for jar in lock.jars if not _is_right(directory / jar.file_name, jar)))


def _complete(directory: Path, lock: JarLock, progress: FetchProgress) -> KafkaJars:
    (directory / MARKER).unlink(missing_ok=True)
    scratch = directory / "fetching"
    shutil.rmtree(scratch, ignore_errors=True)
    missing = [jar for jar in lock.jars if not _is_right(directory / jar.file_name, jar)]
    context = _maven_context(scratch, progress)
    whole_bytes = sum(jar.size_bytes for jar in missing)
    with requests_trust_the_system(), progress.fetching(lock.kafka_version, len(missing), whole_bytes):
        _fetch_all(context, missing, directory, progress)
    shutil.rmtree(scratch, ignore_errors=True)
    _write_durably(directory / MARKER, json.dumps(_marker_of(lock)).encode())
    return _set_in(directory, lock)


def _fetch_all(context: MavenContext, missing: list[Jar], directory: Path, progress: FetchProgress) -> None:
    with ThreadPoolExecutor(PARALLEL_FETCHES, thread_name_prefix="jar") as pool:
        futures = [pool.submit(_fetch, context, jar, directory, progress) for jar in missing]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _fetch(context: MavenContext, jar: Jar, directory: Path, progress: FetchProgress) -> None:
    group, artifact, version = jar.coordinate.split(":")
    wanted = context.project(group, artifact).at_version(version).artifact()
    scratch_file = wanted.cached_path
    assert scratch_file is not None  # the context has a repo_cache
    for attempt in range(1, ATTEMPTS_PER_JAR + 1):
        # The resolver writes in place and trusts any file it finds: half a file must not stay.
        scratch_file.unlink(missing_ok=True)
        try:
            wanted.resolve()
        except (OSError, RuntimeError) as error:  # requests' errors are OSErrors; the resolver's own "not found" is a RuntimeError
            if attempt == ATTEMPTS_PER_JAR or isinstance(error, RuntimeError) or why_untrusted(error) is not None:
                raise _unreachable(jar, directory, error) from error
            time.sleep(RETRY_PAUSE_S * attempt)
            continue
        if _is_right(scratch_file, jar):
            break
        progress.received(-jar.size_bytes)
        if attempt == ATTEMPTS_PER_JAR:
            raise DependencyError(
                "Kafka jars",
                f"{jar.file_name} differs from the file newsmon was tested with (SHA-256 {sha256_of(scratch_file)}, "
                f"expected {jar.sha256}). Check your mirror or proxy. The file was discarded.",
            )
    with scratch_file.open("rb") as file:
        os.fsync(file.fileno())
    scratch_file.replace(directory / jar.file_name)


def _unreachable(jar: Jar, directory: Path, error: Exception) -> DependencyError:
    untrusted = why_untrusted(error)
    remedy = "" if untrusted else "Connect this machine to the network and start again (`newsmon doctor --fetch` only downloads), or "
    return DependencyError(
        "Kafka jars",
        f"cannot download {jar.coordinate}: {untrusted or error}. The jars of the local broker (45 MB) are downloaded once, from the "
        f"Maven repository, into {directory}. {remedy or 'You can also '}"
        "name a mirror under [repositories] in ~/.config/jgo.conf, or copy that directory from another machine, "
        "or set kafka.bootstrap_servers to your own cluster.",
    )


def _maven_context(scratch: Path, progress: FetchProgress) -> MavenContext:
    """The Maven repositories: jgo's default one, and those that the user's jgo configuration adds or replaces."""
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext, PythonResolver

    @contextmanager
    def counting(_file_name: str, _size_bytes: int) -> Iterator[Callable[[int], None]]:
        received_bytes = 0

        def received(size_bytes: int) -> None:
            nonlocal received_bytes
            received_bytes += size_bytes
            progress.received(size_bytes)

        try:
            yield received
        except BaseException:
            progress.received(-received_bytes)
            raise

    context = MavenContext(PythonResolver(progress_callback=counting), repo_cache=scratch, timeout=READ_TIMEOUT_S)
    context.remote_repos.update(GlobalSettings.load().repositories)
    return context


def _is_right(path: Path, jar: Jar) -> bool:
    try:
        return path.stat().st_size == jar.size_bytes and sha256_of(path) == jar.sha256
    except FileNotFoundError:
        return False


def _marker_of(lock: JarLock) -> dict[str, object]:
    return {"kafka_version": lock.kafka_version, "files": {jar.file_name: [jar.size_bytes, jar.sha256] for jar in lock.jars}}


def _set_in(directory: Path, lock: JarLock) -> KafkaJars:
    return KafkaJars(directory, lock.kafka_version, tuple(jar.file_name for jar in lock.jars))


def _write_durably(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


@contextmanager
def _exclusive(lock_path: Path) -> Iterator[None]:
    deadline = time.monotonic() + LOCK_WAIT_S
    with lock_path.open("ab") as lock_file:
        while True:
            try:
                fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    held = f"another process has held {lock_path} for more than {LOCK_WAIT_S:.0f} s; check that process or end it"
                    raise DependencyError("Kafka jars", held) from None
                time.sleep(LOCK_POLL_S)
        yield
