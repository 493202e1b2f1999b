"""A row that an older version stored is the record's, although the record says more by now."""

from __future__ import annotations

from typing import Any

import pytest

from sinks.database.columns import DIGEST
from sinks.database.tables import alerts
from sinks.ledger.row_content import differences

NOW = {"article_id": "a_1", "title": "Duties on steel", "event_id": "e_1", "likeness": None}
THEN = {"article_id": "a_1", "title": "Duties on steel"}


def stored(*articles: dict[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(alerts.c.keys()) | {"articles": list(articles), DIGEST: None}


@pytest.mark.parametrize(
    ("articles", "told"),
    [
        pytest.param([THEN], (), id="stored before members had events"),
        pytest.param([NOW], (), id="stored since"),
        pytest.param([THEN | {"title": "Duties on wine"}], ("articles",), id="changed, stored before"),
        pytest.param([NOW | {"event_id": "e_2"}], ("articles",), id="another event"),
        pytest.param([NOW, THEN], ("articles",), id="one more"),
        pytest.param([], ("articles",), id="none"),
    ],
)
def test_articles_of_alerts_may_lack_what_was_not_known_when_they_were_stored(
    articles: list[dict[str, Any]], told: tuple[str, ...]
) -> None:
    assert differences(alerts, stored(*articles), {"articles": [NOW]}) == told
