"""Compares a poll's drafts with the entries the feed's state remembers: new, revised, known or rejected.

`matching` finds the known entry that each draft is, also under another link or guid. When most entries of a known feed look new at
once, those with a known guid or title are published as `reidentified` and raise no alert. A poll of several entries that has none in
common with the one before has probably lost articles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from newsmon import ids
from newsmon.records import (
    Article,
    DateQuality,
    EntryRejection,
    Feed,
    FeedState,
    FetchKind,
    FetchOutcome,
    FetchResult,
    KnownEntry,
    LinkHabits,
    Origin,
)
from newsmon.records.shared_fields import shared_fields
from producers.articles.draft import Draft, Unchanged
from producers.articles.known_entries import entries_of
from producers.articles.matching import Elsewhere, matched, set_apart, with_shared
from producers.articles.publishers import Publishers, source_and_tier
from producers.articles.rejection_examples import example_of_draft

KEEP_LEAST = 200
KEEP_TIMES_POLL = 4
KEEP_MOST = 8_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result for all entries of a poll: new + revised + known + sum(rejected) = entries."""

    articles: tuple[Article, ...]
    new_count: int
    revised_count: int
    known_count: int
    rejected: dict[EntryRejection, int]
    reidentified_count: int
    gap_suspected: bool
    known: tuple[KnownEntry, ...]  # for the next state, oldest first, bounded; empty when there were no entries
    links: LinkHabits | None = None  # what the feed has shown about its links and guids
    examples: dict[EntryRejection, str] = field(default_factory=dict)  # one entry of each reason decided here, in words
    refused: tuple[
        tuple[int, EntryRejection], ...
    ] = ()  # (number from 1, reason) of entries that the body alone refuses: all of a first poll


NO_ENTRIES = Comparison(
    articles=(), new_count=0, revised_count=0, known_count=0, rejected={}, reidentified_count=0, gap_suspected=False, known=()
)


@dataclass(frozen=True, slots=True)
class PollStamp:
    """The poll's mark on every article it publishes."""

    poll_seq: int
    poll_id: str
    first_seen_at: datetime
    max_revisions: int
    origin: Origin = Origin.LIVE


def compare(
    drafts: Sequence[Draft | Unchanged | EntryRejection], state: FeedState | None, feed: Feed, stamp: PollStamp, *,
    links: LinkHabits | None = None, partial: bool = False,
    elsewhere: Elsewhere | None = None, publishers: Publishers | None = None,
) -> Comparison:  # fmt: skip
    """The comparison for every entry; articles keep the feed's order.

    `links` is what the body showed about its links. With `partial`, the drafts are only some of the feed's present entries, so missing
    entries mean nothing. `elsewhere` knows the ids that other feeds have given to the same words at the same page, and `publishers`
    the sources and tiers of those that an aggregator names.
    """
    links = links or (state.links if state else None)
    if not drafts:
        return replace(NO_ENTRIES, links=links)
    before = {entry.article_id: entry for entry in entries_of(state.known)} if state else {}
    examples: dict[EntryRejection, str] = {}
    shown, apart = _set_apart(
        drafts, before, guids_churn=bool(links and links.guid_churn_count) or (state is not None and state.guids_repeat)
    )
    unique, refused = _unique(shown, before.values(), examples)
    rejected = Counter(reason for _number, reason in refused)
    found = matched(
        unique, before, with_shared(links, apart),
        guids_repeat=state is not None and state.guids_repeat, now=stamp.first_seen_at, partial=partial, elsewhere=elsewhere,
    )  # fmt: skip
    rejected[EntryRejection.DUPLICATE_ENTRY] += found.copy_count
    baseline = state is None or state.last_success_at is None  # this feed has never been read
    articles: list[Article] = []
    known: dict[str, KnownEntry] = dict(before)
    counts: Counter[str] = Counter()
    for draft in found.entries:
        old = before.get(draft.article_id)
        if isinstance(draft, KnownEntry):
            counts["known"] += 1
            entry = draft
        elif old is None:
            reidentified = draft.article_id in found.reidentified
            articles.append(_article(draft, feed, stamp, publishers, revision=1, baseline=baseline, reidentified=reidentified))
            counts["new"] += 1
            counts["reidentified"] += reidentified
            entry = _known_entry(draft, revision=1)
        elif old.content_hash == draft.content_hash:
            counts["known"] += 1
            entry = _known_entry(draft, revision=old.revision)
        elif old.revision >= stamp.max_revisions:
            rejected[EntryRejection.TOO_MANY_REVISIONS] += 1
            examples.setdefault(EntryRejection.TOO_MANY_REVISIONS, example_of_draft(draft))
            entry = _known_entry(draft, revision=old.revision)
        else:
            articles.append(_article(draft, feed, stamp, publishers, revision=old.revision + 1, baseline=False, reidentified=False))
            counts["revised"] += 1
            entry = _known_entry(draft, revision=old.revision + 1)
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
        gap_suspected=bool(before) and len(found.entries) > 1 and in_common == 0 and not partial,  # a feed of one entry always replaces it
        known=_bounded(known.values(), max(len(before), KEEP_TIMES_POLL * len(found.entries))),
        links=found.links,
        examples=examples,
        refused=tuple(refused),
    )


def _set_apart(
    drafts: Sequence[Draft | Unchanged | EntryRejection], before: dict[str, KnownEntry], *, guids_churn: bool
) -> tuple[list[Draft | Unchanged | EntryRejection], list[str | None]]:
    """The drafts, and the addresses at which a known entry turned out to be another item. If that is most of a feed, its guids churn."""
    shown = [set_apart(one, before, guids_churn=guids_churn) if isinstance(one, Draft) else one for one in drafts]
    apart = [one.address for one, given in zip(shown, drafts, strict=True) if one is not given and isinstance(one, Draft)]
    is_churn = not guids_churn and len(apart) > max(1, len(drafts) // 2)
    return _set_apart(drafts, before, guids_churn=True) if is_churn else (shown, apart)


def _unique(
    drafts: Iterable[Draft | Unchanged | EntryRejection], before: Iterable[KnownEntry], examples: dict[EntryRejection, str]
) -> tuple[list[Draft | KnownEntry], list[tuple[int, EntryRejection]]]:
    """The first draft of each article; for an unchanged entry, the known entry. Then the others by number. Notes an example of a repeat."""
    remembered = {entry.fingerprint: entry for entry in before}
    refused: list[tuple[int, EntryRejection]] = []
    unique: dict[str, Draft | KnownEntry] = {}
    for number, shown in enumerate(drafts, start=1):
        if isinstance(shown, EntryRejection):
            refused.append((number, shown))
            continue
        draft = remembered[shown.fingerprint] if isinstance(shown, Unchanged) else shown
        if draft.article_id in unique:
            refused.append((number, EntryRejection.DUPLICATE_ENTRY))
            if isinstance(draft, Draft):
                examples.setdefault(EntryRejection.DUPLICATE_ENTRY, example_of_draft(draft))
        else:
            unique[draft.article_id] = draft
    return list(unique.values()), refused


def outcome_of(
    feed: Feed, stamp: PollStamp, found: Comparison, *,
    finished_at: datetime, result: FetchResult, entry_count: int, body_bytes: int, next_due_at: datetime,
    detail: str | None = None, kind: FetchKind = FetchKind.POLL,
) -> FetchOutcome:  # fmt: skip
    """The record that counts the entries of a poll, a push or a piece of a backfill file."""
    return FetchOutcome(
        feed_id=feed.feed_id,
        poll_seq=stamp.poll_seq,
        poll_id=stamp.poll_id,
        started_at=stamp.first_seen_at,
        finished_at=finished_at,
        result=result,
        detail=detail,
        body_bytes=body_bytes,
        entry_count=entry_count,
        new_count=found.new_count,
        revised_count=found.revised_count,
        known_count=found.known_count,
        rejected=found.rejected,
        reidentified_count=found.reidentified_count,
        gap_suspected=found.gap_suspected,
        next_due_at=next_due_at,
        kind=kind,
    )


def _known_entry(draft: Draft, *, revision: int) -> KnownEntry:
    return KnownEntry(
        article_id=draft.article_id,
        content_hash=draft.content_hash,
        revision=revision,
        guid_hash=draft.guid_hash,
        title_hash=draft.title_hash,
        fingerprint=draft.fingerprint,
        date_hash=draft.date_hash,
        link_hash=draft.link_hash,
    )


def _bounded(known: Iterable[KnownEntry], keep_count: int) -> tuple[KnownEntry, ...]:
    """The newest entries, several times as many as one poll shows, so that an entry that returns is still known.

    The number never shrinks: after one short answer the feed must still know what the next full answer shows.
    """
    return tuple(known)[-min(KEEP_MOST, max(KEEP_LEAST, keep_count)) :]


def _article(
    draft: Draft, feed: Feed, stamp: PollStamp, publishers: Publishers | None, *, revision: int, baseline: bool, reidentified: bool
) -> Article:
    source, tier = source_and_tier(draft, feed, publishers)
    return Article(
        **shared_fields(draft, Article),
        revision=revision,
        revision_id=ids.revision_id(draft.article_id, draft.content_hash),
        origin=stamp.origin,
        feed_id=feed.feed_id,
        source=source,
        tier=tier,
        country=feed.country,
        poll_seq=stamp.poll_seq,
        poll_id=stamp.poll_id,
        published_at=draft.published.at,
        published_raw=draft.published.raw,
        date_quality=draft.published.quality if draft.published.raw else DateQuality.MISSING,
        first_seen_at=stamp.first_seen_at,
        baseline=baseline,
        reidentified=reidentified,
    )
