"""Over the entry limit the newest stay, whatever order the feed has them in."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import parsed_feeds

from newsmon.records import EntryRejection
from producers.articles.draft import Draft
from producers.formats.entry import Entry
from producers.formats.newest import newest
from producers.formats.parse import parse_feed

START = datetime(2026, 11, 1, tzinfo=UTC)


def entry(number: int | None = None, *, raw: str | None = None, guid: str | None = None, link: str | None = None) -> Entry:
    if raw is None and number is not None:
        raw = (START + timedelta(hours=number)).isoformat()
    return Entry(guid, link, "T", "", "", raw)


FORMS: dict[str, Callable[[datetime], str]] = {
    "ISO": lambda at: at.isoformat(),
    "RFC 822": format_datetime,
    "other zone": lambda at: at.astimezone(tz=None).isoformat() if at.tzinfo is None else at.isoformat().replace("+00:00", "Z"),
    "date and time": lambda at: at.strftime("%Y-%m-%d %H:%M:%S"),
    "in Polish": lambda at: f"{at.day} listopada {at.year} {at:%H:%M}",
    "epoch": lambda at: str(int(at.timestamp())),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("order", ["newest first", "oldest first", "shuffled"])
def test_dates_in_any_form_and_order_decide(form: str, order: str) -> None:
    numbers = list(range(60))
    if order == "newest first":
        numbers.reverse()
    elif order == "shuffled":
        random.Random(7).shuffle(numbers)
    entries = [entry(raw=FORMS[form](START + timedelta(hours=number))) for number in numbers]
    kept = newest(entries, 20, ["pl"])
    assert kept == sorted(kept)
    assert sorted(numbers[place] for place in kept) == list(range(40, 60))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | st.integers(0, 500), min_size=1, max_size=40), st.integers(1, 45))
def test_as_many_as_may_stay_do_and_in_the_feeds_order(numbers: list[int | None], count: int) -> None:
    kept = newest([entry(number) for number in numbers], count)
    assert len(kept) == min(count, len(numbers))
    assert kept == sorted(set(kept))


def test_zones_are_read_before_times_are_compared() -> None:
    entries = [entry(raw="2026-11-24T01:00:00+10:00"), entry(raw="2026-11-23T20:00:00Z"), entry(raw="2026-11-23T18:00:00-05:00")]
    assert newest(entries, 1) == [2]
    assert newest(entries, 2) == [1, 2]


def test_an_undated_entry_is_as_new_as_its_neighbour() -> None:
    rising = [entry(number) if number % 3 else entry() for number in range(30)]
    assert newest(rising, 10) == list(range(20, 30))
    assert newest(rising[::-1], 10) == list(range(10))


@pytest.mark.parametrize(
    "make",
    [
        lambda n: entry(raw=str(n)),
        lambda n: entry(guid=f"tag:desk.example,2026:{n}"),
        lambda n: entry(link=f"https://desk.example/story-{n}.html"),
    ],
)
def test_without_dates_rising_numbers_show_that_the_oldest_come_first(make: Callable[[int], Entry]) -> None:
    rising = [make(number) for number in range(1, 31)]
    assert newest(rising, 10) == list(range(20, 30))
    assert newest(rising[::-1], 10) == list(range(10))


def test_without_any_sign_the_first_stay() -> None:
    assert newest([entry(guid=word) for word in ("x", "b", "q", "c")], 2) == [0, 1]


@pytest.mark.parametrize("name", ["rss", "json", "sitemap"])
def test_the_rejected_stand_in_their_places(name: str) -> None:
    numbers = (3, 9, 1, 8, 2, 7)
    dates = {number: f"2026-11-{number:02}T08:00:00Z" for number in numbers}
    body = {
        "rss": "<rss version='2.0'><channel>"
        + "".join(f"<item><title>T {n}</title><pubDate>{dates[n]}</pubDate></item>" for n in numbers)
        + "</channel></rss>",
        "json": '{"version":"1","items":['
        + ",".join(f'{{"id":"{n}","title":"T {n}","date_published":"{dates[n]}"}}' for n in numbers)
        + "]}",
        "sitemap": '<urlset xmlns:n="x">'
        + "".join(
            f"<url><loc>https://desk.example/{n}</loc><n:news><n:title>T {n}</n:title>"
            f"<n:publication_date>{dates[n]}</n:publication_date></n:news></url>"
            for n in numbers
        )
        + "</urlset>",
    }[name].encode()
    drafts = parsed_feeds.parsed(body, max_entries=3).drafts
    over = EntryRejection.OVER_ENTRY_LIMIT
    assert [draft.title if isinstance(draft, Draft) else draft for draft in drafts] == [over, "T 9", over, "T 8", over, "T 7"]


def rss(items: list[str]) -> bytes:
    return f"<rss version='2.0'><channel><title>Desk</title>{''.join(items)}</channel></rss>".encode()


def rss_item(number: int, *, damage: str = "") -> str:
    return f"<item><title>Story {number}{damage}</title><guid>g{number}</guid><pubDate>{format_datetime(START + timedelta(hours=number))}</pubDate></item>"


@settings(max_examples=30, deadline=None)
@given(
    numbers=st.lists(st.integers(0, 5_000), unique=True, min_size=1, max_size=60),
    blanks=st.lists(st.integers(0, 60), max_size=60),
    damage=st.sampled_from(("", " &", " &#0;", "<b>", "<![CDATA[")),
    broken=st.sets(st.integers(0, 60)),
)
def test_far_too_many_entries_are_chosen_from_before_they_are_read(
    numbers: list[int], blanks: list[int], damage: str, broken: set[int]
) -> None:
    items = [rss_item(number, damage=damage if place in broken else "") for place, number in enumerate(numbers)]
    for place in blanks:
        items.insert(place, "<item/>")
    found = parse_feed(rss(items), max_entries=5)
    drafts = parsed_feeds.parsed(rss(items), max_entries=5).drafts
    assert len(drafts) == len(items) == len(found.entries) + len(found.lost)
    assert sorted(entry.guid for entry in found.entries if entry.guid) == sorted(f"g{number}" for number in sorted(numbers)[-5:])


def test_very_many_empty_entries_cost_no_entry_among_them() -> None:
    items = ["<item/>"] * 30_000
    items[20_000] = rss_item(7)
    found = parse_feed(rss(items), max_entries=100)
    assert [entry.guid for entry in found.entries if entry.guid] == ["g7"]
    assert len(found.entries) + len(found.lost) == 30_000
