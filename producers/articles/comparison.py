"""What a poll brought, against what the feed's state knows: new, revised, known or rejected; and the state after it. [pure]

Guid churn: when most of a known feed's poll looks new at once, entries are matched by guid or by title to those known; what
is found is `reidentified` and alerts nobody. The same guid with the same title is the same item at any time: its address changed.
A poll with no entry in common with the one before probably lost articles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from newsmon import ids
from newsmon.records import Article, DateQuality, EntryRejection, Feed, FeedState, KnownEntry, Origin
from producers.articles.draft import Draft, Unchanged
from producers.articles.known_entries import entries_of

CHURN_SHARE = 0.6
CHURN_LEAST = 5  # below so many entries, "most of them" says nothing
KEEP_LEAST = 200
KEEP_TIMES_POLL = 4
KEEP_MOST = 8_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one poll's entries came to. new + revised + known + sum(rejected) = entries."""

    articles: tuple[Article, ...]
    new_count: int
    revised_count: int
    known_count: int
    rejected: dict[EntryRejection, int]
    reidentified_count: int
    gap_suspected: bool
    known: tuple[KnownEntry, ...]  # for the next state, oldest first, bounded; none when there were no entries


NO_ENTRIES = Comparison(
    articles=(), new_count=0, revised_count=0, known_count=0, rejected={}, reidentified_count=0, gap_suspected=False, known=()
)


@dataclass(frozen=True, slots=True)
class PollStamp:
    """What identifies this poll in every article it publishes."""

    poll_seq: int
    poll_id: str
    first_seen_at: datetime
    max_revisions: int
    origin: Origin = Origin.LIVE


def compare(
    drafts: Sequence[Draft | Unchanged | EntryRejection], state: FeedState | None, feed: Feed, stamp: PollStamp, *, partial: bool = False
) -> Comparison:
    """Decide for every entry; the order of the articles is the feed's.

    `partial`: these are a few entries of the feed and not its present whole, so what is missing says nothing.
    """
    if not drafts:
        return NO_ENTRIES
    before = {entry.article_id: entry for entry in entries_of(state.known)} if state else {}
    unique, rejected = _unique(drafts, before.values())
    aliases = set[str]() if partial else _aliases(unique, before)
    baseline = state is None or state.last_success_at is None  # nothing was ever read from this feed
    articles: list[Article] = []
    known: dict[str, KnownEntry] = dict(before)
    counts: Counter[str] = Counter()
    for draft in unique:
        old = before.get(draft.article_id)
        if isinstance(draft, KnownEntry):
            counts["known"] += 1
            entry = draft
        elif old is None:
            reidentified = draft.article_id in aliases
            articles.append(_article(draft, feed, stamp, revision=1, baseline=baseline, reidentified=reidentified))
            counts["new"] += 1
            counts["reidentified"] += reidentified
            entry = _remembered(draft, revision=1)
        elif old.content_hash == draft.content_hash:
            counts["known"] += 1
            entry = _remembered(draft, revision=old.revision)
        elif old.revision >= stamp.max_revisions:
            rejected[EntryRejection.TOO_MANY_REVISIONS] += 1
            entry = _remembered(draft, revision=old.revision)
        else:
            articles.append(_article(draft, feed, stamp, revision=old.revision + 1, baseline=False, reidentified=False))
            counts["revised"] += 1
            entry = _remembered(draft, revision=old.revision + 1)
        known.pop(draft.article_id, None)
        known[draft.article_id] = entry  # newest last
    in_common = counts["known"] + counts["revised"] + counts["reidentified"] + rejected[EntryRejection.TOO_MANY_REVISIONS]
    return Comparison(
        articles=tuple(articles),
        new_count=counts["new"],
        revised_count=counts["revised"],
        known_count=counts["known"],
        rejected={reason: count for reason, count in rejected.items() if count},
        reidentified_count=counts["reidentified"],
        gap_suspected=bool(before) and bool(unique) and in_common == 0 and not partial,
        known=_bounded(known.values(), max(len(before), KEEP_TIMES_POLL * len(unique))),
    )


def _unique(
    drafts: Iterable[Draft | Unchanged | EntryRejection], before: Iterable[KnownEntry]
) -> tuple[list[Draft | KnownEntry], Counter[EntryRejection]]:
    """One of each article, the first; an unchanged entry is what the state knows of it."""
    remembered = {entry.fingerprint: entry for entry in before}
    rejected: Counter[EntryRejection] = Counter()
    unique: dict[str, Draft | KnownEntry] = {}
    for shown in drafts:
        if isinstance(shown, EntryRejection):
            rejected[shown] += 1
            continue
        draft = remembered[shown.fingerprint] if isinstance(shown, Unchanged) else shown
        if draft.article_id in unique:
            rejected[EntryRejection.DUPLICATE_ENTRY] += 1
        else:
            unique[draft.article_id] = draft
    return list(unique.values()), rejected


def _aliases(drafts: Sequence[Draft | KnownEntry], before: dict[str, KnownEntry]) -> set[str]:
    """Ids of entries that look new but are known under another address or guid.

    A guid or title that several entries share says nothing; neither does one whose owner is still in the feed.
    """
    present = {draft.article_id for draft in drafts}
    strangers = [draft for draft in drafts if draft.article_id not in before]
    gone = [entry for entry in before.values() if entry.article_id not in present]
    guids = _once(entry.guid_hash for entry in before.values()) & {entry.guid_hash for entry in gone}
    guids &= _once(draft.guid_hash for draft in drafts)
    titles = _once(draft.title_hash for draft in drafts) & {entry.title_hash for entry in gone}
    same_item = {(entry.guid_hash, entry.title_hash) for entry in gone}
    churn = len(drafts) >= CHURN_LEAST and len(strangers) > CHURN_SHARE * len(drafts)
    found = set()
    for draft in strangers:
        same_guid = draft.guid_hash in guids and (churn or (draft.guid_hash, draft.title_hash) in same_item)
        if same_guid or (churn and draft.title_hash in titles):
            found.add(draft.article_id)
    return found


def _once(hashes: Iterable[str | None]) -> set[str | None]:
    return {one for one, count in Counter(hashes).items() if one is not None and count == 1}


def _remembered(draft: Draft, *, revision: int) -> KnownEntry:
    return KnownEntry(
        article_id=draft.article_id,
        content_hash=draft.content_hash,
        revision=revision,
        guid_hash=draft.guid_hash,
        title_hash=draft.title_hash,
        fingerprint=draft.fingerprint,
    )


def _bounded(known: Iterable[KnownEntry], keep_count: int) -> tuple[KnownEntry, ...]:
    """The newest: several times what one poll shows, so that an item that sinks and returns is still known.

    It never shrinks: one short answer must not make the feed forget what the next whole one shows again.
    """
    return tuple(known)[-min(KEEP_MOST, max(KEEP_LEAST, keep_count)) :]


def _article(draft: Draft, feed: Feed, stamp: PollStamp, *, revision: int, baseline: bool, reidentified: bool) -> Article:
    return Article(
        article_id=draft.article_id,
        revision=revision,
        revision_id=ids.revision_id(draft.article_id, draft.content_hash),
        content_hash=draft.content_hash,
        origin=stamp.origin,
        feed_id=feed.feed_id,
        source=feed.source,
        tier=feed.tier,
        country=feed.country,
        poll_seq=stamp.poll_seq,
        poll_id=stamp.poll_id,
        url=draft.url,
        guid=draft.guid,
        title=draft.title,
        lead=draft.lead,
        body=draft.body,
        language=draft.language,
        published_at=draft.published.at,
        published_raw=draft.published.raw,
        date_quality=draft.published.quality if draft.published.raw else DateQuality.MISSING,
        first_seen_at=stamp.first_seen_at,
        baseline=baseline,
        reidentified=reidentified,
    )
