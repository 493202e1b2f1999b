"""A rehearsal as lines for a terminal: messages by day, theme and severity, then each message with its reason, story and members."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from newsmon.app.cli.printing import counted, escape_controls
from newsmon.records import Alert, Article, Evidence, Member, Severity
from processors.replay.tally import Followers, Joined, Tally
from producers.articles.publishers import UNKNOWN_TIER
from sinks.message.chat_text import facts_beside
from sinks.policy.inbox import Message

DAY, WEEK = timedelta(days=1), timedelta(days=7)  # less than a day says nothing about a week
SEVERITIES = (Severity.NOTICE, Severity.URGENT, Severity.FLASH)


@dataclass(slots=True)
class Span:
    """What was read: how many articles, how many of them confirm nothing, from when to when, and how many bad lines."""

    article_count: int = 0
    unknown_count: int = 0  # of the lowest tier
    bad_line_count: int = 0
    failed_count: int = 0  # decisions
    first_at: datetime | None = None
    last_at: datetime | None = None

    def add(self, article: Article) -> None:
        self.article_count += 1
        self.unknown_count += article.tier >= UNKNOWN_TIER
        self.first_at = self.first_at or article.first_seen_at
        self.last_at = article.first_seen_at

    @property
    def length(self) -> timedelta:
        return self.last_at - self.first_at if self.first_at and self.last_at else timedelta(0)


def page(name: str, span: Span, tally: Tally, messages: Sequence[Message]) -> Iterator[str]:
    """All lines, safe to print."""
    yield from map(escape_controls, _lines(name, span, tally, messages))


def _lines(name: str, span: Span, tally: Tally, messages: Sequence[Message]) -> Iterator[str]:
    if span.bad_line_count:
        yield f"{counted(span.bad_line_count, 'line')} left out (named above, each with the reason)"
    if span.failed_count:
        yield f"{counted(span.failed_count, 'decision')} failed (named above, each with the error)"
    if span.first_at is None or span.last_at is None:
        yield f"{name}: no articles"
        return
    yield f"{name}: {span.article_count:,} articles, {span.first_at:%Y-%m-%d %H:%M}Z to {span.last_at:%Y-%m-%d %H:%M}Z; nothing was sent"
    if span.unknown_count:
        yield f"{counted(span.unknown_count, 'article')} from outlets of tier 4 (unknown), which confirm no event"
    counts = (
        counted(tally.match_count, "match", "matches"), counted(tally.event_count, "event"),
        counted(tally.story_count, "story", "stories"), counted(len(messages), "message"),
    )  # fmt: skip
    rate = f": {len(messages) * (WEEK / span.length):.0f} a week" if span.length >= DAY else ""
    yield f"{', '.join(counts)}{rate}"
    yield ""
    yield from _table(messages)
    if tally.silent:
        yield "without an alert: " + ", ".join(f"{_words(reason)} {number}" for reason, number in tally.silent.most_common())
        yield ""
    for message in messages:
        yield f"{message.at:%Y-%m-%d %H:%M}Z" + ("  digest" if message.is_digest else "")
        for alert in message.alerts:
            yield from _alert(alert, tally.followers(alert))
        yield ""


def _table(messages: Sequence[Message]) -> Iterator[str]:
    """Messages by day, theme and severity; one that carries several alerts counts for the one that leads it."""
    counts: dict[tuple[date, str], Counter[Severity]] = {}
    for message in messages:
        counts.setdefault((message.at.date(), message.alerts[0].theme_id), Counter())[message.alerts[0].severity] += 1
    if not counts:
        return
    width = max(len("theme"), *(len(theme_id) for _day, theme_id in counts)) + 2
    yield f"{'day':12}{'theme':{width}}" + "".join(f"{severity:>8}" for severity in SEVERITIES) + f"{'all':>8}"
    total: Counter[Severity] = Counter()
    last = None
    for (day, theme_id), row in sorted(counts.items()):
        yield f"{'' if day == last else day.isoformat():12}{theme_id:{width}}{_cells(row)}"
        total += row
        last = day
    yield f"{'all':12}{'':{width}}{_cells(total)}"
    yield ""


def _cells(row: Counter[Severity]) -> str:
    return "".join(f"{number or '.':>8}" for number in (*(row[severity] for severity in SEVERITIES), row.total()))


def _alert(alert: Alert, followers: Followers) -> Iterator[str]:
    yield f"  {_severity(alert)}  {alert.theme_id}  {alert.state}: {_words(alert.reason)}"
    yield f"  {_on_one_line(alert.title)}"
    if facts := facts_beside(alert.title, alert.new_facts):
        yield f"  new: {', '.join(map(_on_one_line, facts))}"
    if alert.evidence:
        yield f"  score {alert.score:g} of {alert.threshold:g}: {', '.join(_evidence(alert.evidence))}"
    yield f"  {_story(alert)}"
    for member in alert.articles:
        yield f"  - {_member(member)}"
    if followers.count:
        yield f"  then, without an alert: {followers.count}"
        for joined in followers.shown:
            yield f"  - {_joined(joined)}"
        if followers.count > len(followers.shown):
            yield f"  - and {followers.count - len(followers.shown)} more"


def _evidence(evidence: Sequence[Evidence]) -> Iterator[str]:
    """Each span that adds to the score once, with what all its clauses add."""
    spans: dict[tuple[str, int, int], list[Evidence]] = {}
    for one in evidence:
        if one.contribution:
            spans.setdefault((one.field, one.start, one.end), []).append(one)
    for same in spans.values():
        clauses = ", ".join(dict.fromkeys(one.clause for one in same))
        yield f"{same[0].field} “{_on_one_line(same[0].text)}” {sum(one.contribution for one in same):+.3g} ({clauses})"


def _story(alert: Alert) -> str:
    articles, sources = counted(alert.article_count, "article"), counted(alert.source_count, "source")
    events = ""
    if alert.event_count > 1:
        events = f", {alert.event_count} events, of {_on_one_line(alert.story_title)}"
        if alert.event is not None:
            events += f"; this event: {counted(alert.event.article_count, 'article')}, {counted(alert.event.source_count, 'source')}"
    return f"story {alert.story_id}, revision {alert.revision}: {articles}, {sources}{events}"


def _severity(alert: Alert) -> str:
    return f"{alert.severity} ({_words(alert.severity_reason)})" if alert.severity is not Severity.NOTICE else str(alert.severity)


def _member(member: Member) -> str:
    return f"{member.first_seen_at:%d %H:%M} {member.relation} {_on_one_line(member.source)}: {_on_one_line(member.title)}"


def _joined(joined: Joined) -> str:
    reason = f" ({_words(joined.reason)})"
    return f"{joined.at:%d %H:%M} {joined.relation} {_on_one_line(joined.source)}: {_on_one_line(joined.title)}{reason}"


def _words(reason: str) -> str:
    return reason.replace("_", " ")


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
