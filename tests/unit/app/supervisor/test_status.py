"""What the live view says follows from what the processes export."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from datetime import timedelta

from rich.console import Console
from support.samples import NOON, every_record

from newsmon.app.supervisor.screen import status as status_module
from newsmon.app.supervisor.screen.layout import screen
from newsmon.app.supervisor.screen.log_file import screen_line
from newsmon.app.supervisor.screen.scrape import Sample
from newsmon.app.supervisor.screen.status import SHOWN, StageStatus, status_of, summary_fields
from newsmon.host.disks import MIB
from newsmon.log_lines import as_json
from newsmon.records import Alert

NOW_S = 1_000_000.0
STAGES = (StageStatus("producer", "up", 42, 9641, 0), StageStatus("store", "restart in 3 s", None, 9643, 2))


def samples() -> list[Sample]:
    def of(name: str, value: float, **labels: str) -> Sample:
        return Sample(f"newsmon_{name}", labels, value)

    feeds = {"fine": (3, NOW_S - 30), "late": (3, NOW_S - 4000), "bad": (5, 0.0), "new": (0, 0.0)}
    found = [of("feeds_configured", 4)]
    for feed, (polls, success) in feeds.items():
        found += [of("feed_fetches_total", polls, feed=feed, outcome="ok"), of("feed_fetches_total", 0, feed=feed, outcome="timeout")]
        found += [of("feed_last_success_timestamp_seconds", success, feed=feed), of("feed_poll_interval_seconds", 300, feed=feed)]
    found += [of("articles_ingested_total", 7, feed="fine"), of("articles_ingested_total", 2, feed="late")]
    found += [of("matches_total", 4, theme="us-trade"), of("stories_live", 3, theme="us-trade")]
    found += [of("alerts_raised_total", 2, theme="us-trade", severity="notice", state="opened")]
    found += [of("alert_deliveries_total", 2, sink="desk", outcome="delivered"), of("delivery_pending", 1, sink="desk")]
    found += [of("kafka_consumer_lag_messages", 5, group="newsmon-store", topic="t", partition="0")]
    return found


def test_a_status_needs_no_other_metrics_than_those_that_are_read() -> None:
    source = inspect.getsource(status_module)
    asked = set(re.findall(r'(?:total|by|per_feed|by_name\.get)\("([a-z_]+)"', source))
    assert asked
    assert {f"newsmon_{name}" for name in asked} == set(SHOWN)


def test_counts_and_feed_states_follow_from_the_samples() -> None:
    status = status_of(samples(), STAGES, now_s=NOW_S)
    assert (status.feeds.ok, status.feeds.late, status.feeds.failing, status.feeds.not_polled) == (1, 1, 1, 1)
    assert status.articles == 9
    assert status.matches == {"us-trade": 4}
    assert status.deliveries == {"desk": {"delivered": 2, "pending": 1}}
    fields = summary_fields(status)
    assert fields["lag"] == 5
    assert fields["stages_up"] == 1


def test_the_screen_shows_stages_feeds_themes_receivers_and_alerts() -> None:
    alert = next(record for record in every_record() if isinstance(record, Alert))
    console = Console(width=100, record=True, force_terminal=False)
    console.print(
        screen(status_of(samples(), STAGES, now_s=NOW_S), [alert], ["store: disk full"], title="t", now=NOON + timedelta(hours=1))
    )
    text = console.export_text()
    for expected in ("restart in 3 s", "1 failing", "us-trade", "desk", alert.title[:30], "disk full"):
        assert expected in text


def test_at_80_columns_no_heading_no_theme_and_no_count_is_cut_off() -> None:
    console = Console(width=80, record=True, force_terminal=False)
    themes = {"ukraine-peacekeeping": 12_345, "us-trade": 4}
    full = replace(status_of(samples(), STAGES, now_s=NOW_S), matches=themes, lag={"newsmon-store": 5, "newsmon-deliver": 0})
    for status in (full, replace(full, deliveries={})):
        console.print(screen(status, [], [], title="t", now=NOON))
    text = console.export_text()
    assert "…" not in text
    for whole in (
        "restart in 3 s",
        "restarts",
        ":9641",
        "ukraine-peacekeeping",
        "12,345",
        "waiting",
        "store 5",
        "pending",
        "none: try",
    ):
        assert whole in text
    assert "deliver 0" not in text


def test_receivers_are_shown_from_the_settings_before_deliver_has_counted_anything() -> None:
    console = Console(width=100, record=True, force_terminal=False)
    console.print(screen(status_of([], STAGES, now_s=NOW_S, receivers=("desk",)), [], [], title="t", now=NOON))
    text = console.export_text()
    assert "desk" in text
    assert "none: try" not in text


def test_only_warnings_reach_the_screen() -> None:
    assert screen_line("store", '{"event": "x", "level": "info"}') is None
    assert screen_line("store", '{"event": "x", "level": ["info"]}') is None  # somebody else's line must not end the thread that reads
    assert (
        screen_line("store", '{"event": "store.slow", "level": "warning", "reason": "disk", "stage": "store"}')
        == "store: store.slow reason=disk"
    )
    assert screen_line("store", as_json("newsmon: f.toml:key: wrong", "store")) == "store: newsmon: f.toml:key: wrong"
    assert screen_line("store", as_json("Traceback (most recent call last):\n  File x\nValueError: no", "store")) == "store: ValueError: no"
    assert screen_line("store", as_json("a library's remark", "store")) is None


def test_what_stops_everything_stands_on_the_screen() -> None:
    well = [Sample("newsmon_kafka_up", {"stage": "run"}, 1), Sample("newsmon_disk_space_level", {"disk": "state"}, 0)]
    ill = [
        Sample("newsmon_kafka_up", {"stage": "run"}, 0), Sample("newsmon_database_up", {"sink": "store"}, 0),
        Sample("newsmon_disk_space_level", {"disk": "state"}, 2), Sample("newsmon_disk_free_bytes", {"disk": "state"}, 100 * MIB),
    ]  # fmt: skip
    for found, shown in ((well, False), (ill, True)):
        console = Console(width=80, record=True, force_terminal=False)
        status = status_of([*samples(), *found], STAGES, now_s=NOW_S)
        console.print(screen(status, [], [], title="t", now=NOON))
        text = console.export_text()
        assert ("does not answer" in text) is shown
        assert ("100 MiB free" in text) is shown
        assert summary_fields(status)["kafka"] == ("lost" if shown else "up")


def test_refused_theme_and_word_files_stand_on_the_screen() -> None:
    def shown(*more: Sample) -> str:
        console = Console(width=100, record=True, force_terminal=False)
        console.print(screen(status_of([*samples(), *more], STAGES, now_s=NOW_S), [], [], title="t", now=NOON))
        return console.export_text()

    ok, refused = (Sample("newsmon_config_last_reload_successful", {}, value) for value in (1.0, 0.0))
    assert "refused" not in shown(ok, Sample("newsmon_word_files_refused", {}, 0.0))
    assert "theme files" in shown(refused)
    assert "word files" in shown(ok, Sample("newsmon_word_files_refused", {}, 1.0))
