"""A rehearsal as lines for a terminal: messages by day, theme and severity, then each message with its reason, story and members."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsmon.app.cli.printing import escape_controls
from newsmon.records import Alert, Member, Severity
from processors.replay.inbox import Inbox, Joined, Message

WEEK = timedelta(days=7)
SEVERITIES = (Severity.NOTICE, Severity.URGENT, Severity.FLASH)


@dataclass(slots=True)
class Span:
    """What was read: how many articles, from when to when, and how many lines gave none."""

    article_count: int = 0
    bad_line_count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    def add(self, at: datetime) -> None:
        self.article_count += 1
        self.first_at = self.first_at or at
        self.last_at = at

    @property
    def length(self) -> timedelta:
        """At least an hour, so that a rate means something."""
        return max(self.last_at - self.first_at, timedelta(hours=1)) if self.first_at and self.last_at else timedelta(hours=1)


def page(name: str, span: Span, inbox: Inbox) -> Iterator[str]:
    """All lines, safe to print."""
    yield from map(escape_controls, _lines(name, span, inbox))


def _lines(name: str, span: Span, inbox: Inbox) -> Iterator[str]:
    if span.bad_line_count:
        yield f"{_counted(span.bad_line_count, 'line', 'lines')} left out (named above, each with the reason)"
    if span.first_at is None or span.last_at is None:
        yield f"{name}: no articles"
        return
    yield f"{name}: {span.article_count:,} articles, {span.first_at:%Y-%m-%d %H:%M}Z to {span.last_at:%Y-%m-%d %H:%M}Z; nothing was sent"
    counts = (
        _counted(inbox.match_count, "match", "matches"), _counted(inbox.story_count, "story", "stories"),
        _counted(len(inbox.messages), "message", "messages"),
    )  # fmt: skip
    yield f"{', '.join(counts)}: {len(inbox.messages) * (WEEK / span.length):.0f} a week"
    yield ""
    yield from _table(inbox)
    if inbox.silent:
        yield "without a message: " + ", ".join(f"{reason.replace('_', ' ')} {number}" for reason, number in inbox.silent.most_common())
        yield ""
    for message in inbox.messages:
        yield from _message(message)


def _table(inbox: Inbox) -> Iterator[str]:
    counts = inbox.counts()
    if not counts:
        return
    width = max(len("theme"), *(len(theme_id) for _day, theme_id in counts)) + 2
    yield f"{'day':12}{'theme':{width}}" + "".join(f"{severity:>8}" for severity in SEVERITIES) + f"{'all':>8}"
    total: Counter[Severity] = Counter()
    last = None
    for (day, theme_id), row in counts.items():
        yield f"{'' if day == last else day.isoformat():12}{theme_id:{width}}{_cells(row)}"
        total += row
        last = day
    yield f"{'all':12}{'':{width}}{_cells(total)}"
    yield ""


def _cells(row: Counter[Severity]) -> str:
    return "".join(f"{number or '.':>8}" for number in (*(row[severity] for severity in SEVERITIES), row.total()))


def _message(message: Message) -> Iterator[str]:
    alert = message.alert
    yield f"{alert.raised_at:%Y-%m-%d %H:%M}Z  {_severity(alert)}  {alert.theme_id}  {alert.state}: {alert.reason.replace('_', ' ')}"
    yield f"  {_on_one_line(alert.title)}"
    if alert.evidence:
        evidence = ", ".join(f"{one.clause} '{_on_one_line(one.text)}' {one.contribution:+g}" for one in alert.evidence if one.contribution)
        yield f"  score {alert.score:g} of {alert.threshold:g}: {evidence}"
    articles, sources = _counted(alert.article_count, "article", "articles"), _counted(alert.source_count, "source", "sources")
    yield f"  story {alert.story_id}, revision {alert.revision}: {articles}, {sources}"
    for member in alert.articles:
        yield f"  - {_member(member)}"
    if message.joined_count:
        yield f"  then, without a message: {message.joined_count}"
        for joined in message.joined:
            yield f"  - {_joined(joined)}"
        if message.joined_count > len(message.joined):
            yield f"  - and {message.joined_count - len(message.joined)} more"
    yield ""


def _severity(alert: Alert) -> str:
    return f"{alert.severity} ({alert.severity_reason.replace('_', ' ')})" if alert.severity is not Severity.NOTICE else str(alert.severity)


def _member(member: Member) -> str:
    return f"{member.first_seen_at:%d %H:%M} {member.relation} {_on_one_line(member.source)}: {_on_one_line(member.title)}"


def _joined(joined: Joined) -> str:
    reason = f" ({joined.reason.replace('_', ' ')})"
    return f"{joined.at:%d %H:%M} {joined.relation} {_on_one_line(joined.source)}: {_on_one_line(joined.title)}{reason}"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
