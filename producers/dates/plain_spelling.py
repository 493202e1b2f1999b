"""Brings a date text to one spelling: no markup, ASCII digits, East Asian years, months and hours written as in the West."""

from __future__ import annotations

import html
import re
import unicodedata

from producers.dates.cldr_words import INVISIBLE

MAX_MARKUP_CHARS = 1_000
MAX_CHARS = 120
_ATTRIBUTE = re.compile(r"""\b(datetime|content|title)\s{0,3}=\s{0,3}(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_TAG = re.compile(r"<[^<>]*>")
_DASHES = re.compile(r"[\u2010-\u2015\u2212\ufe58\ufe63]")
_ENGLISH = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_EAST_ASIAN = re.compile(r"[年月日年년월일时時点點시]")
_NUMERAL = re.compile(r"[〇零一二三四五六七八九十廿]{1,5}(?=\s?[年月日号號时時点點分秒])")
_DIGITS = {one: number for number, one in enumerate("〇一二三四五六七八九")} | {"零": 0}
# The year before the first one of an era.
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
_ERA = re.compile(r"(令和|平成|昭和|民國|民国)\s?(\d{1,3}|元)\s?年")
_YEAR_MONTH_DAY = re.compile(r"(\d{4}|\d{2})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日号號일]?")
_MONTH_NUMBER = re.compile(
    r"(?<!\d)(\d{1,2})\s?(?:月(?!曜)|월(?!요))|(?<!\w)(?:(?:tháng|thang|thg)[.\s]{0,2}|th)(\d{1,2})(?!\d)|(?<!\d)(\d{1,2})\s?-?\s?р\sсар\w*",
    re.IGNORECASE,
)
# Between a day and a year, as Poles and Hungarians write: 5 XI 2026.
_ROMAN_MONTH = re.compile(r"(?<=\d)(?:\.?\s|[./-])(I{1,3}|I?[VX]|VI{1,3}|XI{1,2})(?:\.?\s|[./-])(?=\d{4}(?!\d))")
_ROMANS = {name: number for number, name in enumerate("I II III IV V VI VII VIII IX X XI XII".split(), start=1)}
_CLOCK = re.compile(r"(\d{1,2})\s?[时時点點시](?:\s?(?:(\d{1,2})\s?[分분]?|(半|반)))?(?:\s?(\d{1,2})\s?[秒초])?")


def spellings(raw: str) -> tuple[str, ...]:
    """The texts of a date element: what its markup states for machines, then what it shows to people."""
    if "<" not in raw and "&" not in raw:
        return (plainly_spelled(raw),)
    text = _CDATA.sub("", html.unescape(raw[:MAX_MARKUP_CHARS]))
    stated = sorted(_ATTRIBUTE.findall(text), key=lambda found: found[0].lower() != "datetime")
    shown = _TAG.sub(" ", text)
    return tuple(dict.fromkeys(plainly_spelled(one) for one in (*("".join(values) for _name, *values in stated[:4]), shown)))


def plainly_spelled(text: str) -> str:
    """The text's first 120 characters in the one spelling."""
    if text.isascii():
        return _with_english_months(" ".join(text[:MAX_CHARS].split()).strip("\"' "))
    text = INVISIBLE.sub("", unicodedata.normalize("NFKC", text[:MAX_CHARS]))
    text = "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)
    text = " ".join(_DASHES.sub("-", text).split()).strip("\"'\u201c\u201d\u00ab\u00bb ")
    if _EAST_ASIAN.search(text):
        text = _east_asian(text)
    return _with_english_months(text)


def _with_english_months(text: str) -> str:
    text = _ROMAN_MONTH.sub(lambda found: f" {_ENGLISH[_ROMANS[found[1]]]} ", text)
    return _MONTH_NUMBER.sub(_english_month, text)


def _east_asian(text: str) -> str:
    text = _NUMERAL.sub(lambda found: str(_number(found[0])), text)
    text = _ERA.sub(lambda found: f"{_ERAS[found[1]] + (1 if found[2] == '元' else int(found[2]))}年", text)
    text = _YEAR_MONTH_DAY.sub(lambda found: f" {found[1] if len(found[1]) == 4 else '20' + found[1]}-{found[2]}-{found[3]} ", text)
    return _CLOCK.sub(lambda found: f" {found[1]}:{'30' if found[3] else (found[2] or '00').zfill(2)}{_seconds(found[4])} ", text).strip()


def _seconds(digits: str | None) -> str:
    return f":{digits.zfill(2)}" if digits else ""


def _number(numeral: str) -> int:
    """The value of a Chinese numeral below 100, or of a year written digit by digit."""
    numeral = numeral.replace("廿", "二十")
    if "十" not in numeral:
        return int("".join(str(_DIGITS[one]) for one in numeral))
    tens, _, ones = numeral.partition("十")
    return 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)


def _english_month(found: re.Match[str]) -> str:
    number = int(found[1] or found[2] or found[3])
    return f" {_ENGLISH[number]} " if 1 <= number <= 12 else found[0]
