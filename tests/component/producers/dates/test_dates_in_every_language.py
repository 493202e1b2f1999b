"""Dates as CLDR writes them in all its locales are read right, or stay unknown; never wrong."""

from __future__ import annotations

import pickle
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel import localedata
from babel.dates import format_date, format_datetime

from producers.dates.cldr_words import date_words
from producers.dates.publication import publication_date

SEEN = datetime(2027, 1, 31, 12, tzinfo=UTC)
DAYS = [datetime(2026, month, 5 if month % 2 else 28, 14, 5) for month in range(1, 13)]
LOCALES = sorted(name for name in localedata.locale_identifiers() if "_" not in name)
REGIONS = sorted(name for name in localedata.locale_identifiers() if "_" in name)[::5]
# The press of these writes dates that must be read, whatever is known about the feed.
PRESS = (
    "am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it ja ka kk kn ko ky lt lv mk ml mn mr ms "
    "nl no pa pl pt ro ru sk sl sq sr sv sw ta te th tr uk uz vi zh de_AT ar_LB en_GB fr_CA pt_BR es_MX sr_Latn zh_Hant"
).split()  # fmt: skip


def shown(locale: str, at: datetime) -> list[tuple[str, datetime]]:
    day = at.replace(hour=0, minute=0)
    whole = [(format_date(at.date(), form, locale=locale), day) for form in ("full", "long", "medium")]
    return [*whole, (format_datetime(at, "medium", locale=locale), at)]


def outcomes(locale: str, languages: tuple[str, ...]) -> tuple[Counter[str], list[str]]:
    counts: Counter[str] = Counter()
    wrong = []
    for at in DAYS:
        for text, expected in shown(locale, at):
            found = publication_date(text, default_zone=None, first_seen_at=SEEN, languages=languages).at
            outcome = "unknown" if found is None else "right" if found.replace(tzinfo=None) == expected else "wrong"
            counts[outcome] += 1
            if outcome == "wrong":
                wrong.append(f"{locale}: {text} read as {found}")
    return counts, wrong


def test_with_the_feeds_language_no_date_of_any_locale_is_read_wrong() -> None:
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for locale in (*LOCALES, *REGIONS):
        found, mistakes = outcomes(locale, (locale.replace("_", "-"),))
        counts += found
        wrong += mistakes
    # Gã shares an abbreviation of June with four languages' October, and its word for the afternoon with their Sunday.
    assert [one for one in wrong if not one.startswith("gaa")] == []
    assert counts["right"] > 0.8 * counts.total(), counts


def test_without_a_language_only_words_that_nearly_all_languages_share_decide() -> None:
    wrong = [one for locale in LOCALES for one in outcomes(locale, ())[1]]
    # Of these CLDR has little more than calendars, and an abbreviation of theirs is another month in Polish, Turkish, Portuguese ...
    assert [one for one in wrong if one.partition(":")[0] in date_words().thorough] == []


@pytest.mark.parametrize("locale", PRESS)
def test_every_date_is_read_in_the_languages_that_much_news_is_in(locale: str) -> None:
    counts, wrong = outcomes(locale, (locale.replace("_", "-"),))
    assert (counts["unknown"], wrong) == (0, []), counts


@pytest.mark.parametrize("locale", PRESS)
def test_month_names_are_read_where_english_programs_put_them(locale: str) -> None:
    """A template made for English with the month's name of another language: 05 listopada 2026."""
    language = locale.replace("_", "-")
    # As the locale's file has it: Babel's merged data change with the order in which locales are first used.
    own = pickle.loads(Path(localedata.resolve_locale_filename(locale)).read_bytes()).get("months", {})
    named = [form.get(width) for form in own.values() if isinstance(form, dict) for width in ("wide", "abbreviated")]
    names = {(number, name) for one in named if isinstance(one, dict) for number, name in one.items()}
    assert names or "_" in locale
    for number, name in sorted(names):
        for text in (f"05 {name} 2026 14:05:00 +0200", f"{name} 5, 2026 14:05 +02:00", f"05 {name.upper()} 2026 14:05:00 GMT+2"):
            found = publication_date(text, default_zone=None, first_seen_at=SEEN, languages=(language,)).at
            assert found == datetime(2026, number, 5, 12, 5, tzinfo=UTC), (text, found)
