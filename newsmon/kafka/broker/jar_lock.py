"""The pinned jars that make a Kafka broker: name, size and SHA-256 of each, kept in `jars.json` next to this file.

In: jars.json. Out: JarLock. I/O: that one file. To raise the Kafka version, run this module by hand, which asks the Maven
repository: `python -Im newsmon.kafka.broker.jar_lock 4.4.1 > newsmon/kafka/broker/jars.json`.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

LOCK_PATH = Path(__file__).with_name("jars.json")

# kafka_2.13 logs through slf4j and leaves the choice of the backend to us. Without one, a broker that fails to start logs nothing.
LOG_BINDING = "org.apache.logging.log4j:log4j-slf4j-impl"
LOG_CORE = ("org.apache.logging.log4j", "log4j-core")


@dataclass(frozen=True, slots=True)
class Jar:
    """One file of the set; `coordinate` is group:artifact:version."""

    coordinate: str
    file_name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class JarLock:
    """All jars of one Kafka version; `digest` identifies exactly this set."""

    kafka_version: str
    jars: tuple[Jar, ...]

    @property
    def size_bytes(self) -> int:
        return sum(jar.size_bytes for jar in self.jars)

    @property
    def digest(self) -> str:
        return hashlib.sha256("".join(sorted(jar.sha256 for jar in self.jars)).encode()).hexdigest()[:12]

    @property
    def directory_name(self) -> str:
        return f"kafka-{self.kafka_version}-{self.digest}"


@cache
def read_lock(path: Path = LOCK_PATH) -> JarLock:
    """The pinned set."""
    content = json.loads(path.read_bytes())
    return JarLock(content["kafka_version"], tuple(Jar(**jar) for jar in content["jars"]))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pin(kafka_version: str) -> JarLock:
    """The set for a Kafka version as the Maven repository resolves it now. Downloads everything into a temporary directory."""
    from jgo.maven import MavenContext, PythonResolver

    with tempfile.TemporaryDirectory() as scratch:
        resolver = PythonResolver()
        context = MavenContext(resolver, repo_cache=Path(scratch))
        broker = context.create_dependency(f"org.apache.kafka:kafka_2.13:{kafka_version}")
        _, resolved = resolver.resolve([broker])
        core = next(dep for dep in resolved if (dep.groupId, dep.artifactId) == LOG_CORE)
        binding = context.create_dependency(f"{LOG_BINDING}:{core.version}")
        jars = []
        for dependency in (broker, *resolved, binding):
            path = dependency.artifact.resolve()
            coordinate = f"{dependency.groupId}:{dependency.artifactId}:{dependency.version}"
            jars.append(Jar(coordinate, path.name, path.stat().st_size, sha256_of(path)))
        return JarLock(kafka_version, tuple(sorted(jars, key=lambda jar: jar.coordinate)))


if __name__ == "__main__":
    json.dump(asdict(pin(sys.argv[1])), sys.stdout, indent=1)
    sys.stdout.write("\n")
