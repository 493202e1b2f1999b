"""Cuts out of HTML what is not shown, and the boxes a site has named itself: sign-up forms, privacy and cookie notices in mid-article.

In:  markup of any quality; the names in boilerplate/common.toml. Out: markup without those elements. I/O: none.

What such a box advertises ("US tariffs, every morning in your inbox") reads like news, and no rule on sentences can
tell the difference. The site's own class or id can. Only short elements go: an article that is itself a newsletter
stands in an element of the same name. The number of boxes and the characters read of each are bounded.
"""

from __future__ import annotations

import re

from newsmon.words import current

MAX_BOXES = 50  # tried per text; articles have a handful
MAX_MARKUP_CHARS = 3_000
MAX_TEXT_CHARS = 600  # longer is content in a box, not a box

_OPEN = re.compile(r"<(aside|blockquote|div|figure|footer|form|p|section|span|table|ul)\s([^<>]{1,400})>", re.IGNORECASE)
_NAME = re.compile(r"(?<![\w-])(?:class|id|aria-label|data-component|data-module)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.IGNORECASE)
_NOT_SHOWN = re.compile(
    r"(?<![\w-])style\s*=\s*(?:\"[^\"]*|'[^']*|[^\s\"'>]*)(?<![\w-])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE
)
_HIDDEN = re.compile(r"(?<![\w-])hidden(?![\w-])")
_VALUE = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_TAG = re.compile(r"<[^<>]*>")
_EDGE = {
    name: re.compile(rf"<(/?){name}(?![a-z0-9])[^<>]*>", re.IGNORECASE)
    for name in ("aside", "blockquote", "div", "figure", "footer", "form", "p", "section", "span", "table", "ul")
}


def without_boxes(html: str) -> str:
    """Return `html` with each named or hidden box replaced by a line break; unclosed and long ones stay."""
    names = current().boilerplate.box_names
    kept: list[str] = []
    at = tried = 0
    for opened in _OPEN.finditer(html):
        if opened.start() < at or not (_is_named(opened[2], names) or _is_hidden(opened[2])):
            continue
        tried += 1
        if tried > MAX_BOXES:
            break
        end = _end_of(html, opened[1].lower(), opened.end())
        if end is None or len(_TAG.sub("", html[opened.end() : end])) > MAX_TEXT_CHARS:
            continue
        kept += (html[at : opened.start()], "<br>")
        at = end
    return "".join((*kept, html[at:])) if kept else html


def _is_named(attributes: str, names: re.Pattern[str]) -> bool:
    return any(names.search(found[1]) for found in _NAME.finditer(attributes))


def _is_hidden(attributes: str) -> bool:
    """True for what browsers do not show. What only screen readers skip (`aria-hidden`) is shown, and stays."""
    if "hidden" not in attributes and "none" not in attributes:
        return False
    return _NOT_SHOWN.search(attributes) is not None or _HIDDEN.search(_VALUE.sub("=", attributes)) is not None


def _end_of(html: str, name: str, at: int) -> int | None:
    """Return where the element opened before `at` ends, counting elements of its name inside it; None when that is far off."""
    depth = 1
    for edge in _EDGE[name].finditer(html, at, at + MAX_MARKUP_CHARS):
        depth += -1 if edge[1] else 1
        if depth == 0:
            return edge.end()
    return None
