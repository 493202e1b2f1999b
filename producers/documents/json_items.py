"""The items of JSON that may be damaged or cut: an item that cannot be read costs no other one.

JSON that a strict parser refuses for a comma too many, a comment or words around it is mended as a whole. What is still damaged is read
item by item.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import Any

from newsmon.records import EntryRejection
from producers.documents.faults import NotAFeedError

LEAST_READ_AGAIN = 20_000_000  # characters of damaged items, which are read once for each place where they may end
MOST_TIMES_READ_AGAIN = 5  # the whole document
MAX_ITEM_CHARS = 500_000  # of an item after damage; a longer one is lost
WHOLE_ITEM_KEYS = 3
_PREFIX = re.compile(
    r"""\s*+(?:\)\]\}',?|while\s*\(1\);|for\s*\(;;\);|(?:/\*[^*]{0,200}\*/\s*+)?[A-Za-z_$][\w.$]{0,100}\s*+\()?\s*+(?=[{\[])"""
)
_ITEMS = re.compile(r'"items"\s*+:\s*+\[')
_NEXT_ITEM = re.compile(r'(?:\}\s*+,?|,)\s*+(?=\{\s*+")')
_FIRST_KEY = re.compile(r'\{\s*+"([^"\\]{1,40})"\s*+:')
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\]]', re.DOTALL)
_SUPERFLUOUS = re.compile(
    r"""("(?:[^"\\]|\\.)*+")|(?<!/)//[^\n]{0,200}+(?=\n)|/\*(?:[^*]|\*(?!/)){0,200}+\*/|,(?=(?:\s|//[^\n]{0,200}+\n)*+[}\]])""", re.DOTALL
)
_STRAY_QUOTE = re.compile(r'(?:(?<=[^\s\\{\[,:])|(?<=[^\s\\{\[,:"] ))"(?!\s*+[,:}\]])(?!$)')
_GAP = re.compile(r"[\s,]*+")
_ITEM_KEYS = frozenset(("id", "title", "content_html", "content_text", "summary", "date_published"))  # of items, not of authors or files
# Numbers stay as they are written: an id 1e21 or 12345678901234567890 is that text.
_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=lambda _name: None)


class NotJsonError(NotAFeedError):
    """The text is no JSON, as far as can be told."""


@dataclass(frozen=True, slots=True)
class JsonItems:
    """A JSON object's own fields, and its items in order, with the reason in place of each that is lost."""

    about: dict[str, Any]
    items: tuple[dict[str, Any] | EntryRejection, ...]
    is_cut: bool = False


def read_items(text: str) -> JsonItems:
    """The items of a JSON object; NotJsonError for what is no JSON, NotAFeedError for other JSON."""
    found = _PREFIX.match(text)
    text = text[found.end() :] if found else text.lstrip()
    if not text.startswith("{"):
        raise NotAFeedError("JSON without a list of items") if text.startswith("[") else NotJsonError("not JSON")
    data, end = _decoded(text, 0)
    if end is None:
        data, end = _decoded(_mended(text), 0)
    if end is not None and _Reader(text, end).next_item(end - 1) is None:
        return _of_object(data)
    start = _ITEMS.search(text)
    if start is None:
        raise NotJsonError("damaged JSON without a list of items")
    return _one_by_one(text, start)


def _of_object(data: Any) -> JsonItems:
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise NotAFeedError(_why_not(data))
    return JsonItems(data, tuple(item if isinstance(item, dict) else EntryRejection.DAMAGED_ENTRY for item in items))


def _why_not(data: Any) -> str:
    """What an answer of some API says, in words."""
    said: Any = data.get("error") or data.get("errors") or data.get("message") or data.get("detail") if isinstance(data, dict) else None
    if isinstance(said, list) and said:
        said = said[0]
    if isinstance(said, dict):
        said = said.get("message") or said.get("detail") or said.get("title")
    return f"JSON without a list of items, which says: {said[:200]}" if isinstance(said, str) and said else "JSON without a list of items"


def _one_by_one(text: str, start: re.Match[str]) -> JsonItems:
    items: list[dict[str, Any] | EntryRejection] = []
    at = _skipped(text, start.end())
    reader = _Reader(text, at)
    is_cut: bool | None = None
    while at < len(text):
        if text[at] == "]":
            following = reader.next_item(at)
            if following is None:
                break
            at = following  # a bracket too few in a damaged item has closed the list
        if reader.is_exhausted:
            items += [EntryRejection.DAMAGED_ENTRY] * reader.count_from(at)
            is_cut, at = _is_open(text, at), len(text)
            break
        item, end = reader.item_at(at)
        is_cut = _is_open(text, at) if end is None else None
        items.append(item if isinstance(item, dict) else EntryRejection.CUT_OFF if is_cut else EntryRejection.DAMAGED_ENTRY)
        at = len(text) if end is None else _skipped(text, end)
    is_cut = _is_open(text, at) if is_cut is None else is_cut
    about = _fields(text[: start.start()] + '"items":[]}') | ({} if at >= len(text) else _fields("{" + text[at + 1 :].lstrip(" \t\r\n,")))
    return JsonItems(about, tuple(items), is_cut)


def _decoded(text: str, at: int) -> tuple[Any, int | None]:
    """The value that begins at `at` and its end; no end if it cannot be read."""
    try:
        value, end = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, None
    return value, end


class _Reader:
    """Finds its way past damaged items, with a limit on what it reads again."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._left = LEAST_READ_AGAIN + MOST_TIMES_READ_AGAIN * len(text)
        found = _FIRST_KEY.match(text, start)
        self._first_key = found[0] if found and found[1] in _ITEM_KEYS else None  # the items of one program begin alike

    @property
    def is_exhausted(self) -> bool:
        return self._left <= 0

    def count_from(self, at: int) -> int:
        """The number of items from `at` on, where nothing else can be found out about them."""
        borders = (found.end() for found in _NEXT_ITEM.finditer(self._text, at))
        return 1 + sum(self._first_key is None or self._text.startswith(self._first_key, border) for border in borders)

    def item_at(self, at: int) -> tuple[Any, int | None]:
        """The item at `at`, None if it is beyond repair, and its end, or the place of the next item. No end: there is no further item."""
        for border in _NEXT_ITEM.finditer(self._text, at, at + MAX_ITEM_CHARS):
            if self.is_exhausted:
                return None, border.end()
            item = self._read_item(at, border.start() + 1)
            if item is not None:
                return item, border.start() + 1
            if self._is_item(border.end()):
                return self._with_items_within(at, border.end())
        item, end = _decoded(self._text, at)
        if end is not None and not _has_swallowed(item):
            return item, end
        last = self._text.rfind("}", at, self._text.rfind("]", at) + 1)
        item = self._read_item(at, last + 1) if 0 <= last - at < MAX_ITEM_CHARS else None
        return item, None if item is None else last + 1

    def _with_items_within(self, at: int, following: int) -> tuple[Any, int]:
        """The item at `at` if what follows is a list of its own that looks like items but has less in it."""
        within = self._text[at : following + MOST_TIMES_READ_AGAIN * (following - at) + 1_000]
        self._left -= len(within)
        item, end = _decoded(within, 0)
        return (None, following) if end is None or _has_swallowed(item) else (item, at + end)

    def next_item(self, at: int) -> int | None:
        """The place of the first item after `at`, if one of the next objects is an item."""
        borders = islice(_NEXT_ITEM.finditer(self._text, at, at + MAX_ITEM_CHARS), 5)
        return next((border.end() for border in borders if self._is_item(border.end())), None)

    def _read_item(self, start: int, end: int) -> Any:
        """The whole item between two places, mended where it must be; None if it is beyond repair."""
        text = self._text[start:end]
        self._left -= len(text)
        for change in (str, _mended, _with_escaped_quotes):
            mended = change(text)
            item, item_end = _decoded(mended, 0)
            if item_end is not None and not mended[item_end:].strip("}], \t\r\n"):
                return item
        return None

    def _is_item(self, at: int) -> bool:
        if self._first_key is not None and self._text.startswith(self._first_key, at):
            return True
        if self.is_exhausted:
            return False
        value, end = _decoded(self._text[at : at + MAX_ITEM_CHARS], 0)
        self._left -= MAX_ITEM_CHARS // 10 if end is None else end  # a failure is seldom seen as late as that
        return end is not None and isinstance(value, dict) and not _ITEM_KEYS.isdisjoint(value)


def _mended(text: str) -> str:
    """JSON without comments and superfluous commas."""
    return _SUPERFLUOUS.sub(lambda part: part[1] or "", text)


def _with_escaped_quotes(text: str) -> str:
    return _STRAY_QUOTE.sub(r"\"", text)


def _has_swallowed(item: Any) -> bool:
    """True if lists in the item have whole items in them: a broken one that ran on into those after it."""
    lists = [value for value in item.values() if isinstance(value, list)] if isinstance(item, dict) else []
    return any(isinstance(one, dict) and len(_ITEM_KEYS.intersection(one)) >= WHOLE_ITEM_KEYS for values in lists for one in values)


def _is_open(text: str, at: int) -> bool:
    """True if the text ends before the two brackets that are open at `at`, in the list of items, are closed."""
    depth = 2
    for token in _TOKEN.finditer(text, at):
        if token[0][0] == '"':
            if len(token[0]) < 2 or not token[0].endswith('"'):
                return True
        else:
            depth += 1 if token[0] in "{[" else -1
    return depth > 0


def _fields(text: str) -> dict[str, Any]:
    value, _end = _decoded(text, 0)
    return value if isinstance(value, dict) else {}


def _skipped(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at
