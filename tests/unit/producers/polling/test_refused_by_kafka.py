"""What the producer does when Kafka does not let it in at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsmon.errors import DependencyError, PublishError, RefusedError
from newsmon.kafka import publisher as publishing
from newsmon.net.monitoring import Health
from newsmon.settings import Settings
from newsmon.topics import ARTICLES
from producers.health.network_outage import NetworkOutage
from producers.polling.feed_states import FeedStates
from producers.polling.kafka_writer import KafkaWriter
from producers.polling.report_writer import ReportWriter
from producers.polling.slots import FeedSlots


@pytest.mark.parametrize("why", [DependencyError("Kafka", "no response"), RefusedError("Kafka", "refused access")])
async def test_no_feed_is_fetched_in_vain_while_kafka_lets_nobody_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, why: DependencyError
) -> None:
    """A password changed on the cluster concerns all feeds: polling each again and again brings nothing but load on its site."""

    def refuses(_settings: Settings, *, client_id: str) -> None:
        raise why

    monkeypatch.setattr(publishing, "open_producer", refuses)
    settings, slots = Settings(state_dir=tmp_path), FeedSlots()
    writer = KafkaWriter(settings)
    states = FeedStates(settings, ["wire"], quarantine=writer.quarantine, worker="test")
    reports = ReportWriter(writer, states, slots, NetworkOutage("test"), Health("producer"))
    publisher = writer._publisher
    with pytest.raises(PublishError) as failed:
        publisher.publish(ARTICLES, [publishing.Keyed(b"wire", b"{}")])
    reports._delay("wire", failed.value)
    assert slots.kafka_away
    assert reports.settled_count == 0
