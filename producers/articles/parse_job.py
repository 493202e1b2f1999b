"""The job of a parse worker: turns one fetched body into drafts of articles, or gives the reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from newsmon.records import EntryRejection, Feed, FetchResult, LinkHabits
from producers.articles.draft import Draft, Unchanged, draft_of
from producers.articles.rejection_examples import example_of
from producers.dates.day_order import learned_order
from producers.documents.faults import DamagedFeedError, NotAFeedError
from producers.formats.entry import Reader
from producers.formats.parse import parse_feed
from producers.identity.of_entry import fingerprint
from producers.identity.places import Place, places_of

CUT_DETAIL = "the answer ends in the middle of the feed: entries after that point are missing until a poll brings them"


@dataclass(frozen=True, slots=True)
class ParseJob:
    """One fetched body and what its parsing needs."""

    feed: Feed
    body: bytes
    content_type: str
    url: str
    max_entries: int
    first_seen_at: datetime
    fingerprints: frozenset[str] = frozenset()  # of entries that are known and need not be cleaned again
    guids_repeat: bool = False  # learned in earlier polls; never unlearned
    charset: str | None = None  # found in an earlier poll, without a declaration or against it
    links: LinkHabits | None = None  # learned in earlier polls


@dataclass(frozen=True, slots=True)
class ParsedBody:
    """The feed's entries in order, as drafts or rejections, when `result` is OK. Otherwise `detail` says why there are none."""

    result: FetchResult
    drafts: tuple[Draft | Unchanged | EntryRejection, ...] = ()
    ttl_s: int | None = None
    detail: str | None = None
    guids_repeat: bool = False
    charset: str | None = None  # to be remembered for the feed: None while what it declares is right
    examples: dict[EntryRejection, str] = field(default_factory=dict)  # one entry of each reason, in words
    lost_here: bool = False  # the parse did not end for a reason of our own: the body may be fine
    reader: Reader | None = field(default=None, compare=False)
    is_cut: bool = False  # the document ends too early: entries may be missing, and the same bytes are worth another look
    links: LinkHabits | None = None  # what the feed has shown about its links by now


def drafts_of_body(job: ParseJob) -> ParsedBody:
    """Parse and clean one body. Runs in a worker; `newsmon parse` calls it directly."""
    try:
        found = parse_feed(
            job.body, content_type=job.content_type, url=job.url, max_entries=job.max_entries, language=job.feed.language,
            charset=job.charset,
        )  # fmt: skip
    except NotAFeedError as error:
        return ParsedBody(FetchResult.NOT_A_FEED, detail=str(error)[:300])
    except DamagedFeedError as error:
        return ParsedBody(FetchResult.PARSE_ERROR, detail=str(error)[:300])
    named = places_of(found.entries, found.base, job.links, guids_repeat=job.guids_repeat)
    order = learned_order(date for entry in found.entries for date in (entry.published_raw or "", *entry.other_dates))
    drafts: list[Draft | Unchanged | EntryRejection] = []
    examples: dict[EntryRejection, str] = {}
    unchanged: set[Place] = set()
    lost = iter((*found.lost, None))
    next_lost = next(lost)
    for entry, place in zip(found.entries, named.places, strict=True):
        while next_lost is not None and next_lost[0] == len(drafts):
            drafts.append(next_lost[1])
            next_lost = next(lost)
        mark = fingerprint(entry, found.base)
        if mark in job.fingerprints:
            drafts.append(Unchanged(mark))
            unchanged.add(place)
        elif place in unchanged and place.is_enough:  # though the known entry may have another id, from when its link was another
            drafts.append(EntryRejection.DUPLICATE_ENTRY)
            examples.setdefault(EntryRejection.DUPLICATE_ENTRY, example_of(entry, place=len(drafts)))
        else:
            drafts.append(
                draft_of(
                    entry, job.feed, base=found.base, first_seen_at=job.first_seen_at, place=place,
                    feed_language=found.language, day_order=order,
                )
            )  # fmt: skip
            if isinstance(drafts[-1], EntryRejection) and drafts[-1] not in examples:
                examples[drafts[-1]] = example_of(entry, place=len(drafts))
    while next_lost is not None:
        drafts.append(next_lost[1])
        next_lost = next(lost)
    for number, reason in found.lost:
        if reason is EntryRejection.DAMAGED_ENTRY:
            examples.setdefault(reason, f"entry {number + 1}")
    return ParsedBody(
        FetchResult.OK, tuple(drafts), found.ttl_s, CUT_DETAIL if found.is_cut else None,
        guids_repeat=named.guids_repeat, charset=found.charset, examples=examples, reader=found.reader, is_cut=found.is_cut,
        links=named.habits,
    )  # fmt: skip
