"""Finds the known entry that each entry of a poll is, also under another link, guid or spelling.

In: drafts, and what the feed's state remembers. Out: the drafts under the ids of the articles they are, what makes each other entry a
repetition, and what the feed has shown about its links and guids.

The same title and text in the same feed is the same article, unless both state a date and the dates differ: "Weather" of yesterday is
not "Weather" of today. Each known entry is taken once, and only while no entry of the poll has its id.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

import msgspec

from newsmon.records import KnownEntry, LinkHabits
from producers.articles.draft import Draft
from producers.identity.habits import churns
from producers.identity.of_entry import short_hash

CHURN_SHARE = 0.6
CHURN_LEAST = 5  # with fewer entries, "most of them" means nothing
CHURN_COUNT_MOST = 10  # after as many quiet polls it is not said any more
ANY_DATE = ""
TELLING_TITLE_CHARS = 20  # two articles of one moment under a title as long are one
JUST_NOW = timedelta(minutes=15)  # dates of all entries as near to the poll come from the server's clock

Elsewhere = Callable[[Draft], str | None]


@dataclass(frozen=True, slots=True)
class Matched:
    """The entries of a poll, each once: drafts under the ids of their articles, and known entries that stand unchanged."""

    entries: list[Draft | KnownEntry]
    copy_count: int  # entries that show again what another one shows
    reidentified: frozenset[str]  # ids of new articles that are known ones, but too much changed to be sure
    links: LinkHabits | None


@dataclass(slots=True)
class _Memory:
    """What is known and may be taken."""

    drafts: Sequence[Draft | KnownEntry]
    before: dict[str, KnownEntry]
    links_churn: bool
    guids_repeat: bool
    dates_say_nothing: bool
    taken: set[str] = field(default_factory=set)
    gone: dict[str, KnownEntry] = field(init=False)
    strangers: list[Draft] = field(init=False)
    guids: dict[str | None, KnownEntry] = field(init=False)
    titles: dict[str | None, KnownEntry] = field(init=False)
    links: dict[str | None, KnownEntry] = field(init=False)
    contents: dict[tuple[str, str | None], deque[KnownEntry]] = field(init=False)  # by words and date, "" for any; the newest first

    def __post_init__(self) -> None:
        present = {one.article_id for one in self.drafts}
        self.strangers = [one for one in self.drafts if isinstance(one, Draft) and one.article_id not in self.before]
        self.gone = {key: entry for key, entry in self.before.items() if key not in present}
        everything, gone = self.before.values(), self.gone.values()
        believed = set() if self.guids_repeat else once(one.guid_hash for one in everything) & once(one.guid_hash for one in self.drafts)
        self.guids = {one.guid_hash: one for one in gone if one.guid_hash in believed}
        unique_titles = once(one.title_hash for one in self.drafts) & {one.title_hash for one in gone}
        self.titles = {one.title_hash: one for one in gone if one.title_hash in unique_titles}  # the newest of each
        unique_links = once(map(_link_and_title, gone)) & once(map(_link_and_title, self.drafts))
        self.links = {name: one for one in gone if (name := _link_and_title(one)) in unique_links}
        self.contents = defaultdict(deque)
        for one in reversed(list(gone)):
            self.contents[one.content_hash, one.date_hash].append(one)
            self.contents[one.content_hash, ANY_DATE].append(one)

    def with_words(self, content_hash: str, date_hash: str | None) -> KnownEntry | None:
        """The newest known entry with these words and date that is not taken yet."""
        pool = self.contents.get((content_hash, date_hash), deque[KnownEntry]())
        while pool and pool[0].article_id in self.taken:
            pool.popleft()
        return pool[0] if pool else None

    @property
    def are_most_strange(self) -> bool:
        return len(self.strangers) > CHURN_SHARE * len(self.drafts)

    @property
    def has_moved(self) -> bool:
        return len(self.drafts) >= CHURN_LEAST and self.are_most_strange

    def dates(self, known: KnownEntry, draft: Draft) -> _Dates:
        if known.date_hash is None or draft.date_hash is None:
            return _Dates.UNKNOWN
        if known.date_hash == draft.date_hash:
            return _Dates.EQUAL
        return _Dates.UNKNOWN if self.dates_say_nothing else _Dates.DIFFERENT


class _Dates(Enum):
    EQUAL = 1
    DIFFERENT = 2
    UNKNOWN = 3


def matched(
    drafts: Sequence[Draft | KnownEntry], before: dict[str, KnownEntry], links: LinkHabits | None, *,
    guids_repeat: bool, now: datetime, partial: bool, elsewhere: Elsewhere | None = None,
) -> Matched:  # fmt: skip
    """The entries under the ids of their articles. `drafts` has each id once."""
    memory = _Memory(
        drafts, before, churns(links.link_churn_count if links else 0), guids_repeat, dates_say_nothing=_are_of_now(drafts, now)
    )
    old_of = _old_ones(memory)
    shown = _shown(drafts, before, old_of)
    entries: list[Draft | KnownEntry] = []
    copy_count = 0
    used = {one.article_id for one in drafts} | memory.taken
    reidentified = set()
    for one in drafts:
        if isinstance(one, KnownEntry) or one.article_id in before:
            entries.append(one)
        elif one.article_id in old_of:
            entries.append(replace(one, article_id=old_of[one.article_id].article_id))
        elif one.link_hash and (one.link_hash, one.content_hash, one.date_hash) in shown:
            copy_count += 1
        else:
            named = elsewhere(one) if elsewhere else None
            fresh = one if named is None or named in used else replace(one, article_id=named)
            used.add(fresh.article_id)
            entries.append(fresh)
            if not partial and fresh.article_id not in before and _is_probably_known(one, memory):
                reidentified.add(fresh.article_id)
    pairs = [(one, old) for one in entries if (old := before.get(one.article_id)) is not None]
    _tell_revised(pairs, elsewhere)
    return Matched(entries, copy_count, frozenset(reidentified), links if partial else _habits_after(links, pairs))


def _old_ones(memory: _Memory) -> dict[str, KnownEntry]:
    """By a stranger's id, the known entry that it is; what tells most is tried first, for all of them."""
    old_of: dict[str, KnownEntry] = {}
    for find in (_by_guid_and_title, _by_content, _by_link_and_title, _by_title_and_date, _by_guid_and_date) if memory.gone else ():
        for draft in memory.strangers:
            old = None if draft.article_id in old_of else find(draft, memory)
            if old is not None and old.article_id not in memory.taken:
                memory.taken.add(old.article_id)
                old_of[draft.article_id] = old
    return old_of


def _tell_revised(pairs: Iterable[tuple[Draft | KnownEntry, KnownEntry]], elsewhere: Elsewhere | None) -> None:
    """Tell of the revised words, so that the same words in another feed are this article."""
    for one, old in pairs if elsewhere else ():
        if elsewhere and isinstance(one, Draft) and one.content_hash != old.content_hash:
            elsewhere(one)


def set_apart(draft: Draft, before: dict[str, KnownEntry], *, guids_churn: bool) -> Draft:
    """The draft under an id of its own, where the known entry at its address is another item.

    At another link, everything about it differs. At the same link, as with a page that shows one item a day, so do guid, date and text.
    """
    old = before.get(draft.article_id)
    if old is None or draft.within_id is None or old.link_hash is None:
        return draft
    same_guid = old.guid_hash is not None and old.guid_hash == draft.guid_hash
    same_date = old.date_hash is not None and old.date_hash == draft.date_hash
    same_title = old.title_hash == draft.title_hash
    if same_guid or same_date or old.content_hash == draft.content_hash:
        return draft
    if old.link_hash != draft.link_hash:
        return draft if same_title else replace(draft, article_id=draft.within_id)
    has_guid = draft.guid_tells and old.guid_hash is not None and not guids_churn
    is_of_another_time = old.date_hash is not None and draft.date_hash is not None
    return replace(draft, article_id=draft.within_id) if has_guid and is_of_another_time else draft


def with_shared(links: LinkHabits | None, addresses: Iterable[str | None]) -> LinkHabits | None:
    """What was learned, with the addresses at which entries were set apart."""
    fresh = {short_hash(one): one for one in addresses if one}
    if not fresh:
        return links
    links = links or LinkHabits()
    kept = tuple(one for one in links.shared if one not in fresh)
    return msgspec.structs.replace(links, shared=kept + tuple(fresh), shared_example=next(iter(fresh.values()))[:300])


def once(hashes: Iterable[str | None]) -> set[str | None]:
    return {one for one, count in Counter(hashes).items() if one is not None and count == 1}


def _by_guid_and_title(draft: Draft, memory: _Memory) -> KnownEntry | None:
    old = memory.guids.get(draft.guid_hash)
    if old is None or old.title_hash != draft.title_hash:
        return None
    same = old.content_hash == draft.content_hash or memory.links_churn or (old.link_hash or "") == draft.link_hash
    return old if same or memory.dates(old, draft) is not _Dates.DIFFERENT else None


def _by_content(draft: Draft, memory: _Memory) -> KnownEntry | None:
    """The known entry with the same words; where they are a title alone and no date is stated, only if most entries look new."""
    old = memory.with_words(draft.content_hash, draft.date_hash) if draft.date_hash else None
    if old is not None:
        return old
    if not (draft.lead or draft.body or memory.are_most_strange):
        return None
    is_any_date = draft.date_hash is None or memory.dates_say_nothing
    return memory.with_words(draft.content_hash, ANY_DATE if is_any_date else None)


def _by_link_and_title(draft: Draft, memory: _Memory) -> KnownEntry | None:
    """The known entry whose link is another spelling of this one, while its text was revised."""
    old = memory.links.get(_link_and_title(draft))
    return old if old is not None and memory.dates(old, draft) is not _Dates.DIFFERENT else None


def _link_and_title(one: Draft | KnownEntry) -> str | None:
    return f"{one.link_hash} {one.title_hash}" if one.link_hash else None


def _by_title_and_date(draft: Draft, memory: _Memory) -> KnownEntry | None:
    """The known entry of the same time under the same title, if that says much or the feed changes its links: its text was revised."""
    says_much = memory.links_churn or memory.are_most_strange or len(draft.title) >= TELLING_TITLE_CHARS
    old = memory.titles.get(draft.title_hash) if says_much else None
    if old is None:
        return None
    is_of_older_version = old.link_hash is None and draft.link_hash is not None  # which did not remember dates either
    return old if is_of_older_version or memory.dates(old, draft) is _Dates.EQUAL else None


def _by_guid_and_date(draft: Draft, memory: _Memory) -> KnownEntry | None:
    """The known entry with this guid and date: its headline was edited, and its link with it. A feed that moves may give guids anew."""
    is_believed = draft.guid_tells and not memory.dates_say_nothing and not memory.has_moved
    old = memory.guids.get(draft.guid_hash) if is_believed else None
    return old if old is not None and memory.dates(old, draft) is _Dates.EQUAL else None


def _is_probably_known(draft: Draft, memory: _Memory) -> bool:
    """True for a new entry that has a known guid or title, when most of the feed looks new at once: the feed has moved."""
    if not memory.has_moved:
        return False
    old = memory.guids.get(draft.guid_hash)
    if old is not None and (old.title_hash == draft.title_hash or memory.dates(old, draft) is not _Dates.DIFFERENT):
        return old.article_id not in memory.taken
    old = memory.titles.get(draft.title_hash)
    return old is not None and old.article_id not in memory.taken and memory.dates(old, draft) is not _Dates.DIFFERENT


def _are_of_now(drafts: Iterable[Draft | KnownEntry], now: datetime) -> bool:
    """True when several entries are dated, and all at the time of the poll: then dates are the server's clock and tell nothing."""
    times = [one.published.at for one in drafts if isinstance(one, Draft) and one.published.at is not None]
    return len(times) > 1 and all(abs(now - at) <= JUST_NOW for at in times)


def _shown(
    drafts: Iterable[Draft | KnownEntry], before: dict[str, KnownEntry], old_of: dict[str, KnownEntry]
) -> set[tuple[str | None, str, str | None]]:
    """What the known entries in the poll show: link, words, date."""
    known = [one for one in drafts if isinstance(one, KnownEntry) or one.article_id in before or one.article_id in old_of]
    return {(one.link_hash, one.content_hash, one.date_hash) for one in known}


def _habits_after(links: LinkHabits | None, pairs: Sequence[tuple[Draft | KnownEntry, KnownEntry]]) -> LinkHabits | None:
    """What was learned, with the polls counted in which most known entries came with another link or guid."""
    if not pairs:
        return links
    before = links or LinkHabits()
    other_links = sum(_differ(one.link_hash, old.link_hash) for one, old in pairs)
    other_guids = sum(_differ(one.guid_hash, old.guid_hash) for one, old in pairs)
    after = msgspec.structs.replace(
        before,
        link_churn_count=_count_after(before.link_churn_count, other_links, len(pairs)),
        guid_churn_count=_count_after(before.guid_churn_count, other_guids, len(pairs)),
    )
    return links if after == before else after


def _count_after(count: int, other_count: int, all_count: int) -> int:
    if 2 * other_count > all_count:
        return min(count + 1, CHURN_COUNT_MOST)
    return max(count - 1, 0) if not other_count else count


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other
