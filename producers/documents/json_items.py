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

MOST_TRIES = 500  # readings that fail, over the whole document
MAX_ITEM_CHARS = 500_000  # of an item after damage; a longer one is lost
_PREFIX = re.compile(
    r"""\s*+(?:\)\]\}',?|while\s*\(1\);|for\s*\(;;\);|(?:/\*[^*]{0,200}\*/\s*+)?[A-Za-z_$][\w.$]{0,100}\s*+\()?\s*+(?=[{\[])"""
)
_ITEMS = re.compile(r'"items"\s*+:\s*+\[')
_NEXT_ITEM = re.compile(r'\}\s*+,?\s*+(?=\{\s*+")')
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
    if end is not None and _next_item(text, end - 1) is None:
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
    tries = MOST_TRIES
    is_cut: bool | None = None
    while at < len(text):
        if text[at] == "]":
            tries -= 1
            following = _next_item(text, at) if tries > 0 else None
            if following is None:
                break
            at = following  # a bracket too few in a damaged item has closed the list
        item, end = _decoded(text, at)
        if end is None:
            tries -= 1
            item, end, used = _past_damage(text, at, tries)
            tries -= used
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


def _past_damage(text: str, at: int, tries: int) -> tuple[Any, int | None, int]:
    """The damaged item at `at` if it can be mended, the place of the next item, and the readings that failed."""
    used = 0
    for border in _NEXT_ITEM.finditer(text, at, at + MAX_ITEM_CHARS):
        if used >= tries:
            break
        damaged = text[at : border.start() + 1]
        for mended in (_mended(damaged), _STRAY_QUOTE.sub(r"\"", damaged)):
            item, end = _decoded(mended, 0)
            if end is not None:
                return item, border.end(), used
        used += 1
        if _is_item(text, border.end()):
            return None, border.end(), used
    last = text.rfind("}", at, text.rfind("]", at) + 1)
    if 0 <= last - at < MAX_ITEM_CHARS:
        for mended in (_mended(text[at : last + 1]), _STRAY_QUOTE.sub(r"\"", text[at : last + 1])):
            item, end = _decoded(mended, 0)
            if end is not None:
                return item, last + 1, used
    return None, None, used + 1


def _next_item(text: str, at: int) -> int | None:
    """The place of the first item after `at`, if one of the next objects is an item."""
    borders = islice(_NEXT_ITEM.finditer(text, at, at + MAX_ITEM_CHARS), 5)
    return next((border.end() for border in borders if _is_item(text, border.end())), None)


def _is_item(text: str, at: int) -> bool:
    value, end = _decoded(text[at : at + MAX_ITEM_CHARS], 0)
    return end is not None and isinstance(value, dict) and not _ITEM_KEYS.isdisjoint(value)


def _mended(text: str) -> str:
    """JSON without comments and superfluous commas."""
    return _SUPERFLUOUS.sub(lambda part: part[1] or "", text)


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
