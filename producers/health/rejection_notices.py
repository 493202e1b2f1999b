"""Notices about entries that a feed shows poll after poll and that never become articles, by the reason why not.

A notice is raised when a reason has held for three successful polls in a row, repeated while it lasts, and resolved after as many
polls without it. A poll that found the feed unchanged shows the same entries again. Repeats of an article within its feed are usual;
they are told only when they are most of the feed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from newsmon import ids
from newsmon.records import EntryRejection, FeedState, Notice, NoticeKind, NoticeState, RejectedEntries, Severity
from producers.health.feed_notices import STAGE, subject_of

TOLD_AFTER_COUNT = 3  # polls, as for a feed that fails
REPEATS_LEAST = 3

# By the word of EntryRejection: what is wrong with the entries, and what to do.
_WHY: Mapping[str, tuple[str, str]] = {
    "no_text": ("they have neither a title nor a text", "Ask the publisher for a feed with titles, or ignore this if they are ads."),
    "no_identity": ("nothing tells them apart: no link, no guid, no date", "Ask the publisher to give entries a link or a guid."),
    "duplicate_entry": ("they repeat other entries of the same poll", "Check that the feed's entries differ, with `newsmon feeds check`."),
    "too_many_revisions": (
        "their text changes again and again, so newsmon no longer publishes the changes",
        "A counter or a clock in the text does that; raise producer.max_revisions if the changes are news.",
    ),
    "bridge_error": ("they are error messages of the program that makes the feed", "Mend that program, or look for the site's own feed."),
    "over_entry_limit": (
        "the feed shows more than producer.max_entries, so newsmon leaves out the oldest",
        "Raise producer.max_entries if they matter.",
    ),
    "damaged_entry": ("they cannot be read, though the rest of the feed can", "Tell the publisher; no other entry is lost."),
}
_CUT = (
    "its document ends too early: the entry in which it ends waits until it comes whole, and later entries are not seen. Open the feed in "
    "a browser: if it ends early there too, tell the publisher, else look for a proxy that cuts long responses."
)
_OTHERWISE = ("newsmon cannot use them", "Look at the feed with `newsmon feeds check`.")


def rejections_after(
    before: FeedState, rejected: Mapping[EntryRejection, int] | None, examples: Mapping[EntryRejection, str], *,
    entry_count: int, now: datetime,
) -> tuple[RejectedEntries, ...]:  # fmt: skip
    """What the state remembers after a successful poll; `rejected` is None when the poll found the feed unchanged."""
    remembered = {one.reason: one for one in before.rejecting}
    following = []
    for reason in EntryRejection:
        old = remembered.get(reason)
        if rejected is None:
            count = old.entry_count if old is not None and not old.clean_count else 0
        else:
            count = rejected.get(reason, 0) if _matters(reason, rejected.get(reason, 0), entry_count) else 0
        new = _seen(reason, old, count, examples.get(reason, ""), now) if count else _not_seen(old)
        if new is not None:
            following.append(new)
    return tuple(following)


def rejection_notices(state: FeedState, *, now: datetime, again_after: timedelta) -> tuple[tuple[Notice, ...], FeedState]:
    """The notices that the state calls for, and the state that remembers them."""
    notices: list[Notice] = []
    kept = []
    for one in state.rejecting:
        if one.notice_id is None:
            word = NoticeState.RAISED if is_lasting(one) else None
        elif one.clean_count >= TOLD_AFTER_COUNT:
            word = NoticeState.RESOLVED
        else:
            is_due = not one.clean_count and (one.said_at is None or now - one.said_at >= again_after)
            word = NoticeState.REPEATED if is_due else None
        if word is None:
            kept.append(one)
            continue
        notice = _notice(state, one, word, now)
        notices.append(notice)
        if word is not NoticeState.RESOLVED:
            kept.append(msgspec.structs.replace(one, notice_id=notice.notice_id, revision=notice.revision, said_at=now))
    return tuple(notices), msgspec.structs.replace(state, rejecting=tuple(kept)) if notices else state


def is_lasting(one: RejectedEntries) -> bool:
    """True when the entries have been rejected for long enough to be told."""
    return one.poll_count >= TOLD_AFTER_COUNT


def counted(one: RejectedEntries) -> str:
    return "1 entry" if one.entry_count == 1 else f"{one.entry_count} entries"


def _matters(reason: EntryRejection, count: int, entry_count: int) -> bool:
    if reason is EntryRejection.DUPLICATE_ENTRY:
        return count >= REPEATS_LEAST and 2 * count > entry_count
    return count > 0


def _seen(reason: EntryRejection, old: RejectedEntries | None, count: int, example: str, now: datetime) -> RejectedEntries:
    if old is None:
        return RejectedEntries(reason=reason, since=now, poll_count=1, entry_count=count, example=example)
    return msgspec.structs.replace(
        old, poll_count=old.poll_count + 1, entry_count=count, example=example or old.example, clean_count=0
    )  # fmt: skip


def _not_seen(old: RejectedEntries | None) -> RejectedEntries | None:
    """Forgotten at once unless it has been told: then its end is told too."""
    if old is None or old.notice_id is None:
        return None
    return msgspec.structs.replace(old, clean_count=old.clean_count + 1)


def _notice(state: FeedState, one: RejectedEntries, word: NoticeState, now: datetime) -> Notice:
    subject, reason = subject_of(state.feed_id), one.reason.value
    return Notice(
        notice_id=one.notice_id or ids.notice_id(NoticeKind.FEED_REJECTS, subject, f"{reason} {one.since.isoformat(timespec='seconds')}"),
        revision=one.revision + 1,
        kind=NoticeKind.FEED_REJECTS,
        state=word,
        subject=subject,
        severity=Severity.NOTICE,
        text=_text(state.feed_id, one, word),
        opened_at=one.since,
        at=now,
        stage=STAGE,
        details={"reason": reason, "entry_count": str(one.entry_count), "poll_count": str(one.poll_count), "example": one.example},
    )


def _text(feed_id: str, one: RejectedEntries, word: NoticeState) -> str:
    if one.reason is EntryRejection.CUT_OFF:
        return f"Feed {feed_id} is whole again." if word is NoticeState.RESOLVED else f"Feed {feed_id} is cut off in every poll: {_CUT}"
    if word is NoticeState.RESOLVED:
        return f"Feed {feed_id} no longer shows entries that newsmon has to reject as {one.reason.value}."
    why, remedy = _WHY.get(one.reason.value, _OTHERWISE)
    example = f", for example “{one.example}”" if one.example else ""
    return f"Feed {feed_id} shows, in every poll, {counted(one)} that newsmon rejects as {one.reason.value}{example}: {why}. {remedy}"
