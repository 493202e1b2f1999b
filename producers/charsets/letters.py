"""How likely one character follows another in a language, from word lists that our libraries bring.

The lists are justext's (the frequent words of Wikipedias, by frequency) and the names of countries, languages and currencies in Babel; for
Chinese, Japanese and Korean chardet's orders of characters. Read at first use only: a feed in UTF-8 or with a right label never needs them.
"""

from __future__ import annotations

import importlib.util
import math
import re
import unicodedata
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

from producers.charsets.languages import LANGUAGES

_WORD = re.compile(r"[\u0e01-\u0e4e]+|[^\W\d_]+(?:['’][^\W\d_]+)*")  # Thai vowels are no word characters to `re`
_BACKOFF = 30.0  # how many letters the letters' own frequencies count for beside the pairs
_QUOTES = frozenset("«»„“”‘’‹›‚")
_USUAL = frozenset("…·€£°¿¡'\u00a0\u00ad")
_SIGNS = frozenset("•©®™§№²½")
_SELDOM = frozenset("³¼¾ºª×±µ´†‡‰−÷¹\u200e\u200f\u200c\u200d،؛؟٪")
_OTHER_SPELLINGS = {  # of letters that the language's encodings do not have
    "ro": str.maketrans("șț", "şţ"),
    "fa": str.maketrans("یک", "يك"),
    "ur": str.maketrans("یک", "يك"),
}
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_NEAR = frozenset("éèêëáàâäãåæçñíìîïóòôöõøœúùûüýÿß")
_MIDDLE = frozenset("šžčćđłńśźżąęőűřěůňťďľĺŕāēīūģķļņėįųşğıășțţ")
_IN_WORD = frozenset("'’\u00ad\u00a0\u200c\u200d-")
_NOT_BEFORE_LETTERS = frozenset("©®™†‡°¤¦¬¶²³¹±¸´¨¯·•")
_NOT_AFTER_LETTERS = frozenset("©§№½£€¿¡„¶±×÷¬¦¤¨¸´¯")
_SIGN_COST = -3.0
_FOREIGN_WORD_COST = -2.0  # an English word in a language of another script
_BLANKS = -1.0  # a blank after a blank or a sign
_NO_BREAK_COST = -3.0  # a blank that is no-break
_CASE_COST = -5.0
_SCRIPT_COST = -6.0
_TRAILS = tuple(range(0xA1, 0xFF))
WORST = math.log(1e-9)


class Letters:
    """The pairs of characters of one language."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._known: dict[tuple[str, str], float] = {}
        self._single: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._before: defaultdict[str, float] = defaultdict(float)
        for word, weight in _words(code):
            for first, second in zip(f" {word}", f"{word} ", strict=True):
                self._pairs[first, second] += weight  # type: ignore[assignment]
                self._before[first] += weight
                self._single[second] += weight  # type: ignore[assignment]
        self._total = sum(self._single.values()) or 1.0
        letters = [letter for letter in self._single if letter > "\x7f" and _is_letter(letter)]
        self.script = script_of(max(self._single, key=lambda letter: (letter != " ") * self._single[letter], default="a"))
        self.own = frozenset(letters)
        self._ranked = _ranks(code)

    def log_p(self, first: str, second: str) -> float:
        """The logarithm of how likely `second` follows `first`; written so that a character that nobody writes costs most."""
        key = (first, second)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._log_p(first, second)
        return found

    def _log_p(self, first: str, second: str) -> float:
        if first < "\x80" and second < "\x80" and self.script != "LATIN":
            foreign = _FOREIGN_WORD_COST if not first.isalpha() and second.isalpha() else 0.0
            return _english().log_p(first, second) + foreign
        if self._ranked:
            return self._ranked_log_p(first, second)
        before, here = _plain(first), _plain(second)
        cost = 0.0
        if first.islower() and second.isupper() and not (first < "\x80" and second < "\x80"):
            cost += _CASE_COST
        if first.isalpha() and second.isalpha() and script_of(first) != script_of(second):
            cost += _SCRIPT_COST
        if here in _NOT_AFTER_LETTERS and _is_letter(before):
            cost += _SIGN_COST
        if first in _NOT_BEFORE_LETTERS and _is_letter(here):
            cost += _SIGN_COST
        if here != " " and not _is_letter(here):
            if here == "·" and before != " ":
                return math.log(5e-3 if self.code == "ca" and before == "l" else 1e-6)
            return max(WORST, math.log(_symbol_p(here)) + cost)
        if second == "\u00a0":
            cost += _NO_BREAK_COST
        if before != " " and not _is_letter(before):
            before = " "
        if before == here == " ":
            return _BLANKS + cost
        share = self._single.get(here, 0) / self._total
        share = max(share, self._foreign_p(here))
        together = (self._pairs.get((before, here), 0) + _BACKOFF * share) / (self._before.get(before, 0.0) + _BACKOFF)
        return max(WORST, math.log(max(together, 1e-12)) + cost)

    def _ranked_log_p(self, first: str, second: str) -> float:
        cost = 0.0
        latin = min(first, second)
        if (
            latin.isalpha() and latin < "\x80" and max(first, second) > "\u024f"
        ):  # names stand in capitals without a blank; small letters seldom
            cost = _SCRIPT_COST if latin.islower() else _SCRIPT_COST / 2
        if second < "\x80":
            return cost
        p = self._ranked.get(second)
        if p is None:
            p = _east_p(second, self.code)
        return math.log(p) + cost

    def _foreign_p(self, letter: str) -> float:
        if letter < "\x80":
            return 2e-4 if letter.isalpha() else 1e-3
        if self.script == "LATIN":
            if letter in _NEAR:
                return 5e-5
            if letter in _MIDDLE:
                return 1e-5
            if "\u0180" <= letter <= "\u02af" and letter not in "ơưəșț":
                return 1e-9  # of Africa and phonetics: what `CAFÉ®` would be in UTF-8
            return 2e-6 if script_of(letter) == "LATIN" else 1e-7
        if self.script == "CYRILLIC" and script_of(letter) == "CYRILLIC":
            return 1e-4 if "а" <= letter <= "џ" else 1e-5
        return 1e-5 if script_of(letter) == self.script else 1e-7


def is_in_word(symbol: str) -> bool:
    """Whether a symbol may stand between two letters of one word."""
    return symbol in _IN_WORD


@cache
def letters_of(code: str) -> Letters:
    return Letters(code)


@cache
def script_of(character: str) -> str:
    """The first word of its Unicode name: LATIN, CYRILLIC, CJK ..."""
    return unicodedata.name(character, "NONE").split(" ", 1)[0]


def _english() -> Letters:
    return letters_of("en")


@cache
def _is_letter(character: str) -> bool:
    return (character.isalpha() and character not in "ªºµ") or unicodedata.category(character) == "Mn"


@cache
def _plain(character: str) -> str:
    """A small letter, a blank for what separates words, or the symbol itself."""
    if character < "\x80":
        return character.lower() if character.isalpha() or character == "'" else " "
    if _is_letter(character):
        return character.lower()[:1] if character != "İ" else "i"
    if character == "\u00a0":
        return " "
    return character


def _symbol_p(symbol: str) -> float:
    if symbol in _QUOTES or symbol in "–—":
        return 8e-3
    if symbol in _USUAL:
        return 1e-3
    if symbol in _SIGNS:
        return 2e-4
    if symbol in _SELDOM:
        return 5e-5
    if symbol == "\ufffd" or unicodedata.category(symbol) in ("Cc", "Co", "Cn"):
        return 1e-9
    if symbol < "\u0100":
        return 1e-6
    return 1e-7


def _east_p(character: str, code: str) -> float:
    if "\u3000" <= character <= "\u303f" or "\uff01" <= character <= "\uff5e" or character in _QUOTES or character in "…–—·":
        return 2e-3
    if "\uff61" <= character <= "\uff9f":
        return 1e-7  # Japanese in half width: what Chinese and Latin bytes look like in Shift_JIS
    if "\u00c0" <= character <= "\u024f":
        return 2e-5
    if "\u3040" <= character <= "\u30ff":
        return 8e-3 if code == "ja" else 1e-5
    if "\u4e00" <= character <= "\u9fff":
        return 1e-6
    if "\uac00" <= character <= "\ud7a3":
        return 1e-5 if code == "ko" else 1e-8
    if character == "\ufffd" or unicodedata.category(character) in ("Cc", "Co", "Cn"):
        return 1e-9
    return 1e-5 if unicodedata.category(character)[0] in "SNP" else 1e-6


def _words(code: str) -> list[tuple[str, float]]:
    """The words of a language in small letters, each with a weight."""
    language = LANGUAGES[code]
    found: list[tuple[str, float]] = []
    if language.list_name is not None:
        lines = (_lists() / f"{language.list_name}.txt").read_text("utf-8").split()
        for rank, line in enumerate(lines):
            found += [(word.lower(), 1 + 200 / (rank + 10)) for word in _WORD.findall(line)]
    found += [(word.lower(), 1.0) for word in _names(language.locale or code)]
    if code in _OTHER_SPELLINGS:
        found += [(word.translate(_OTHER_SPELLINGS[code]), weight) for word, weight in found]
    if code == "vi":
        found = [(as_in_1258(word), weight) for word, weight in found]
    return found


def _names(locale: str) -> set[str]:
    from babel import Locale, UnknownLocaleError  # here: Babel's data of a language cost 20 ms

    try:
        known = Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        return set()
    texts = (*known.territories.values(), *known.languages.values(), *known.currencies.values(), *known.months["format"]["wide"].values())
    return {word for text in texts for word in _WORD.findall(text)}


def _lists() -> Path:
    spec = importlib.util.find_spec("justext")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("justext is not installed", name="justext")
    return Path(spec.submodule_search_locations[0]) / "stoplists"


def as_in_1258(word: str) -> str:
    """Vietnamese as windows-1258 has it: a letter, and its tone behind it where there is no letter with the tone."""
    parts = []
    for letter in unicodedata.normalize("NFC", word):
        try:
            letter.encode("cp1258")
            parts.append(letter)
        except UnicodeEncodeError:
            marks = unicodedata.normalize("NFD", letter)
            parts.append(unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES)))
            parts += [mark for mark in marks if mark in _TONES]
    return "".join(parts)


def _ranks(code: str) -> dict[str, float]:
    """How likely each character is, from chardet's order of frequency; empty for a language of letters."""
    if code not in ("zh", "zh-hant", "ko", "ja"):
        return {}
    from chardet import big5freq, euckrfreq, gb2312freq, jisfreq  # here: a megabyte of numbers

    orders: dict[str, tuple[tuple[int, ...], int, tuple[int, ...], str]] = {  # and the first lead byte, the trail bytes, the codec
        "zh": (gb2312freq.GB2312_CHAR_TO_FREQ_ORDER, 0xB0, _TRAILS, "gb2312"),
        "zh-hant": (big5freq.BIG5_CHAR_TO_FREQ_ORDER, 0xA4, (*range(0x40, 0x7F), *_TRAILS), "big5"),
        "ko": (euckrfreq.EUCKR_CHAR_TO_FREQ_ORDER, 0xB0, _TRAILS, "euc_kr"),
        "ja": (jisfreq.JIS_CHAR_TO_FREQ_ORDER, 0xA1, _TRAILS, "euc_jp"),
    }
    order, lead, trails, codec = orders[code]
    total = sum(1 / (rank + 30) for rank in range(len(order)))
    shares = {}
    for place, rank in enumerate(order):
        try:
            character = bytes((lead + place // len(trails), trails[place % len(trails)])).decode(codec)
        except UnicodeDecodeError:
            continue
        shares[character] = max(0.9 / (rank + 30) / total, 1e-6)
    return shares
