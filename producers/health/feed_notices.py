"""Notices to operators about feeds: raised once, repeated while the problem lasts, resolved when it ends.

A notice's id comes from the start of the problem, not from the time we noticed it, so that a poll repeated after a crash gives the
same notice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from newsmon import ids
from newsmon.records import FeedState, Notice, NoticeKind, NoticeState, Severity, Trouble
from producers.answers.redirects import is_move_proposed
from producers.answers.validators import distrusted_until
from producers.health.feed_health import FeedHealth, Health
from producers.timing.rhythm import level_h

STAGE = "producer"
PRODUCER_NOTICE_KINDS = (
    *(kind for kind in NoticeKind if kind.value.startswith("feed_")),
    NoticeKind.NETWORK_OUTAGE,
)
SAME_GAP = timedelta(hours=24)  # a gap within a day of the last notice about one is only counted
NOTICE_KIND_OF = {
    FeedHealth.FAILING: NoticeKind.FEED_FAILING,
    FeedHealth.SILENT: NoticeKind.FEED_SILENT,
    FeedHealth.LATE: NoticeKind.FEED_LATE,
}


def health_notices(state: FeedState, health: Health, *, now: datetime, again_after: timedelta) -> tuple[tuple[Notice, ...], FeedState]:
    """The notices that the feed's health calls for, and the state that remembers them."""
    open_one, kind = state.trouble, NOTICE_KIND_OF.get(health.word)
    notices: list[Notice] = []
    if open_one is not None and kind is not open_one.kind:
        now_it = f"is now {health.word.value}" if kind else "has recovered"
        text = f"Feed {state.feed_id} is no longer {_word_of(open_one.kind)}: it {now_it}."
        notices.append(_revised(state, open_one, NoticeState.RESOLVED, text, now))
        state = msgspec.structs.replace(state, trouble=None, recovered_at=state.recovered_at if kind else now)
        open_one = None
    if kind is None:
        return tuple(notices), state
    is_so = f"has been {health.word.value} since {_time(health.since)}" if health.since else f"is {health.word.value}"
    text = f"Feed {state.feed_id} {is_so}: {health.why}."
    if open_one is None:
        subject = subject_of(state.feed_id)
        notice_id = ids.notice_id(kind, subject, _time(health.since))
        opened_at = health.since or now
        open_one = Trouble(kind=kind, notice_id=notice_id, opened_at=opened_at, revision=0, said_at=now)
        notices.append(_revised(state, open_one, NoticeState.RAISED, text, now))
    elif now - open_one.said_at >= again_after:
        notices.append(_revised(state, open_one, NoticeState.REPEATED, text, now))
    else:
        return tuple(notices), state
    said = msgspec.structs.replace(open_one, revision=notices[-1].revision, said_at=now)
    return tuple(notices), msgspec.structs.replace(state, trouble=said)


def one_time_notices(
    before: FeedState | None, state: FeedState, *, now: datetime, entry_count: int
) -> tuple[tuple[Notice, ...], FeedState]:
    """Notices about events that do not last: a gap, a move, a server that lies about changes."""
    notices = []
    had_gaps, had_lies = (before.gap_count, before.validator_lie_count) if before else (0, 0)
    if state.gap_count > had_gaps and (state.gap_said_at is None or now - state.gap_said_at >= SAME_GAP):
        lost = _estimated_lost(before, now, entry_count)
        text = f"Feed {state.feed_id} may have lost about {lost} articles: two polls had no entry in common. Poll it more often."
        details = {"gap_count": str(state.gap_count), "lost_about": str(lost)}
        notices.append(_remark(state, NoticeKind.FEED_GAP, f"poll {state.poll_seq}", text, now, details))
        state = msgspec.structs.replace(state, gap_said_at=now)
    proposed_before = before is not None and before.moved_to == state.moved_to and is_move_proposed(before, now=before.polled_at)
    if is_move_proposed(state, now=now) and not proposed_before:
        text = f"Feed {state.feed_id} has moved: its server redirected to a new address {state.moved_count} times. Change its url."
        notices.append(_remark(state, NoticeKind.FEED_MOVED, state.moved_to or "", text, now, _from_to(state)))
    if state.validator_lie_count > had_lies:
        until = distrusted_until(state) or now
        text = (
            f'Feed {state.feed_id} changes while its server says "not modified". Nothing is lost from now on: every poll asks for the full '
            f"feed, until {until:%Y-%m-%d}. Ask the site to mend its ETag and Last-Modified headers."
        )
        details = {"validator_lie_count": str(state.validator_lie_count)}
        notices.append(_remark(state, NoticeKind.FEED_LIES, f"poll {state.poll_seq}", text, now, details))
    return tuple(notices), state


def subject_of(feed_id: str) -> str:
    return f"feed:{feed_id}"


def _revised(state: FeedState, trouble: Trouble, word: NoticeState, text: str, now: datetime) -> Notice:
    return Notice(
        notice_id=trouble.notice_id,
        revision=trouble.revision + 1,
        kind=trouble.kind,
        state=word,
        subject=subject_of(state.feed_id),
        severity=Severity.NOTICE,
        text=text,
        opened_at=trouble.opened_at,
        at=now,
        stage=STAGE,
        details={"last_result": state.last_result.value, "failure_count": str(state.failure_count), "url": state.url.partition("?")[0]},
    )


def _remark(state: FeedState, kind: NoticeKind, episode: str, text: str, now: datetime, details: dict[str, str]) -> Notice:
    subject = subject_of(state.feed_id)
    return Notice(
        notice_id=ids.notice_id(kind, subject, episode), revision=1, kind=kind, state=NoticeState.RAISED, subject=subject,
        text=text, opened_at=now, at=now, stage=STAGE, details=details,
    )  # fmt: skip


def _estimated_lost(before: FeedState | None, now: datetime, entry_count: int) -> int:
    """The articles the feed usually publishes between two such polls, less those it still showed; at least one."""
    if before is None or before.last_success_at is None:
        return 1
    hours = (now - before.last_success_at).total_seconds() / 3600
    return max(1, round(level_h(before.rhythm) * hours) - entry_count)


def _from_to(state: FeedState) -> dict[str, str]:
    """Both addresses without query strings, which may hold a secret; `newsmon feeds explain` shows them whole."""
    return {"from": state.url.partition("?")[0], "to": (state.moved_to or "").partition("?")[0]}


def _word_of(kind: NoticeKind) -> str:
    return kind.value.removeprefix("feed_")


def _time(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else "ever"
