"""The layout of the live view: a Status and the newest alerts as one screen of rich tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from newsmon.app.supervisor.screen.status import Status
from newsmon.host.disks import in_words
from newsmon.records import Alert, Severity

STATE_STYLE = {"up": "green", "starting": "yellow", "stopped": "dim", "draining": "yellow"}
NOBODY = "_none"  # stands for "no receiver configured" in the metrics
SHARES = (43, 31)  # of the width: at 80 columns a theme's name and counts just fit
SEVERITY_STYLE = {Severity.FLASH: "bold white on red", Severity.URGENT: "bold yellow", Severity.NOTICE: "cyan"}


def screen(status: Status, alerts: Sequence[Alert], last_lines: Sequence[str], *, title: str, now: datetime) -> RenderableType:
    """Everything on one screen, made for 100 columns and complete at 80. `now` only gives the age of the alerts."""
    upper = Table.grid(expand=True, padding=(0, 1))
    for share in SHARES:
        upper.add_column(ratio=share)
    upper.add_row(_stages(status), _intake(status))
    upper.add_row(_themes(status), _receivers(status))
    parts: list[RenderableType] = [upper, Panel(_alerts(alerts, now), title="newest alerts", title_align="left", border_style="dim")]
    if last_lines:
        log = Text("\n".join(line[:200] for line in last_lines), style="yellow", no_wrap=True, overflow="ellipsis")
        parts.append(Panel(log, title="warnings", title_align="left", border_style="dim"))
    return Panel(Group(*parts), title=Text(title), subtitle="Ctrl-C drains and stops", border_style="blue")


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", expand=True, box=None, title_style="bold", header_style="dim", pad_edge=False)
    table.collapse_padding = True
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right", no_wrap=True)
    return table


def _stages(status: Status) -> Table:
    table = _table("stages", "", "state", "restarts", "port")
    for stage in status.stages:
        state = Text(stage.state, style=STATE_STYLE.get(stage.state, "red"))
        table.add_row(stage.stage, state, str(stage.restart_count or ""), f":{stage.port}" if stage.port else "")
    return table


def _intake(status: Status) -> Table:
    table = _table("since start", "", "")
    feeds = status.feeds
    states = [
        (feeds.ok, "ok", "green"),
        (feeds.late, "late", "yellow"),
        (feeds.failing, "failing", "red"),
        (feeds.not_polled, "not polled", "dim"),
    ]
    lines = Text("\n").join(Text(f"{count} {word}", style=style) for count, word, style in states if count)
    for what, trouble in _troubles(status):
        table.add_row(what, Text(trouble, style="bold red"))
    table.add_row(f"feeds ({feeds.configured})" if feeds.configured else "feeds", lines)
    if feeds.failing and feeds.failing == feeds.configured:
        table.add_row("", Text("no feed responds: check the network", style="red"))
    table.add_row("polls", f"{status.polls:,}")
    table.add_row("articles", f"{status.articles:,}")
    table.add_row("classified", f"{status.classified:,}")
    table.add_row("matched", f"{status.matched:,}")
    table.add_row("quarantined", Text(f"{status.quarantined:,}", style="red" if status.quarantined else ""))
    lag = "\n".join(f"{group.rpartition('-')[2]} {count:,}" for group, count in sorted(status.lag.items()) if count)
    table.add_row("waiting", lag or ("0" if status.lag else "-"))
    return table


def _troubles(status: Status) -> Iterator[tuple[str, str]]:
    """What stops or will stop everything, and what waits for a person, first on the screen."""
    if status.kafka_lost:
        yield "Kafka", "does not answer"
    if status.database_lost:
        yield "database", "does not answer"
    for disk, free_bytes in sorted(status.disks.items()):
        yield f"disk ({disk})", f"{in_words(free_bytes)} free"
    if status.themes_refused:
        yield "theme files", "refused"
    if status.words_refused:
        yield "word files", "refused"


def _themes(status: Status) -> Table:
    table = _table("themes", "", "matches", "stories", "alerts")
    for theme in sorted(status.matches):
        alerts = status.alerts.get(theme, 0)
        table.add_row(theme, f"{status.matches[theme]:,}", f"{status.stories_live.get(theme, 0):,}", f"{alerts:,}")
    return table


def _receivers(status: Status) -> Table:
    configured: dict[str, dict[str, int]] = {receiver: {} for receiver in status.receivers}
    configured |= {receiver: counts for receiver, counts in status.deliveries.items() if receiver != NOBODY}
    if not configured:
        nobody = _table("receivers", "")
        nobody.add_row(Text("none: try `newsmon listen`", style="dim"))
        return nobody
    table = _table("receivers", "", "sent", "pending", "dead")
    for receiver, counts in sorted(configured.items()):
        dead = counts.get("dead", 0)
        table.add_row(
            receiver, f"{counts.get('delivered', 0):,}", f"{counts.get('pending', 0):,}", Text(f"{dead:,}", style="red" if dead else "")
        )
    return table


def _alerts(alerts: Sequence[Alert], now: datetime) -> RenderableType:
    if not alerts:
        return Text("none yet", style="dim")
    table = Table(box=None, expand=True, show_header=False, pad_edge=False)
    for width in (6, 7, 20):
        table.add_column(no_wrap=True, min_width=width)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for alert in alerts:
        age_min = int((now - alert.raised_at).total_seconds() // 60)
        because = ", ".join(dict.fromkeys(evidence.text for evidence in alert.evidence[:4]))
        text = Text.assemble(alert.title, (f"  ({alert.source_count} sources) ", "dim"), (because, "italic dim"))
        table.add_row(
            f"{age_min}m" if age_min < 600 else f"{age_min // 60}h",
            Text(alert.severity, style=SEVERITY_STYLE[alert.severity]),
            alert.theme_id,
            text,
        )
    return table
