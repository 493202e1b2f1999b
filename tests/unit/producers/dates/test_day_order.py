"""Where a date leaves day and month open, the feed's other dates decide, then its country and language, and else nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st
from support.feed_documents import atom, draft, rss

from newsmon.records import DateQuality, Feed, FetchResult
from producers.articles.draft import Draft
from producers.articles.parse_job import ParseJob, drafts_of_body
from producers.dates.day_order import DayOrder, learned_order, order_of_region
from producers.dates.publication import publication_date

SEEN = datetime(2026, 12, 30, 12, tzinfo=UTC)
DAY_FIRST, MONTH_FIRST = DayOrder.DAY_FIRST, DayOrder.MONTH_FIRST


@pytest.mark.parametrize(
    ("raws", "order"),
    [
        ([], None), (["05/11/2026", "06/11/2026"], None), (["05/11/2026", "13/11/2026"], DAY_FIRST), (["11/05/2026", "11/13/2026"], MONTH_FIRST),
        (["13-11-2026 10:00"], DAY_FIRST), (["11-13-26"], MONTH_FIRST), (["13/11/2026", "11/13/2026"], None), (["13.11.2026"], None),
        (["2026-11-13", "Fri, 13 Nov 2026 10:00:00 GMT"], None), (["45/11/2026", "11/45/2026"], None), (["Fri, 13/11/2026 - 10:00"], DAY_FIRST),
    ],
)  # fmt: skip
def test_one_day_beyond_the_twelfth_tells_the_order_of_all(raws: list[str], order: DayOrder | None) -> None:
    assert learned_order(raws) is order


@pytest.mark.parametrize(
    ("language", "country", "order"),
    [
        (None, None, None), ("en", None, None), ("en-US", None, MONTH_FIRST), ("en_us", None, MONTH_FIRST), ("en-GB", None, DAY_FIRST),
        ("en", "US", MONTH_FIRST), ("en", "us", MONTH_FIRST), ("en", "IE", DAY_FIRST), ("en", "UA", DAY_FIRST), (None, "US", MONTH_FIRST),
        (None, "DE", DAY_FIRST), ("de", None, DAY_FIRST), ("fr", "FR", DAY_FIRST), ("es", "MX", DAY_FIRST), ("pt-BR", None, DAY_FIRST),
        ("pl", "GB", DAY_FIRST), ("uk", "UA", DAY_FIRST), ("ar", "EG", DAY_FIRST), ("th", None, DAY_FIRST), ("sv", None, None), ("ja", "JP", None),
        ("zh", None, None), ("hu", None, None), ("xx", None, None), ("", "", None), ("en-US", "DE", None), ("de-DE", "AT", DAY_FIRST),
    ],
)  # fmt: skip
def test_a_region_has_its_order_unless_it_puts_the_year_first(language: str | None, country: str | None, order: DayOrder | None) -> None:
    assert order_of_region(language, country) is order


@given(st.text(max_size=300), st.sampled_from(["de", "en", "x-y-z", "\x00", "zz-ZZ", "ж"]), st.sampled_from([None, "", "US", "ZZ", "Ж"]))
def test_whatever_is_configured_gives_an_order_or_none(raw: str, language: str, country: str | None) -> None:
    assert learned_order([raw]) in (None, DAY_FIRST, MONTH_FIRST)
    assert order_of_region(language, country) in (None, DAY_FIRST, MONTH_FIRST)


@pytest.mark.parametrize(("text", "month"), [("Thu, 05/11/2026 - 14:30", 11), ("Thu, 11/05/2026", 11), ("Mon 05-11-26", 5)])
@pytest.mark.parametrize("country", ["GB", "US", None])
def test_the_weekday_decides_against_any_custom(text: str, month: int, country: str | None) -> None:
    found = publication_date(text, default_zone=None, first_seen_at=SEEN, country=country).at
    assert found is not None
    assert found.month == month


@settings(max_examples=60)
@given(
    st.dates(datetime(2020, 1, 1).date(), datetime(2026, 12, 29).date()),
    st.sampled_from("en de fr es pt it nl pl cs ru uk sr el tr ar he fa hi th vi id sv fi ro".split()),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]),
    st.sampled_from(["EEEE", "EEE"]),
)
def test_a_weekday_in_any_language_that_fits_one_reading_decides(day: date, language: str, form: str, width: str) -> None:
    swapped = date(day.year, day.day, day.month) if day.day <= 12 else day
    text = f"{format_date(day, width, locale=language)}, {day.strftime(form)} 14:30"
    found = publication_date(text, default_zone=None, first_seen_at=SEEN, languages=(language,)).at
    if swapped.weekday() != day.weekday():
        assert found is not None, text
        assert found.date() == day, text


@given(
    st.dates(datetime(2020, 1, 1).date(), datetime(2026, 12, 29).date()),
    st.sampled_from("/-"),
    st.sampled_from([DAY_FIRST, MONTH_FIRST, None]),
)
def test_an_open_date_is_read_in_the_known_order_or_not_at_all(day: datetime, separator: str, order: DayOrder | None) -> None:
    form = "%d{0}%m{0}%Y" if order is DAY_FIRST else "%m{0}%d{0}%Y"
    found = publication_date(day.strftime(form.format(separator)), default_zone=None, first_seen_at=SEEN, day_order=order)
    if order is None and day.day <= 12 and day.day != day.month:
        assert found.quality is DateQuality.UNREADABLE
    else:
        assert found.at == datetime(day.year, day.month, day.day, tzinfo=UTC)


def published(*dates: str, feed: Feed, extra: str = "", channel: str = "") -> list[datetime | None]:
    items = "".join(
        f"<item><title>Minister {n} meets the press</title><link>https://quay.example/{n}</link><pubDate>{date}</pubDate>{extra}</item>"
        for n, date in enumerate(dates)
    )
    body = (
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">'
        f"<channel><title>Quay</title>{channel}{items}</channel></rss>"
    )
    job = ParseJob(feed, body.encode(), "application/rss+xml", feed.url, 100, SEEN)
    found = drafts_of_body(job)
    assert found.result is FetchResult.OK
    return [draft.published.at for draft in found.drafts if isinstance(draft, Draft)]


QUAY = Feed(feed_id="quay", url="https://quay.example/rss", source="Quay")


def test_a_feed_teaches_the_order_of_its_own_dates() -> None:
    assert published("05/11/2026", "06/11/2026", feed=QUAY) == [None, None]
    assert published("05/11/2026", "25/11/2026", feed=QUAY) == [datetime(2026, 11, 5, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)]
    assert published("11/05/2026", "11/25/2026", feed=QUAY) == [datetime(2026, 11, 5, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("language", "country", "date"),
    [("fr", None, "05/11/2026"), ("en", "GB", "05/11/2026"), ("en", "US", "11/05/2026"), (None, "US", "11-05-2026")],
)
def test_the_configured_language_and_country_give_the_order(language: str | None, country: str | None, date: str) -> None:
    feed = Feed(feed_id="quay", url="https://quay.example/rss", source="Quay", language=language, country=country)
    assert published(date, feed=feed) == [datetime(2026, 11, 5, tzinfo=UTC)]


@pytest.mark.parametrize(
    "beside",
    [
        "<dc:date>2026-11-05T10:00:00Z</dc:date>", "<dcterms:issued>2026-11-05T10:00:00Z</dcterms:issued>",
        "<dcterms:created>2026-11-05T10:00:00Z</dcterms:created>", "<dcterms:modified>2026-11-05T10:00:00Z</dcterms:modified>",
        "<dc:date>2026-11-05T10:00:00Z</dc:date><dcterms:modified>unknown</dcterms:modified>",
        "<dcterms:issued>unknown</dcterms:issued><dc:date>2026-11-05T10:00:00Z</dc:date>",
        "<dcterms:date>2026-11-05T10:00:00Z</dcterms:date>", "<published>2026-11-05T10:00:00Z</published>", "<date>2026-11-05T10:00:00Z</date>",
        '<prism:publicationDate>2026-11-05T10:00:00Z</prism:publicationDate>',
        '<a:updated xmlns:a="http://www.w3.org/2005/Atom">2026-11-05T10:00:00Z</a:updated>',
    ],
)  # fmt: skip
@pytest.mark.parametrize("raw", ["yesterday", "Wed, 30 Nov -0001 00:00:00 +0000", ""])
def test_an_unreadable_date_does_not_hide_the_element_beside_it(raw: str, beside: str) -> None:
    for channel in ("", "<description>a &nosuch; b</description>"):  # the strict parser, and the loose one
        assert published(raw, feed=QUAY, extra=beside, channel=channel) == [datetime(2026, 11, 5, 10, tzinfo=UTC)]


def test_the_language_of_an_articles_text_tells_what_a_shared_month_name_means() -> None:
    polish = (
        "<description>Premier spotkał się w czwartek z ministrami, aby omówić budżet państwa i nowe przepisy o podatkach.</description>"
    )
    croatian = (
        "<description>Predsjednik vlade sastao se jučer s ministrima kako bi razgovarali o državnom proračunu i porezima.</description>"
    )
    assert published("5 listopada 2026", feed=QUAY, extra=polish) == [datetime(2026, 11, 5, tzinfo=UTC)]
    assert published("5. listopada 2026.", feed=QUAY, extra=croatian) == [datetime(2026, 10, 5, tzinfo=UTC)]


def test_a_time_element_inside_a_date_states_the_moment() -> None:
    stated = "<time datetime='2026-11-05T10:00:00+01:00' class='x'>5 Nov</time>"
    entry = "<title>Pact</title><link>https://quay.example/a</link>"
    for body in (rss(f"{entry}<pubDate>{stated}</pubDate>"), rss(f"{entry}<dc:date>{stated}</dc:date>"),
                 atom(f"{entry}<published>{stated}</published>")):  # fmt: skip
        assert draft(body).published.at == datetime(2026, 11, 5, 9, tzinfo=UTC)
