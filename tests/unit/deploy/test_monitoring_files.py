"""Alert rules and dashboard speak of metrics, labels and label values that the code really has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from support.monitoring_files import DASHBOARD, PANEL_QUERIES, PANELS, PROMETHEUS
from support.places import DEPLOY

from newsmon.metrics import REGISTRY, AckAnswer, AttemptCode
from newsmon.net.listening import USUAL_PORTS
from newsmon.quarantine import QuarantineReason
from newsmon.records import DeliveryOutcome, DueReason, FetchResult, NoticeKind, NoticeState
from producers.health.feed_health import FeedHealth
from sinks.database.faults import SinkFault

RULES = (PROMETHEUS / "rules.yml").read_text("utf-8")
SCRAPED = {"job", "instance", "process"}
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count"), "info": ("_info",)}
VALUES = {
    ("newsmon_ack_requests_total", "answer"): {answer.value for answer in AckAnswer},
    ("newsmon_feed_fetches_total", "outcome"): {result.value for result in FetchResult},
    ("newsmon_alert_deliveries_total", "outcome"): {outcome.value for outcome in DeliveryOutcome},
    ("newsmon_alert_delivery_attempts_total", "code"): {code.value for code in AttemptCode},
    ("newsmon_sink_errors_total", "reason"): {fault.value for fault in SinkFault},
    ("newsmon_feeds", "health"): {word.value for word in FeedHealth},
    ("newsmon_notices_total", "kind"): {kind.value for kind in NoticeKind},
    ("newsmon_notices_total", "state"): {state.value for state in NoticeState},
    ("newsmon_polls_planned_total", "reason"): {reason.value for reason in DueReason},
    ("newsmon_quarantined_records_total", "reason"): {reason.value for reason in QuarantineReason},
}


def exported() -> dict[str, set[str]]:
    """Series name -> labels, as the processes export them."""
    series: dict[str, set[str]] = {"up": set()}
    for collector in list(REGISTRY._collector_to_names):
        name, labels = getattr(collector, "_name", ""), set(getattr(collector, "_labelnames", ()))
        if name.startswith("newsmon_"):
            kind = getattr(collector, "_type", "")
            for suffix in SUFFIXES[kind]:
                series[name + suffix] = labels | ({"le"} if suffix == "_bucket" else set())
    return series


SERIES = exported()


def rule_expressions() -> Iterator[tuple[str, str]]:
    for block in re.split(r"\n(?= *- (?:alert|record):)", RULES)[1:]:
        name = re.search(r"- (?:alert|record): (\S+)", block)
        found = re.search(r"expr: (?:\|\n((?: {10,}.*\n)+)|(.+)\n)", block)
        assert name, block
        assert found, block
        yield name[1], found[1] or found[2]


RULE_QUERIES = list(rule_expressions())
QUERIES = RULE_QUERIES + PANEL_QUERIES
ALERTS = re.findall(r"- alert: (\S+)", RULES)


def selectors(query: str) -> list[tuple[str, str]]:
    return re.findall(r"\b(newsmon_\w+|up\b)(?:\{([^}]*)\})?", query)


def complaints(query: str) -> list[str]:
    """What a query says that the code does not export: names, labels, label values."""
    wrong, known = [], set(SCRAPED)
    for name, matchers in selectors(query):
        if name not in SERIES:
            wrong.append(f"no metric {name}")
            continue
        known |= SERIES[name]
        for label, value in re.findall(r'(\w+)\s*[!=]~?\s*"([^"]*)"', matchers):
            if label not in SERIES[name] | SCRAPED:
                wrong.append(f"{name} has no label {label}")
            allowed = VALUES.get((name, label))
            if allowed is not None:
                wrong += [f"{name}: no {label} {part}" for part in value.split("|") if part not in allowed]
        if name.endswith("_total") and not re.search(rf"(?:rate|increase)\({name}\b", query):
            wrong.append(f"{name} is a counter, used without rate or increase")
    for group in re.findall(r"\b(?:by|on) \(([^)]*)\)", query):
        wrong += [f"no label {label}" for label in re.split(r",\s*", group) if label and label not in known]
    return wrong


@pytest.mark.parametrize(("where", "query"), QUERIES)
def test_a_query_names_only_series_labels_and_values_that_exist(where: str, query: str) -> None:
    assert complaints(query) == []
    assert selectors(query) or where == "NewsmonWatchdog" or query == "feed:stale"


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("rate(newsmon_matches[5m])", "no metric newsmon_matches"),
        ('newsmon_stage_up{sink="a"}', "newsmon_stage_up has no label sink"),
        ("newsmon_matches_total > 3", "newsmon_matches_total is a counter, used without rate or increase"),
        ('rate(newsmon_alert_deliveries_total{outcome="expired"}[5m])', "newsmon_alert_deliveries_total: no outcome expired"),
        ("sum by (feed) (newsmon_stage_up)", "no label feed"),
        ('newsmon_feeds{health="ill"}', "newsmon_feeds: no health ill"),
    ],
)
def test_a_query_that_speaks_of_nothing_real_is_found(query: str, complaint: str) -> None:
    assert complaint in complaints(query)


def test_every_alert_has_a_severity_a_summary_and_a_paragraph_that_says_what_to_do() -> None:
    readme = (DEPLOY / "README.md").read_text("utf-8")
    assert len(ALERTS) == len(set(ALERTS)) > 10
    assert len(re.findall(r"severity: \w+", RULES)) == len(ALERTS) == RULES.count("summary:")
    assert [name for name in ALERTS if f"README.md#{name.lower()}\n" not in RULES] == []
    assert [name for name in ALERTS if f"### {name}\n" not in readme] == []


def test_prometheus_scrapes_every_process_where_it_usually_serves() -> None:
    for file, host in (("targets.yml", "localhost"), ("targets-compose.yml", "newsmon")):
        text = (PROMETHEUS / file).read_text("utf-8")
        found = re.findall(rf'targets: \["{host}:(\d+)"\]\n  labels:\n    process: (\w+)', text)
        assert {process: int(port) for port, process in found} == USUAL_PORTS


def test_every_alert_is_tried_by_a_rule_test() -> None:
    tried = (PROMETHEUS / "rules_test.yml").read_text("utf-8")
    assert [name for name in ALERTS if name not in tried] == []


def test_the_dashboard_finds_its_data_source_and_its_targets_by_variables() -> None:
    variables = {one["name"]: one for one in DASHBOARD["templating"]["list"]}
    assert list(variables) == ["datasource", "job", "instance"]
    assert variables["datasource"]["query"] == "prometheus"
    for name in ("job", "instance"):
        assert (variables[name]["multi"], variables[name]["allValue"], variables[name]["refresh"]) == (True, ".+", 2)
    assert DASHBOARD["editable"] is False
    assert "__inputs" not in DASHBOARD


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_says_what_it_shows_in_which_unit_for_the_chosen_targets(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"] in {"none", "short", "s", "ops", "percentunit"}
    assert panel["targets"]
    assert panel["datasource"]["uid"] == "${datasource}"
    for target in panel["targets"]:
        assert target["datasource"]["uid"] == "${datasource}"
        for _name, matchers in selectors(target["expr"]):
            assert matchers.startswith('job=~"$job", instance=~"$instance"')
        assert all(window == "$__rate_interval" for window in re.findall(r"\brate\([^[]+\[([^]]+)\]", target["expr"]))


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    everything = DASHBOARD["panels"]
    assert len({panel["id"] for panel in everything}) == len(everything)
    cells = [
        (x, y)
        for panel in everything
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _y in cells) < 24


def test_every_way_to_refuse_an_acknowledgement_that_is_ours_to_mend_is_alerted_on() -> None:
    told = {value for _name, query in RULE_QUERIES for _metric, matchers in selectors(query) if "answer" in matchers
            for value in matchers.split('"')[1].split("|")}  # fmt: skip
    harmless = {"shown", "acknowledged", "repeated", "expired", "no_such_page", "too_large"}
    assert told | harmless == {answer.value for answer in AckAnswer}
    assert not told & harmless


PRODUCER_SERIES = (
    "newsmon_feed_gaps_total",
    "newsmon_network_away",
    "newsmon_feeds",
    "newsmon_feed_well",
    "newsmon_notices_total",
    "newsmon_feeds_moved",
    "newsmon_feeds_rejecting",
)


@pytest.mark.parametrize("name", PRODUCER_SERIES)
def test_what_a_producer_says_of_sick_feeds_is_shown_and_alerted_on(name: str) -> None:
    for queries in (RULE_QUERIES, PANEL_QUERIES):
        assert any(name in dict(selectors(query)) for _where, query in queries)
