"""A state directory that a `newsmon run` has filled, packed into one small file: what an upgrade starts from.

`python -m support.filled_state NEWSMON OUT.tar.xz` (from `tests/`) runs the command NEWSMON until every article is stored and one alert
waits for a receiver that is down, stops it and packs its state. Each version packs its own before the next one is published
(docs/releasing.md). Topics keep their records forever, so that the file does not expire.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from newsmon.app.listener import Answer
from support.monitor import FeedHost, Monitor, accepted_titles, eventually, new_secret, receiving, write_settings

LEFT_OUT = ("children.json", "owner.lock", "faust", "log")
DELIVERED = "Bostria to lift defence spending to 3.5 per cent of GDP by 2032"
PENDING = "Canberra weighs troops for a Ukraine peacekeeping force after a ceasefire"
ITEMS = {
    "/one": [
        ("Harbour festival opens with record crowd", "Organisers expect forty thousand visitors over the weekend."),
        (DELIVERED, "Its defence budget will reach 3.5 per cent of GDP, the finance minister of Bostria told parliament on Tuesday."),
        ("Washington sets 25 per cent tariff on steel imports", "The US tariffs on steel take effect in March, the White House said."),
    ],
    "/two": [(DELIVERED, "Its defence budget will reach 3.5 per cent of GDP, the finance minister of Bostria told parliament on Tuesday.")],
}
LATER = (PENDING, "Australia would send peacekeeping troops to Ukraine once a ceasefire holds, the prime minister said.")


def fill(command: tuple[str, ...], directory: Path) -> Path:
    """Run `command` in `directory` and return its state directory, stopped cleanly: all stored, one alert delivered, one pending."""
    secret = new_secret()
    items = {path: list(entries) for path, entries in ITEMS.items()}
    with FeedHost(items) as host, receiving(secret) as receiver:
        monitor = write_settings(directory, feeds={"one": host.url("/one"), "two": host.url("/two")}, receiver=receiver, secret=secret)
        monitor = Monitor(directory, monitor.environ, command)
        monitor.start()
        try:
            eventually("the first alerts", lambda: DELIVERED in accepted_titles(receiver), log=lambda: monitor.log)
            eventually("both alerts settled", lambda: rows(monitor, "outbox", "state = 'delivered'") >= 2, log=lambda: monitor.log)
            receiver.answer_next(*[Answer(status=503)] * 9)
            items["/one"].append(LATER)
            eventually(
                "a refused alert", lambda: rows(monitor, "outbox", "state = 'pending' AND attempt_count > 0") == 1, log=lambda: monitor.log
            )
            eventually("every attempt published", lambda: rows(monitor, "attempts", "not published") == 0, log=lambda: monitor.log)
            keep_for_ever(monitor)
        finally:
            code = monitor.stop()
    assert code == 0, monitor.log[-4000:]
    return monitor.state_dir


def rows(monitor: Monitor, table: str, where: str) -> int:
    """Count rows, 0 while there is no such table yet."""
    file = monitor.state_dir / "newsmon.db"
    if not file.exists():
        return 0
    with closing(sqlite3.connect(file, timeout=60)) as connection:
        try:
            return int(connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def keep_for_ever(monitor: Monitor) -> None:
    """Lift the retention of every topic of the running broker."""
    from kafka import KafkaAdminClient
    from kafka.admin import ConfigResource, ConfigResourceType

    port = json.loads((monitor.state_dir / "kafka" / "ports.json").read_text())["client"]
    admin = KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port}")
    try:
        names = [name for name in admin.list_topics() if name.startswith("news.")]
        assert names
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs={"retention.ms": "-1"}) for name in names])
    finally:
        admin.close()


def pack(state: Path, target: Path) -> None:
    """Write the state directory as `state/` into one archive, without locks, caches and Kafka's own log files."""

    def kept(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        return None if Path(entry.name).name in LEFT_OUT else entry

    with tarfile.open(target, "w:xz", preset=9) as archive:
        archive.add(state, "state", filter=kept)


if __name__ == "__main__":
    newsmon, out = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        pack(fill((newsmon,), Path(scratch)), Path(out))
