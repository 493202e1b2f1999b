"""What a refusal to create topics means: wait for the cluster, or tell that the settings are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kafka.errors import (
    BrokerResponseError,
    ClusterAuthorizationFailedError,
    InvalidReplicationFactorError,
    NotControllerError,
    PolicyViolationError,
)

from newsmon.errors import DependencyError, SettingsError
from newsmon.kafka import admin as topics_admin
from newsmon.settings import KafkaSettings, Settings
from newsmon.topics import ARTICLES

CLUSTER = Settings(kafka=KafkaSettings(bootstrap_servers=("one:9092", "two:9092", "three:9092"), replication=3))


class Admin:
    """A cluster without topics that refuses to create any."""

    def __init__(self, refusal: type[BrokerResponseError]) -> None:
        self._refusal = refusal

    def describe_topics(self, _names: list[str]) -> list[dict[str, Any]]:
        return []

    def create_topics(self, wanted: dict[str, Any], **_options: object) -> dict[str, Any]:
        return {"topics": [{"name": name, "error_code": self._refusal.errno, "error_message": "no"} for name in wanted]}


@pytest.mark.parametrize(
    ("settings", "refusal", "raised"),
    [
        (CLUSTER, NotControllerError, DependencyError),
        (CLUSTER, InvalidReplicationFactorError, DependencyError),  # the first of three brokers has started
        (Settings(), InvalidReplicationFactorError, SettingsError),  # newsmon's own broker stays the only one
        (CLUSTER, PolicyViolationError, SettingsError),
        (CLUSTER, ClusterAuthorizationFailedError, SettingsError),
    ],
)
def test_a_cluster_that_is_still_starting_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, refusal: type[BrokerResponseError], raised: type[Exception]
) -> None:
    @contextmanager
    def admin(_settings: Settings) -> Iterator[Admin]:
        yield Admin(refusal)

    monkeypatch.setattr(topics_admin, "admin_client", admin)
    with pytest.raises(raised):
        topics_admin.ensure_topics(settings, [ARTICLES])
