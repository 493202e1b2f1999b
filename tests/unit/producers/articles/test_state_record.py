"""Known entries as bytes, and a state's records on Kafka: wherever a crash comes, the same entries are read back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.drafts import NOW, draft, state

from newsmon import ids
from newsmon.codec import decode, encode
from newsmon.errors import RecordError
from newsmon.records import FeedKnown, FeedState, KnownEntry
from producers.articles.known_entries import ENTRY_BYTES, FORM_1_BYTES, entries_of, fingerprints_of, pack_entries, repacked
from producers.articles.state_record import (
    SMALL_BYTES,
    SavedState,
    base_id,
    checked_record,
    joined,
    parts_of,
    saved_state_of,
    state_write_after,
)


def entry(number: int, *, revision: int = 1) -> KnownEntry:
    return KnownEntry(
        article_id=ids.article_id_of_url(f"https://a.example/{number}"),
        content_hash=ids.content_hash(str(number), str(revision), ""),
        revision=revision,
        guid_hash=None if number % 3 == 0 else f"{number:016x}",
        title_hash=None if number % 5 == 0 else f"{number:016x}",
        fingerprint=None if number % 7 == 0 else f"{number:016x}",
    )


short_hashes = st.none() | st.binary(min_size=4, max_size=4).map(bytes.hex)


hashes = st.none() | st.binary(min_size=8, max_size=8).map(bytes.hex)
any_entry = st.builds(
    KnownEntry,
    article_id=st.text().map(ids.article_id_of_url),
    content_hash=st.text().map(lambda text: ids.content_hash(text, "", "")),
    revision=st.integers(0, 2**32 - 1),
    last_seen_at=st.none(),
    guid_hash=hashes,
    title_hash=hashes,
    fingerprint=hashes,
    date_hash=short_hashes,
    link_hash=short_hashes,
)


@given(st.lists(any_entry, max_size=12))
def test_entries_come_back_from_their_bytes_as_they_were(entries: list[KnownEntry]) -> None:
    known = pack_entries(entries)
    assert len(known) == ENTRY_BYTES * len(entries)
    assert entries_of(known) == tuple(entries)
    assert fingerprints_of(known) == fingerprints_of(tuple(entries)) == {one.fingerprint for one in entries if one.fingerprint}


@pytest.mark.parametrize(
    "changes",
    [
        {"article_id": "a_short"},
        {"article_id": ids.content_hash("", "", "")},
        {"article_id": "a_" + "A" * 26},
        {"article_id": "a_" + "_" * 26},
        {"content_hash": "c_" + "é" * 26},
        {"guid_hash": "00"},
        {"fingerprint": "not hex at all.."},
    ],
)
def test_what_is_not_an_id_of_ours_is_refused_and_not_changed_into_another(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"not|hex"):
        pack_entries([msgspec.structs.replace(entry(1), **changes)])


def test_what_did_not_change_stays_the_same_object() -> None:
    known = pack_entries([entry(1), entry(2)])
    assert repacked([entry(1), entry(2)], known) is known
    assert repacked([], known) is known
    assert repacked([entry(2), entry(1)], known) == pack_entries([entry(2), entry(1)])


orders = st.lists(st.integers(0, 60), unique=True, max_size=60)


@given(orders, orders)
def test_any_entries_come_back_from_any_base(before: list[int], after: list[int]) -> None:
    base, known = pack_entries(map(entry, before)), pack_entries(map(entry, after))
    assert joined(parts_of(known, base), base) == known


def test_a_base_that_is_all_a_state_knows_is_held_once() -> None:
    base = pack_entries(map(entry, range(40)))
    assert joined(parts_of(bytes(bytearray(base)), base), base) is base


@dataclass
class Kafka:
    """The two topics, compacted at once: of each only the last record."""

    record: bytes | None = None
    base: bytes | None = None
    written_bytes: list[int] = field(default_factory=list)

    def write(self, following: FeedState, last: SavedState | None, *, cut_after: int = 2) -> SavedState | None:
        """What is held when both writes went well; None when the process ended after `cut_after` of them."""
        written = state_write_after(following, last)
        base = [encode(written.base)] if written.base else []
        record = encode(written.record)
        if base and cut_after > 0:
            self.base = base[0]
        if cut_after < len(base) + 1:
            return None
        self.record = record
        self.written_bytes.append(len(record) + sum(map(len, base)))
        return written.saved

    def read(self) -> SavedState | None:
        """As a producer that starts reads it."""
        if self.record is None:
            return None
        base = checked_record(decode(self.base, FeedKnown)) if self.base else None
        saved, is_whole = saved_state_of(checked_record(decode(self.record, FeedState)), base)
        assert is_whole, "the last state finds what it refers to"
        return saved


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["same", "one", "two", "many", "shuffled", "fewer", "none"]), st.sampled_from([2, 2, 2, 1, 0]), st.booleans()
        ),
        max_size=40,
    )
)
def test_whatever_is_cut_off_the_last_acknowledged_state_comes_back_whole(polls: list[tuple[str, int, bool]]) -> None:
    kafka, acknowledged, known, next_number = Kafka(), None, list(range(60)), 100
    last: SavedState | None = None
    for poll_seq, (change, cut_after, restart) in enumerate(polls, start=1):
        shown, next_number = _changed(known, change, next_number)
        following = state(poll_seq=poll_seq, known=pack_entries(map(entry, shown)))
        saved = kafka.write(following, last, cut_after=cut_after)
        if saved is not None:
            acknowledged, known, last = following, shown, saved
            assert saved.state == following
        if saved is None or restart:
            last = kafka.read()
        assert (last.state if last else None) == acknowledged


def _changed(known: list[int], change: str, next_number: int) -> tuple[list[int], int]:
    more = {"one": 1, "two": 2, "many": 30}.get(change, 0)
    shown = [*known, *range(next_number, next_number + more)]
    if change == "shuffled":
        shown = shown[::-1]
    if change == "fewer":
        shown = shown[7:]
    return ([] if change == "none" else shown), next_number + more


def test_an_unchanged_feed_writes_a_tenth_of_what_its_entries_take() -> None:
    kafka, last = Kafka(), None
    for poll_seq in range(1, 100):
        last = kafka.write(state(poll_seq=poll_seq, known=pack_entries(map(entry, range(200)))), last)
    assert last is not None
    assert kafka.written_bytes[0] > 200 * ENTRY_BYTES
    assert max(kafka.written_bytes[2:]) < kafka.written_bytes[0] / 10


def test_a_feed_that_goes_on_publishing_writes_its_entries_anew_only_now_and_then() -> None:
    kafka, last, shown = Kafka(), None, list(range(200))
    for poll_seq in range(1, 201):
        shown = [*shown[1:], 1_000 + poll_seq]
        last = kafka.write(state(poll_seq=poll_seq, known=pack_entries(map(entry, shown))), last)
    whole_bytes = kafka.written_bytes[0]
    assert sum(kafka.written_bytes) < 200 * whole_bytes / 4
    assert max(kafka.written_bytes) < 3 * whole_bytes


def test_few_entries_travel_with_their_state() -> None:
    known = pack_entries(map(entry, range(SMALL_BYTES // ENTRY_BYTES)))
    first = state_write_after(state(known=known), None)
    second = state_write_after(state(known=known), first.saved)
    assert (second.base, second.record.known, second.record.known_base) == (None, known, None)


def test_a_record_of_before_still_reads_and_is_written_packed() -> None:
    old = b"""{"record":"feed-state/1","feed_id":"a","url":"https://a.example/feed","poll_seq":1,"polled_at":"2026-11-24T12:00:00Z",
    "next_due_at":"2026-11-24T12:00:00Z","interval_s":300,"known":[{"article_id":"%b","content_hash":"%b","revision":2,
    "last_seen_at":"2026-11-24T12:00:00Z","guid_hash":null,"title_hash":"00112233aabbccdd","fingerprint":null}]}""" % (
        draft(1).article_id.encode(),
        draft(1).content_hash.encode(),
    )
    saved, is_whole = saved_state_of(checked_record(decode(old, FeedState)), None)
    assert is_whole
    expected = KnownEntry(
        article_id=draft(1).article_id, content_hash=draft(1).content_hash, revision=2, title_hash="00112233aabbccdd"
    )  # fmt: skip
    assert entries_of(saved.state.known) == (expected,)
    again = decode(encode(state_write_after(saved.state, saved).record), FeedState)
    assert entries_of(again.known) == (expected,)


def test_without_its_base_a_state_knows_what_there_is_and_the_next_write_mends_it() -> None:
    base, other = pack_entries(map(entry, range(40))), pack_entries(map(entry, range(5, 30)))
    record = state_write_after(state(known=base + pack_entries([entry(99)])), SavedState(state(known=base))).record
    assert record.known_base == base_id(base)
    nothing, is_whole = saved_state_of(record, None)
    assert (entries_of(nothing.state.known), nothing.base, is_whole) == ((entry(99),), b"", False)
    some, is_whole = saved_state_of(record, FeedKnown(feed_id="a", base_id=base_id(other), known=other))
    assert ({*entries_of(some.state.known)}, some.base, is_whole) == ({*map(entry, range(5, 30)), entry(99)}, b"", False)
    mended = state_write_after(some.state, some)
    assert (mended.base, mended.record.known) == (None, some.state.known)


@pytest.mark.parametrize(
    "changes",
    [
        {"known": secrets.token_bytes(ENTRY_BYTES + 1)},
        {"known_base": "x", "known_parts": ((-1, 2),)},
        {"known_base": "x", "known_parts": ((0, 0),)},
        {"known_base": "x", "known_parts": (b"1",)},
        {"known": (msgspec.structs.replace(entry(1), article_id="x"),)},
    ],
)
def test_bytes_that_are_no_entries_are_told_from_a_state(changes: dict[str, object]) -> None:
    with pytest.raises(RecordError):
        checked_record(state(**changes))


def test_a_base_too_short_for_the_runs_is_not_taken_for_the_one_meant() -> None:
    base = pack_entries(map(entry, range(40)))
    record = state_write_after(state(known=base), SavedState(state(known=base))).record
    forged = FeedKnown(feed_id="a", base_id=base_id(base), known=base[: 4 * ENTRY_BYTES])
    assert not saved_state_of(record, forged)[1]


def test_the_state_itself_is_as_it_was() -> None:
    """What travels differs from what was given only in how the entries are written."""
    before = state(draft(1), etag='"1"', polled_at=NOW)
    written = state_write_after(before, None)
    assert msgspec.structs.replace(written.record, known=b"") == msgspec.structs.replace(before, known=b"")


def test_what_is_packed_again_is_the_same_whether_it_was_unpacked_before_or_not() -> None:
    known = pack_entries(map(entry, range(20)))
    there = entries_of(known)
    pack_entries(map(entry, range(5)))
    changed = [*there[3:], msgspec.structs.replace(there[0], revision=9), entry(1)]
    assert repacked(changed, known) == pack_entries(changed) == repacked([msgspec.structs.replace(one) for one in changed], known)


def in_form_1(known: bytes) -> bytes:
    """The entries as versions before the date and link were remembered packed them."""
    return b"".join(known[at : at + FORM_1_BYTES] for at in range(0, len(known), ENTRY_BYTES))


@pytest.mark.parametrize("has_base", [False, True])
def test_entries_packed_by_an_older_version_are_known_and_written_whole_in_the_present_form(has_base: bool) -> None:
    base, fresh = in_form_1(pack_entries(map(entry, range(40)))), in_form_1(pack_entries([entry(99)]))
    old = state(known=base + fresh, known_form=1)
    if has_base:
        old = msgspec.structs.replace(old, known=b"", known_base=base_id(base), known_parts=((0, 40), fresh))
    raw = encode(old).replace(b"feed-state/3", b"feed-state/2").replace(b'"known_form":1,', b"")
    kept = encode(FeedKnown(feed_id="a", base_id=base_id(base), known=base)).replace(b"feed-known/2", b"feed-known/1")
    below = decode(kept.replace(b',"known_form":2', b""), FeedKnown)
    saved, is_whole = saved_state_of(checked_record(decode(raw, FeedState)), checked_record(below) if has_base else None)
    assert is_whole
    assert entries_of(saved.state.known) == (*map(entry, range(40)), entry(99))
    written = state_write_after(saved.state, saved)
    assert (written.base, written.record.known_form, len(written.record.known)) == (None, 2, 41 * ENTRY_BYTES)


def test_an_older_base_that_is_another_one_is_still_known() -> None:
    base, other = in_form_1(pack_entries(map(entry, range(40)))), pack_entries(map(entry, range(30)))
    old = state(known=b"", known_form=1, known_base=base_id(base), known_parts=((0, 40), in_form_1(pack_entries([entry(99)]))))
    saved, is_whole = saved_state_of(old, FeedKnown(feed_id="a", base_id=base_id(other), known=other))
    assert ({*entries_of(saved.state.known)}, saved.base, is_whole) == ({*map(entry, range(30)), entry(99)}, b"", False)


def test_a_form_of_a_newer_version_is_told_from_a_state() -> None:
    with pytest.raises(RecordError):
        checked_record(state(known=pack_entries([entry(1)]), known_form=3))
