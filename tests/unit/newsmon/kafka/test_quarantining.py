"""Whatever bytes others put on a topic reach quarantine: a record that a client refuses would stop its reader for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.future import Future

from newsmon.errors import PublishError
from newsmon.kafka import publisher as publishing
from newsmon.kafka.limits import MAX_RECORD_BYTES
from newsmon.kafka.publisher import Keyed, Publisher
from newsmon.kafka.quarantining import publish_quarantined
from newsmon.quarantine import Quarantined, QuarantineReason, Stage
from newsmon.settings import Settings
from newsmon.topics import Topic


def quarantined(key: bytes | None, value: bytes | None, offset: int = 0) -> Quarantined:
    return Quarantined(
        stage=Stage.STORE, reason=QuarantineReason.NOT_JSON, topic="news.articles", partition=0, offset=offset, error="not JSON",
        at=datetime(2026, 11, 30, tzinfo=UTC), worker="store@host", key=key, value=value,
    )  # fmt: skip


class Client:
    """A KafkaProducer without a broker: it checks records as the real one does, and acknowledges the others."""

    def __init__(self) -> None:
        self.taken: list[tuple[bytes | None, bytes | None]] = []

    def send(self, _topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]) -> Future:
        if key is None and value is None:
            raise ValueError("Need at least one: key or value")
        checked: Any = type("Sizes", (), {"config": {"max_request_size": MAX_RECORD_BYTES}})
        size = len(key or b"") + len(value or b"") + sum(len(name) + len(text) for name, text in headers)
        KafkaProducer._ensure_valid_record_size(checked, size)
        self.taken.append((key, value))
        return Future().success(None)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    made = Client()
    monkeypatch.setattr(publishing, "open_producer", lambda _settings, **_options: made)
    return made


def test_records_that_no_client_sends_as_they_are_reach_quarantine(client: Client) -> None:
    huge = b"x" * (MAX_RECORD_BYTES + 1)  # compressed it went through; the reader unpacks it
    records = [quarantined(None, None), quarantined(b"k", b"bad", 1), quarantined(b"k", huge, 2), quarantined(huge, None, 3)]
    publish_quarantined(Publisher(Settings(), client_id="test"), records)
    whole = [(key, value) for key, value in client.taken if len(value or b"") < 100]
    cut = [value for _key, value in client.taken if len(value or b"") >= 100]
    assert {(b"", None), (b"k", b"bad"), (None, b"")} <= set(whole)
    assert cut == [huge[: len(cut[0] or b"")]]


def test_what_kafka_does_not_acknowledge_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    publisher = Publisher(Settings(), client_id="test")

    def refuses(topic: Topic, _records: Sequence[Keyed]) -> None:
        raise PublishError(topic.base_name, "not acknowledged", retryable=True)

    monkeypatch.setattr(publisher, "publish", refuses)
    with pytest.raises(PublishError):
        publish_quarantined(publisher, [quarantined(b"k", b"bad")])
