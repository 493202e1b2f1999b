"""What names each entry of a body: its address, or where a feed's links do not tell its entries apart, its guid, fragment or title too.

An address that several entries have at once is shared: live blogs, everything links to /press, `doc.php?ref=ST-1`. Its hash stays in the
feed's state, so that an entry which later stands there alone is named the same way. Parameters that are perhaps tracking count for
identity until the feed has shown that its entries are told apart without them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from newsmon import ids
from newsmon.records import LinkHabits
from producers.addresses.spellings import skeleton_of
from producers.addresses.urls import canonical_url, doubtful_parameters, fragment_of
from producers.formats.entry import Entry
from producers.identity.of_entry import clean_guid, is_front_page, short_hash

SHARED_MOST = 200  # addresses remembered; a live blog needs its own while it runs
TRACKING_MOST = 32
TRACKING_CHARS = 100
TRACKING_LEAST = 3  # so many entries with different values, and an address each, show that a parameter names nothing
SAME_GUID_LEAST = 3  # so many titles under one guid and link, and the guid names no item

Parameter = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """What an entry's id is made of, first what counts first. None of it: the entry's title and date."""

    address: str | None = None  # canonical
    is_shared: bool = False  # other entries have the same address: it is not enough
    guid: str | None = None
    fragment: str = ""
    has_more: bool = False  # its link or guid says more than its address: a fragment, parameters that were left out, a guid of its own

    @property
    def mark(self) -> str | None:
        """What tells the entry from others at its address; None if only title and date do."""
        if self.guid:
            return f"guid {self.guid}"
        return f"fragment {self.fragment}" if self.fragment else None

    @property
    def is_enough(self) -> bool:
        """True when it names the entry without its title and date."""
        return self.mark is not None if self.address is None or self.is_shared else True


@dataclass(frozen=True, slots=True)
class Places:
    """A place for each entry, in order, and what the feed has shown by now."""

    places: tuple[Place, ...]
    habits: LinkHabits | None  # None: nothing
    guids_repeat: bool


@dataclass(slots=True)
class _Seen:
    """One entry on the way to its place."""

    entry: Entry
    bare: str | None
    doubtful: tuple[Parameter, ...]
    address: str | None = None
    first: _Seen | None = field(default=None, repr=False)  # the same item, earlier in the body

    @property
    def text(self) -> tuple[str, str, str]:
        return self.entry.title.strip(), self.entry.summary, self.entry.content


def places_of(entries: Sequence[Entry], base: str | None, habits: LinkHabits | None = None, *, guids_repeat: bool = False) -> Places:
    """The places of a body's entries, by what it shows and what earlier ones have shown."""
    habits, hosts = habits or LinkHabits(), dict(habits.hosts) if habits else {}
    seen = [_seen(entry, base, hosts) for entry in entries]
    habits = msgspec.structs.replace(habits, tracking=_tracking_after(habits.tracking, seen))
    learned, shared = frozenset(habits.tracking), frozenset(habits.shared)

    def keep(name: str, value: str) -> bool:
        name = name.lower()
        return _has_digit(value) and name not in learned and f"{name}={value}" not in learned

    for one in seen:
        one.address = _canonical(one.entry, base, hosts, keep) if one.doubtful else one.bare
    found = _shared_in(seen, lambda one: one.address)
    split = [one for one in seen if one.doubtful and one.first is None and _is_shared(one.address, found, shared)]
    for one in split:
        one.address = _canonical(one.entry, base, hosts, lambda _name, _value: True)
    found |= _shared_in(split, lambda one: one.address)
    repeat = guids_repeat or _do_guids_repeat(seen, found)
    fragments = _shared_in((one for one in seen if one.first is None and _is_shared(one.address, found, shared)), _with_fragment)
    common = found | fragments
    places: dict[int, Place] = {}
    for one in seen:
        places[id(one)] = places[id(one.first)] if one.first else _place(one, common, shared, guids_repeat=repeat)
    habits = _habits_after(habits, seen, common)
    return Places(_one_for_each_article(seen, places), None if habits == LinkHabits() else habits, repeat)


def _seen(entry: Entry, base: str | None, hosts: Mapping[str, str]) -> _Seen:
    bare = _canonical(entry, base, hosts)
    return _Seen(entry, bare, doubtful_parameters(entry.link) if bare and entry.link else ())


def _canonical(
    entry: Entry, base: str | None, hosts: Mapping[str, str], keep: Callable[[str, str], bool] = lambda _name, _value: False
) -> str | None:
    """The canonical address of the entry's link, at the host that the site's pages name as theirs."""
    address = canonical_url(entry.link, base, keep=keep) if entry.link else None
    if address is None or not hosts:
        return address
    host, slash, rest = address.removeprefix("https://").partition("/")
    return f"https://{hosts.get(host, host)}{slash}{rest}"


def _tracking_after(learned: tuple[str, ...], seen: Iterable[_Seen]) -> tuple[str, ...]:
    """The parameters that name nothing: the same on several addresses, or different on as many addresses as entries."""
    on: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in seen:
        for name, value in one.doubtful:
            if len(name) + len(value) < TRACKING_CHARS:
                on[name].append((value, one.bare or ""))
    fresh = []
    for name, places in on.items():
        values, addresses = {value for value, _bare in places}, {bare for _value, bare in places}
        if not any(_has_digit(value) for value in values):
            continue  # counts for nothing anyway
        if len(values) == 1 and len(addresses) > 1:
            fresh.append(f"{name}={places[0][0]}")
        elif len(values) > 1 and len(addresses) == len(places) >= TRACKING_LEAST:
            fresh.append(name)
    return (*learned, *(one for one in fresh if one not in learned))[:TRACKING_MOST]


def _has_digit(value: str) -> bool:
    """True for a value that may be a document's number. `rss` or `homepage` is none."""
    return any(map(str.isdigit, value))


def _shared_in(seen: Iterable[_Seen], key: Callable[[_Seen], str | None]) -> set[str]:
    """The keys that different items have. An entry that shows an item again is told its `first`."""
    groups: dict[str, list[_Seen]] = defaultdict(list)
    for one in seen:
        name = key(one)
        if name is not None:
            groups[name].append(one)
    return {name for name, group in groups.items() if len(group) > 1 and _distinct_count(group) > 1}


def _distinct_count(group: Sequence[_Seen]) -> int:
    """The number of items among entries with one address. The same words are one item, and so is what has one name."""
    titles_of: dict[str | None, set[str]] = defaultdict(set)
    for one in group:
        titles_of[clean_guid(one.entry.guid)].add(one.text[0])
    first_of: dict[Hashable, _Seen] = {}
    count = 0
    for one in group:
        guid, date = clean_guid(one.entry.guid), one.entry.published_raw or ""
        keys = (("text", one.text, date if guid else ""), _name(one, guid, date, len(titles_of[guid])))
        first = next((first_of[key] for key in keys if key in first_of), None)
        if first is None:
            count += 1
        one.first = first
        for key in keys:
            first_of.setdefault(key, first or one)
    return count


def _name(one: _Seen, guid: str | None, date: str, title_count: int) -> Hashable:
    """What an item keeps while its text changes.

    A guid under two titles with one date, at one place of the page, is one item listed twice; otherwise it is the page's, and no item's.
    """
    title = one.text[0]
    if guid and title_count == 1:
        return ("guid", guid, title)
    if guid and date and title_count < SAME_GUID_LEAST:
        return ("guid", guid, date, fragment_of(one.entry.link or ""))
    return ("title", title, guid or date) if title else ("text", one.text, date)


def _is_shared(address: str | None, found: set[str], learned: frozenset[str]) -> bool:
    return address is not None and (address in found or short_hash(address) in learned)


def _do_guids_repeat(seen: Iterable[_Seen], found: set[str]) -> bool:
    """True when entries whose address is not enough share a guid but not the title: then guids identify nothing in this feed."""
    title_of: dict[str, str] = {}
    for one in seen:
        guid = _telling_guid(one)
        is_named_by_it = one.address is None or one.address in found or is_front_page(one.address)
        if guid and is_named_by_it and title_of.setdefault(guid, one.entry.title) != one.entry.title:
            return True
    return False


def _telling_guid(one: _Seen) -> str | None:
    """The guid, unless it only repeats the link."""
    guid = clean_guid(one.entry.guid)
    if guid is None or one.address is None or is_front_page(one.address):
        return guid
    return None if guid == (one.entry.link or "").strip() or canonical_url(guid) == one.address else guid


def _with_fragment(one: _Seen) -> str | None:
    fragment = fragment_of(one.entry.link or "")
    return f"{one.address}#{fragment}" if fragment else None


def _place(one: _Seen, found: set[str], learned: frozenset[str], *, guids_repeat: bool) -> Place:
    guid = None if guids_repeat else _telling_guid(one)
    if one.address is None:
        return Place(guid=guid)
    fragment = fragment_of(one.entry.link or "")
    if fragment and _is_shared(f"{one.address}#{fragment}", found, learned):
        fragment = ""
    if is_front_page(one.address):
        return Place(guid=guid) if guid or not fragment else Place(one.address, is_shared=True, fragment=fragment)
    is_shared = _is_shared(one.address, found, learned)
    return Place(one.address, is_shared, guid, fragment, has_more=not is_shared and bool(guid or fragment or one.doubtful))


def _one_for_each_article(seen: Sequence[_Seen], places: dict[int, Place]) -> tuple[Place, ...]:
    """The places; the spellings of one address under the same words and date are one article, at the place of the first."""
    result: list[Place] = []
    by_text: dict[Hashable, list[Place]] = defaultdict(list)
    for one in seen:
        place = places[id(one)]
        if one.entry.title and place.address and not place.is_shared:
            same_text = by_text[one.text, one.entry.published_raw]
            skeleton = skeleton_of(place.address) if same_text else ""
            place = next((known for known in same_text if skeleton_of(known.address or "") == skeleton), place)
            if len(same_text) < TRACKING_MOST and place not in same_text:
                same_text.append(place)
        result.append(place)
    return tuple(result)


def _habits_after(habits: LinkHabits, seen: Iterable[_Seen], found: set[str]) -> LinkHabits:
    """What is known now. The addresses shown last are at the end; the oldest go."""
    shown = {short_hash(address): address for address in sorted(found)}
    if not shown and not habits.shared:
        return habits
    present = set(shown) | {short_hash(one.address) for one in seen if one.address}
    fresh = [one for one in shown if one not in habits.shared]
    shared = (*(one for one in habits.shared if one not in present), *(one for one in habits.shared if one in present), *fresh)
    example = shown[fresh[0]][:300] if fresh else habits.shared_example
    return msgspec.structs.replace(habits, shared=shared[-SHARED_MOST:], shared_example=example)


def alone(entry: Entry, base: str | None) -> Place:
    """The place of an entry of which nothing else is known."""
    return places_of([entry], base).places[0]


def within(place: Place) -> Place:
    """The place, if its address turns out to be shared."""
    return replace(place, is_shared=True)


def id_of_place(feed_id: str, place: Place, title: str, raw_date: str | None) -> str | None:
    """The article id; None when nothing names the entry."""
    if place.address and not place.is_shared:
        return ids.article_id_of_url(place.address)
    if place.address:
        mark = place.mark or (f"title {ids.normalised(title)} {raw_date or ''}" if title else None)
        return ids.article_id_within_url(place.address, mark) if mark else None
    if place.guid:
        return ids.article_id_of_guid(feed_id, place.guid)
    return ids.article_id_of_title(feed_id, title, raw_date or "") if title else None


def ids_of_address(url: str) -> tuple[str, ...]:
    """The ids that an entry with this link may have by the link alone, the likeliest first; none when it is no http(s) address."""
    bare, whole = canonical_url(url), canonical_url(url, keep=lambda _name, _value: True)
    if bare is None or whole is None:
        return ()
    fragment = fragment_of(url)
    marked = (ids.article_id_within_url(one, f"fragment {fragment}") for one in (whole, bare) if fragment)
    return tuple(dict.fromkeys((*marked, ids.article_id_of_url(whole), ids.article_id_of_url(bare))))
