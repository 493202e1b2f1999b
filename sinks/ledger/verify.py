"""`newsmon verify`: rebuilds the ledger from the database and, if a broker answers, from the log.

In: settings. Out: a Ledger. I/O: the database, Kafka.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from newsmon.errors import DependencyError
from newsmon.kafka.address import bootstrap_servers
from newsmon.kafka.probe import Answer, probe
from newsmon.settings import Settings
from newsmon.topics import ALERTS, QUARANTINE, Topic
from sinks.database.engine import create_engine_for, reading
from sinks.database.losses import replaced_topics
from sinks.database.offsets import read_offsets
from sinks.database.schema import check_schema
from sinks.ledger import decisions, delivery, intake
from sinks.ledger.balance import Ledger, Line
from sinks.ledger.contents import contents
from sinks.ledger.log_check import check_topic
from sinks.ledger.log_ends import CATCH_UP_S, LogEnds, look_at_log, wait_for_store
from sinks.ledger.log_rows import LogProof
from sinks.ledger.positions import Positions, all_positions, losses_line, positions_line, written_line
from sinks.ledger.tally import Horizon
from sinks.store.service import NAME, STORED

DELIVER = "deliver"


def verify(
    settings: Settings, *, since: datetime | None, with_log: bool, catch_up_s: float = CATCH_UP_S, fill_digests: bool = False
) -> Ledger:
    """The whole ledger. DependencyError when the database, or a broker named in the settings, is out of reach.

    newsmon's own broker may be stopped; then the log is skipped and the ledger says so. With `fill_digests`, rows that are older
    than digests and say what the log says get theirs; otherwise nothing is written.
    """
    engine = create_engine_for(settings, must_exist=True)
    try:
        check_schema(engine)
        skipped = None if with_log else "--no-log"
        ends: LogEnds | None = None
        with reading(engine) as connection:
            positions = all_positions(connection)  # before the log is looked at: a store at work is never beyond its ends
        if with_log:
            skipped = own_broker_is_down(settings)
            ends = None if skipped else look_at_log(settings)
        behind = 0
        if ends is not None:
            behind = wait_for_store(settings, engine, ends, consumer=NAME, topics=STORED, within_s=catch_up_s)
        lines = [*_database_lines(settings, engine, _horizon(ends, since, behind)), *_position_lines(settings, engine, positions, ends)]
        with reading(engine) as connection:
            proof = LogProof(fill=fill_digests, replaced=replaced_topics(connection))
        log_lines = [] if ends is None else _log_lines(settings, engine, ends, since, catch_up_s, proof)
        with reading(engine) as connection:
            lines += [contents(connection, Horizon(since), proof), *log_lines]
        shown = engine.url.render_as_string(hide_password=True)
        return Ledger(shown, since.isoformat() if since else None, tuple(lines), log_skipped=skipped, behind_count=behind)
    finally:
        engine.dispose()


def _position_lines(settings: Settings, engine: Engine, positions: Positions, ends: LogEnds | None) -> list[Line]:
    with reading(engine) as connection:
        lines = [positions_line(positions, ends), losses_line(connection)]
        if ends is not None:
            names = [topic.named(settings.kafka.topic_prefix) for topic in STORED]
            lines.append(written_line(connection, all_positions(connection), ends, NAME, names))
        return lines


def own_broker_is_down(settings: Settings) -> str | None:
    """The reason why the log of newsmon's own broker cannot be read now; None when it answers, or the settings name a cluster."""
    if not settings.starts_own_kafka:
        return None
    try:
        host, _, port = bootstrap_servers(settings)[0].rpartition(":")
    except DependencyError:
        return "newsmon's own broker was never started for this state directory"
    answer = probe(host, int(port)).answer
    return None if answer is Answer.READY else f"newsmon's own broker is not running ({host}:{port} is {answer.value})"


def _horizon(ends: LogEnds | None, since: datetime | None, behind: int) -> Horizon:
    if ends is None:
        return Horizon(since)
    if behind:  # the store stage still lacks some of the log: nothing can be called missing from the rows alone
        return Horizon(since, ends={}, processed={})
    return ends.horizon(since)


def _database_lines(settings: Settings, engine: Engine, horizon: Horizon) -> list[Line]:
    with reading(engine) as connection:
        stored = read_offsets(connection, DELIVER)
        alerts_name = ALERTS.named(settings.kafka.topic_prefix)
        read = {partition: offset for (topic, partition), offset in stored.items() if topic == alerts_name}
        return [
            *(line(connection, horizon) for line in intake.LINES),
            *(line(connection, horizon) for line in decisions.LINES),
            delivery.fanned_out(connection, horizon, read),
            delivery.owed(connection, horizon),
            delivery.messages(connection, horizon),
            delivery.proven(connection, horizon),
        ]


def _log_lines(
    settings: Settings, engine: Engine, ends: LogEnds, since: datetime | None, catch_up_s: float, proof: LogProof
) -> list[Line]:  # fmt: skip
    # The store stage may have quarantined records after we read the ends, so read them again.
    later = look_at_log(settings)
    wait_for_store(settings, engine, later, consumer=NAME, topics=(QUARANTINE,), within_s=catch_up_s)
    with reading(engine) as connection:
        stored = read_offsets(connection, NAME)

    def reached(topic: Topic) -> dict[int, int]:
        name = topic.named(settings.kafka.topic_prefix)
        return {partition: offset for (stored_topic, partition), offset in stored.items() if stored_topic == name}

    return [check_topic(settings, engine, topic, ends, reached(topic), since, proof) for topic in STORED]
