"""Dates of feeds in many languages and forms mean what `tests/data/dates/stated.tsv` says, on every machine and day."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmon.records import DateQuality
from producers.dates.publication import PublicationDate, publication_date

SEEN = datetime(2026, 11, 30, 12, tzinfo=UTC)
TABLE = Path(__file__).resolve().parents[3] / "data" / "dates" / "stated.tsv"
ROWS = [line.split("\t", 3) for line in TABLE.read_text("utf-8").splitlines()[1:]]


def read(text: str, language: str = "-", *, seen: datetime = SEEN) -> PublicationDate:
    return publication_date(text, default_zone=None, first_seen_at=seen, languages=() if language == "-" else (language,))


def test_the_table_has_hundreds_of_dates() -> None:
    assert len(ROWS) >= 300


@pytest.mark.parametrize(("expected", "quality", "language", "text"), ROWS)
def test_a_date_means_what_the_table_says(expected: str, quality: str, language: str, text: str) -> None:
    found = read(text, language)
    assert (found.at.isoformat()[:19] if found.at else "-", found.quality.value) == (expected, quality)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Anchorage"])
def test_neither_the_machines_zone_nor_the_day_changes_a_date(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for expected, quality, language, text in ROWS:
            if quality not in ("stated", "assumed_zone"):
                continue
            found = read(text, language, seen=SEEN + timedelta(days=371, hours=7))
            assert str(found.at)[:19] == expected.replace("T", " "), text
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("ahead", "at", "quality"),
    [
        (timedelta(minutes=10), SEEN, DateQuality.STATED), (timedelta(hours=2), SEEN, DateQuality.FUTURE),
        (timedelta(hours=26), SEEN, DateQuality.FUTURE), (timedelta(hours=27), None, DateQuality.FUTURE),
        (timedelta(days=21), None, DateQuality.FUTURE), (timedelta(days=400), None, DateQuality.FUTURE),
        (timedelta(days=800), None, DateQuality.UNREADABLE), (timedelta(days=30_000), None, DateQuality.UNREADABLE),
    ],
)  # fmt: skip
def test_a_wrong_zone_is_clamped_days_ahead_are_undated_and_years_ahead_are_no_date(
    ahead: timedelta, at: datetime | None, quality: DateQuality
) -> None:
    found = read((SEEN + ahead).isoformat())
    assert (found.at, found.quality) == (at, quality)


@pytest.mark.parametrize("raw", ["soon", "05/06/2026", "Fri, 31 Dec 9999 23:59:59 GMT", "Wed, 30 Dec 2026 10:00 GMT", "", None])
def test_a_date_that_is_none_does_not_hide_a_good_one_beside_it(raw: str | None) -> None:
    found = publication_date(raw, default_zone=None, first_seen_at=SEEN, other_dates=("", "never", "2026-11-05T10:00:00Z", "2026-11-09"))
    assert found == PublicationDate(datetime(2026, 11, 5, 10, tzinfo=UTC), "2026-11-05T10:00:00Z", DateQuality.STATED)


def test_a_good_date_is_not_replaced_and_a_bad_one_is_shown() -> None:
    found = publication_date("2026-11-04", default_zone=None, first_seen_at=SEEN, other_dates=("2026-11-05T10:00:00Z",))
    assert found.at == datetime(2026, 11, 4, tzinfo=UTC)
    found = publication_date("soon", default_zone=None, first_seen_at=SEEN, other_dates=("later",))
    assert found == PublicationDate(None, "soon", DateQuality.UNREADABLE)


MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
MOMENTS = st.datetimes(datetime(1991, 1, 1), datetime(2026, 11, 29)).map(lambda at: at.replace(microsecond=0))
SHAPES: dict[str, Callable[[datetime], str]] = {
    "dotted": lambda at: f"{at.day}.{at.month}.{at.year} {at:%H:%M:%S}",
    "dotted, spaced": lambda at: f"{at.day:02}. {at.month:02}. {at.year}, {at:%H:%M:%S} Uhr",
    "dotted, dotted time": lambda at: f"{at:%d.%m.%Y} {at:%H.%M.%S}",
    "dotted, time first": lambda at: f"{at:%H:%M:%S} {at:%d.%m.%Y}",
    "year first, dots": lambda at: f"{at.year}. {at.month}. {at.day}. {at:%H:%M:%S}",
    "year first, slashes": lambda at: f"{at:%Y/%m/%d %H:%M:%S}",
    "Go": lambda at: f"{at:%Y-%m-%d %H:%M:%S} +0000 UTC m=+0.000012",
    "Java": lambda at: f"{at:%a} {MONTHS[at.month - 1]} {at:%d %H:%M:%S} UTC {at.year}",
    "C": lambda at: f"{at:%a} {MONTHS[at.month - 1]} {at.day:2} {at:%H:%M:%S} {at.year}",
    "JavaScript": lambda at: f"{at:%a} {MONTHS[at.month - 1]} {at:%d %Y %H:%M:%S} GMT+0000 (Coordinated Universal Time)",
    "RFC 850": lambda at: f"{at:%A}, {at:%d}-{MONTHS[at.month - 1]}-{at:%y %H:%M:%S} GMT",
    "American": lambda at: (
        f"{MONTHS[at.month - 1]} {at.day}, {at.year}, {(at.hour - 1) % 12 + 1}:{at:%M:%S} {'AM' if at.hour < 12 else 'p.m.'}"
    ),
    "hours of 24 with PM": lambda at: f"{at:%d} {MONTHS[at.month - 1]} {at:%Y %H:%M:%S} {'PM' if at.hour >= 12 else 'AM'} GMT",
    "Chinese": lambda at: f"{at.year}年{at.month}月{at.day}日 {at:%H时%M分%S秒}",
    "Korean": lambda at: (
        f"{at.year}년 {at.month}월 {at.day}일 {'오전' if at.hour < 12 else '오후'} {(at.hour - 1) % 12 + 1}시 {at:%M분 %S초}"
    ),
    "Thai": lambda at: f"{at.day}/{at.month}/{at.year + 543} {at:%H:%M:%S} น." if at.day > 12 else f"{at:%Y-%m-%d %H:%M:%S} น.",
    "Apache": lambda at: f"{at:%d}/{MONTHS[at.month - 1]}/{at:%Y:%H:%M:%S} +0000",
    "compact": lambda at: f"{at:%Y%m%d%H%M%S}",
    "ISO week": lambda at: f"{at:%G-W%V-%uT%H:%M:%S}Z",
    "day of the year": lambda at: f"{at:%Y-%jT%H:%M:%S}Z",
    "area": lambda at: f"{at:%Y-%m-%d %H:%M:%S} Etc/UTC",
    "microseconds": lambda at: str(int(at.replace(tzinfo=UTC).timestamp()) * 10**6),
    "fraction": lambda at: f"{int(at.replace(tzinfo=UTC).timestamp())}.000",
    "element": lambda at: f'<time class="x" datetime="{at.isoformat()}Z">{at:%m/%d/%y}</time>',
    "said": lambda at: f"Published on {MONTHS[at.month - 1]} {at.day}, {at.year} at {at:%H:%M:%S}",
}


@pytest.mark.parametrize("shape", SHAPES)
@given(at=MOMENTS)
@settings(max_examples=60, deadline=None)
def test_every_moment_is_read_back_from_every_shape(shape: str, at: datetime) -> None:
    text = SHAPES[shape](at)
    assert read(text).at == at.replace(tzinfo=UTC), text


@given(at=MOMENTS, noise=st.text(alphabet=" .,:/-+()[]", max_size=3), digits=st.integers(0, 99))
@settings(max_examples=200, deadline=None)
def test_a_number_that_has_no_place_makes_a_date_unknown(at: datetime, noise: str, digits: int) -> None:
    """A text with one number too many is no date, unless the number says something about the time."""
    text = f"{at.day}. {MONTHS[at.month - 1]} {at.year} {at:%H:%M:%S} ; {noise} {digits}"
    found = read(text).at
    assert found is None or abs(found - at.replace(tzinfo=UTC)) <= timedelta(hours=15), text


# Whatever a feed writes costs next to nothing: 20,000 entries of 120 characters are read in a worker that has 20 seconds.
HOSTILE = (
    "5 " * 60, "1" * 120, "1." * 60, "1 1/" * 30, ". ." * 40 + "1", "a/b/" * 30 + "1:00", "Europe/Paris" * 10 + " 1:00", "1:00 " + "z" * 110,
    "Nov " * 29 + "5 2026", "<time " * 160 + "1", "datetime='" * 90 + "1", "<" * 900 + "1", "&amp;" * 190 + "1", "(" * 100 + "1", "(1)" * 40,
    "十" * 119 + "年", "1月" * 60, "ก่1" * 40, "1h" * 60, "1:1:" * 30, "m=+1" * 30, "p m 1 " * 20, "\u0301" * 119 + "1",
)  # fmt: skip


def test_a_feed_of_hostile_dates_costs_a_fraction_of_what_a_worker_may_use() -> None:
    read("5 listopada 2026", "pl")  # loads the words
    began = time.process_time()
    for number in range(25):
        for text in HOSTILE:
            read(f"{text[: 1000 - 6]}{number:06}", "pl")
            read(f"{number} {text}", "de")
        read(f"5 {chr(0x430 + number % 32) * 3}{number % 7 * 'ж'} 2026")
    assert time.process_time() - began < 5


@given(st.text(alphabet="0123456789 .:/-+,apmNovмая年月日", max_size=130))
@settings(max_examples=300, deadline=None)
def test_whatever_is_read_is_between_1990_and_the_day_it_was_seen(text: str) -> None:
    for language in ("-", "en-US", "ru", "ja", "th"):
        found = read(text, language)
        assert found.at is None or datetime(1990, 1, 1, tzinfo=UTC) <= found.at <= SEEN


@pytest.mark.parametrize(
    ("text", "language", "at"),
    [
        ("5 ноября 2026 14:30 по московскому времени", "ru", "2026-11-05 11:30"), ("5 ноября 2026, 14:30 (по Москве)", "ru", "2026-11-05 11:30"),
        ("5. November 2026, 14:30 Mitteleuropäische Zeit", "de", "2026-11-05 13:30"),
        ("2 juillet 2026 à 14h30, heure d’été d’Europe centrale", "fr", "2026-07-02 12:30"),
        ("Thu, 02 Jul 2026 14:30:00 Eastern Daylight Time", "en", "2026-07-02 18:30"),
        ("Thu, 02 Jul 2026 14:30:00 Eastern Standard Time", "en", "2026-07-02 19:30"), ("5 XI 2026, godz. 14:05", "pl", "2026-11-05 14:05"),
        ("środa, 4.XI.2026 14:05", "pl", "2026-11-04 14:05"), ("5/IV/2026", "-", "2026-04-05 00:00"),
        ("Thu, 05 Nov 2026 9:5:7 GMT", "-", "2026-11-05 09:05"),
    ],
)  # fmt: skip
def test_zones_in_words_and_months_in_roman_numerals_are_read(text: str, language: str, at: str) -> None:
    assert str(read(text, language).at)[:16] == at
