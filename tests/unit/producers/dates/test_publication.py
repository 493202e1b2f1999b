"""Dates as feeds write them are read correctly, or reported as unreadable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmon.records import DateQuality
from producers.dates.publication import PublicationDate, publication_date

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def read(raw: str | None, default_zone: str | None = None) -> PublicationDate:
    return publication_date(raw, default_zone=default_zone, first_seen_at=NOW)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("AEST", "2026-11-20 00:00"), ("AEDT", "2026-11-19 23:00"), ("ACST", "2026-11-20 00:30"), ("ACDT", "2026-11-19 23:30"),
        ("AWST", "2026-11-20 02:00"), ("NZST", "2026-11-19 22:00"), ("NZDT", "2026-11-19 21:00"), ("SGT", "2026-11-20 02:00"),
        ("EET", "2026-11-20 08:00"), ("EEST", "2026-11-20 07:00"), ("MSK", "2026-11-20 07:00"), ("BST", "2026-11-20 09:00"),
        ("WET", "2026-11-20 10:00"), ("CET", "2026-11-20 09:00"), ("CEST", "2026-11-20 08:00"), ("MEZ", "2026-11-20 09:00"),
        ("MESZ", "2026-11-20 08:00"), ("EST", "2026-11-20 15:00"), ("EDT", "2026-11-20 14:00"), ("CST", "2026-11-20 16:00"),
        ("CDT", "2026-11-20 15:00"), ("MST", "2026-11-20 17:00"), ("PST", "2026-11-20 18:00"), ("PDT", "2026-11-20 17:00"),
        ("ET", "2026-11-20 15:00"), ("GMT", "2026-11-20 10:00"), ("UT", "2026-11-20 10:00"), ("UTC", "2026-11-20 10:00"),
        ("Z", "2026-11-20 10:00"), ("+0000", "2026-11-20 10:00"), ("-0000", "2026-11-20 10:00"), ("+1030", "2026-11-19 23:30"),
        ("-0500", "2026-11-20 15:00"), ("GMT+2", "2026-11-20 08:00"), ("GMT+0200", "2026-11-20 08:00"), ("UTC-05:00", "2026-11-20 15:00"),
        ("+0200 (EET)", "2026-11-20 08:00"), ("GMT (UTC)", "2026-11-20 10:00"), ("+0300 +03", "2026-11-20 07:00"),
        ("+0100 GMT+01:00", "2026-11-20 09:00"), ("+01", "2026-11-20 09:00"), ("-03 -0300", "2026-11-20 13:00"), ("-5", "2026-11-20 15:00"),
        ("GMT+0100 (GMT+01:00)", "2026-11-20 09:00"), ("EST5EDT", "2026-11-20 15:00"), ("+0100 CET (UTC+01:00)", "2026-11-20 09:00"),
        ("Eastern Standard Time", "2026-11-20 15:00"), ("Pacific Time", "2026-11-20 18:00"), ("India Standard Time", "2026-11-20 04:30"),
        ("(Central European Standard Time)", "2026-11-20 09:00"),
    ],
)  # fmt: skip
def test_a_stated_zone_is_believed(zone: str, expected: str) -> None:
    found = read(f"Fri, 20 Nov 2026 10:00:00 {zone}", default_zone="Australia/Sydney")
    assert (found.at, found.quality) == (utc(expected), DateQuality.STATED)


def test_eastern_time_follows_the_season() -> None:
    assert read("Mon, 20 Jul 2026 10:00:00 ET").at == utc("2026-07-20 14:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T10:00:00Z", "2026-11-20 10:00:00"),
        ("2026-11-20T10:00:00.123456789Z", "2026-11-20 10:00:00.123456"),
        ("2026-11-20T10:00:00+02:00", "2026-11-20 08:00:00"),
        ("2026-11-20T10:00:00 -0500", "2026-11-20 15:00:00"),
        ("2026-11-20 10:00:00 +0200", "2026-11-20 08:00:00"),
        ("20261120T100000Z", "2026-11-20 10:00:00"),
        ("Fri, 20 Nov 26 10:00:00 GMT", "2026-11-20 10:00:00"),
        ("20 Nov 2026 10:00 GMT", "2026-11-20 10:00:00"),
        ("Fri,20  Nov  2026 10:00:00  GMT", "2026-11-20 10:00:00"),
        ("Fri Nov 20 10:00:00 GMT 2026", "2026-11-20 10:00:00"),
        ("Nov 20, 2026 1:30 p.m. EST", "2026-11-20 18:30:00"),
        ("1795168800", "2026-11-20 10:00:00"),
        ("1795168800000", "2026-11-20 10:00:00"),
        ("Fri, 20 Nov 2026 24:00:00 GMT", "2026-11-21 00:00:00"),
        ("Fri, 20 Nov 2026 24:00 +0100", "2026-11-20 23:00:00"),
        ("2026-11-20T24:00:00Z", "2026-11-21 00:00:00"),
        ("Fri, 20 Nov 2026 10:24:00 GMT", "2026-11-20 10:24:00"),
        ("Fri, 20 Nov 2026 10:59:60 GMT", "2026-11-20 10:59:59"),
    ],
)
def test_a_spelling_that_feeds_use_is_read(text: str, expected: str) -> None:
    found = read(text)
    assert (found.at, found.quality, found.raw) == (utc(expected), DateQuality.STATED, text)


@pytest.mark.parametrize(
    ("month", "names"),
    [
        (1, "Jan января січня stycznia Januar Jän. janvier enero ledna gennaio"),
        (2, "Feb февраля лютого lutego Februar février févr. febrero února febbraio"),
        (3, "Mar марта березня marca März mars marzo března"),
        (4, "Apr апреля квітня kwietnia April avril abril dubna aprile"),
        (5, "May мая травня maja Mai mai mayo května maggio"),
        (6, "Jun июня червня czerwca Juni juin junio června giugno"),
        (7, "Jul июля липня lipca Juli juillet julio července luglio"),
        (8, "Aug августа серпня sierpnia August août agosto srpna"),
        (9, "Sep сентября вересня września September sept. septiembre září settembre"),
        (10, "Oct октября жовтня października Oktober Okt. octobre octubre října ottobre"),
        (11, "Nov ноября листопада лис novembre noviembre listopadu ноя"),
        (12, "Dec декабря грудня grudnia Dezember décembre diciembre prosince dicembre"),
    ],
)
def test_month_names_of_our_languages_are_read(month: int, names: str) -> None:
    later = datetime(2027, 1, 1, tzinfo=UTC)
    for name in names.split():
        for text in (
            f"14 {name} 2026 10:00:00 +0200",
            f"Пн, 14 {name} 2026, 10:00 +0200",
            f"śr., 14. {name} 2026 10:00 EET",
            f"14 de {name} de 2026 10:00 +0200",
        ):
            found = publication_date(text, default_zone=None, first_seen_at=later)
            assert found.at == datetime(2026, month, 14, 8, tzinfo=UTC), text


@pytest.mark.parametrize(
    "text",
    [
        "пятница, 20 ноября 2026 г. 10:00", "20 ноября 2026 года в 10:00", "20 листопада 2026 р. 10:00", "20 листопада 2026 року о 10:00",
        "Freitag, 20. November 2026, 10:00 Uhr", "Freitag, 20. November 2026 um 10:00 Uhr", "vendredi 20 novembre 2026 à 10h00",
        "viernes, 20 de noviembre de 2026 a las 10:00", "20 listopada 2026 o godz. 10:00", "20.11.2026 10:00", "2026-11-20 10:00",
        "2026-11-20T10:00:00", "Friday, November 20, 2026 - 10:00", "20/11/2026 10:00", "11/20/2026 10:00", "Fri, 20 Nov 2026 10:00:00 XYZ",
    ],
)  # fmt: skip
def test_without_a_zone_the_feeds_own_is_assumed_and_said(text: str) -> None:
    found = read(text, default_zone="Europe/Kyiv")
    assert (found.at, found.quality) == (utc("2026-11-20 08:00"), DateQuality.ASSUMED_ZONE)
    assert read(text).at == utc("2026-11-20 10:00")


def test_the_assumed_zone_follows_its_summer_time() -> None:
    assert read("2026-01-20 10:00", "Australia/Sydney").at == utc("2026-01-19 23:00")
    assert read("2026-07-20 10:00", "Australia/Sydney").at == utc("2026-07-20 00:00")


@pytest.mark.parametrize("zone", ["+0100 +0200", "+0300 GMT+01:00", "+0100 CET (UTC+02:00)", "+2500 +25"])
def test_offsets_that_contradict_one_another_are_no_zone(zone: str) -> None:
    assert read(f"Fri, 20 Nov 2026 10:00:00 {zone}").quality is DateQuality.UNREADABLE


def test_with_dots_the_day_comes_first() -> None:
    assert read("02.10.2026 10:00").at == utc("2026-10-02 10:00")


@pytest.mark.parametrize(
    "text",
    [
        "10/02/2026", "10/02/2026 10:00:00 GMT", "Wed, 10/02/2026 - 10:00", "10-02-2026", "10/02/26", "14:05", "10:00 AM", "Tuesday", "24 Nov",
        "Nov 2026", "2026", "yesterday", "2 hours ago", "0000-00-00 00:00:00", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "0", "12345",
        "2026-11-31T10:00:00Z", "Fri, 32 Nov 2026 10:00:00 GMT", "Fri, 20 Nov 2026 25:00:00 GMT", "Fri, 20 Nov 2026 10:00:00 +9999",
        "9999-12-31T24:00:00Z", "9999-12-31T23:59:59-12:00", "<p>soon</p>", "\u0660" * 10, "1" * 400,
    ],
)  # fmt: skip
def test_what_cannot_be_read_stays_unknown(text: str) -> None:
    found = read(text, default_zone="Australia/Sydney")
    assert (found.at, found.quality) == (None, DateQuality.UNREADABLE)
    assert found.raw


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_what_is_not_there_is_missing_and_never_now(text: str | None) -> None:
    assert read(text, default_zone="Australia/Sydney") == PublicationDate(None, None, DateQuality.MISSING)


def test_a_date_of_tomorrow_is_clamped_to_when_we_saw_it() -> None:
    found = read("Wed, 25 Nov 2026 10:00:00 GMT")
    assert (found.at, found.quality) == (NOW, DateQuality.FUTURE)


def test_a_clock_a_little_ahead_is_not_the_future() -> None:
    found = read((NOW + timedelta(minutes=14)).isoformat())
    assert (found.at, found.quality) == (NOW, DateQuality.STATED)


@given(st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [A-Z+-]\w{2,4}", fullmatch=True))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_a_utc_time_in_the_past_or_none(text: str) -> None:
    found = read(text, default_zone="Europe/London")
    assert (found.at is None) == (found.quality in (DateQuality.UNREADABLE, DateQuality.MISSING))
    assert found.at is None or (found.at.utcoffset() == timedelta(0) and found.at <= NOW)


@given(st.datetimes(datetime(1990, 1, 2), datetime(2026, 11, 24), timezones=st.just(UTC)), st.integers(-12 * 4, 14 * 4))
@settings(max_examples=100, deadline=None)
def test_every_moment_written_with_an_offset_is_read_back(at: datetime, quarter_hours: int) -> None:
    from datetime import timezone

    local = at.replace(microsecond=0).astimezone(timezone(timedelta(minutes=15 * quarter_hours)))
    for text in (local.isoformat(), local.strftime("%a, %d %b %Y %H:%M:%S %z")):
        assert read(text).at == at.replace(microsecond=0), text
