"""A story that is opened again, because the processor lost its memory, is not told again to whoever had its match."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from sqlalchemy import Engine, update
from support.alerts import alert
from support.delivering import fill, outbox_rows
from support.receivers import receiver_settings
from support.samples import NOON

from newsmon.records import Alert, AlertReason
from sinks.database.engine import writing
from sinks.database.outbox_tables import outbox
from sinks.database.tables import alerts
from sinks.database.upsert import insert_new
from sinks.store.rows import rows_of

DESK, OTHER = receiver_settings("desk", "http://127.0.0.1:1/"), receiver_settings("other", "http://127.0.0.1:2/")


def stored(engine: Engine, *found: Alert) -> None:
    """As the store keeps them, beside the outbox."""
    with writing(engine) as connection:
        for one in found:
            insert_new(connection, alerts, [row for _table, row in rows_of(one, partition=0, offset=0)])


def caused_by(one: Alert, match_id: str, **changes: object) -> Alert:
    first = msgspec.structs.replace(one.articles[0], match_id=match_id)
    return msgspec.structs.replace(one, articles=(first, *one.articles[1:]), **changes)


def told(engine: Engine, of: Alert) -> dict[str, tuple[str, str | None]]:
    return {
        row.receiver: (row.state, row.reason) for row in outbox_rows(engine) if row.alert_id == of.alert_id and row.revision == of.revision
    }


def test_whoever_had_the_match_under_another_alert_does_not_get_it_again(engine: Engine) -> None:
    update_told = caused_by(alert(1), "m_b", revision=2)
    fill(engine, [update_told], [DESK])
    stored(engine, update_told)
    opened_again = caused_by(alert(2, raised_at=NOON + timedelta(hours=1)), "m_b")
    fill(engine, [opened_again], [DESK, OTHER])
    assert told(engine, opened_again) == {"desk": ("suppressed", "told_before"), "other": ("pending", None)}
    news = caused_by(alert(3), "m_c")
    fill(engine, [news], [DESK, OTHER])
    assert {state for state, _reason in told(engine, news).values()} == {"pending"}


def test_what_was_given_up_or_only_suppressed_is_told(engine: Engine) -> None:
    first = caused_by(alert(1), "m_b")
    fill(engine, [first], [DESK, OTHER])
    stored(engine, first)
    with writing(engine) as connection:
        connection.execute(update(outbox).where(outbox.c.receiver == "desk").values(state="dead"))
        connection.execute(update(outbox).where(outbox.c.receiver == "other").values(state="suppressed"))
    again = caused_by(alert(2), "m_b")
    fill(engine, [again], [DESK, OTHER])
    assert {state for state, _reason in told(engine, again).values()} == {"pending"}


def test_a_burst_and_the_alert_of_its_match_are_two_things_to_tell(engine: Engine) -> None:
    first = caused_by(alert(1), "m_b")
    fill(engine, [first], [DESK])
    stored(engine, first)
    burst = caused_by(alert(2), "m_b", reason=AlertReason.BURST)
    fill(engine, [burst], [DESK])
    assert told(engine, burst) == {"desk": ("pending", None)}
    stored(engine, burst)
    third = caused_by(alert(3), "m_d")
    fill(engine, [third], [DESK])
    assert told(engine, third) == {"desk": ("pending", None)}
