"""feedparser with what it forgets: the base of an element that ended, an entry's own title, which texts came from media:description
or have a type only by default.

In: a feed's bytes and the answer's headers. Out: feedparser's result. I/O: none.

feedparser gets bytes, never a string: it would open a string that looks like a path. No address of the feed is given to it, so that
relative links stay relative, except where `xml:base` says what they are relative to. The HTML sanitiser and the resolver of relative
addresses inside texts are off: they take most of its time, and `newsmon.text` does that work.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import feedparser

from producers.charsets.twice import wholly_mended
from producers.documents.faults import DamagedFeedError
from producers.documents.stated_dates import NotesDates

# The errors feedparser raises on damaged input. Anything else is a bug and ends the worker process.
PARSER_ERRORS = (ValueError, TypeError, KeyError, AttributeError, IndexError, LookupError, RecursionError, AssertionError)


class _Remembering:
    """Mixed into both of feedparser's parsers; adds keys that begin with `newsmon_` and nothing else to their results."""

    _popped: Mapping[str, Any] | None = None

    def __init__(self: Any, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        # A name of UTF-8 that feedparser does not compare: as "utf-8" it takes NESCAFÉ® for ISO-8859-1 bytes of NESCAFɮ.
        self.encoding = "utf8"

    def pop(self: Any, element: str, strip_whitespace: int = 1) -> Any:
        if self.elementstack and self.elementstack[-1][0] == element:
            pieces = self.elementstack[-1][2]
            text = "".join(piece.decode("utf-8", "replace") if isinstance(piece, bytes) else piece for piece in pieces)
            if not text.isascii():  # references, too, may name the bytes of UTF-8: `&#195;&#169;`
                pieces[:] = [wholly_mended(text)]
        return super().pop(element, strip_whitespace)  # type: ignore[misc]

    def unknown_endtag(self: Any, tag: str) -> None:
        self._popped = None
        depth = self.depth
        super().unknown_endtag(tag)  # type: ignore[misc]
        if self.basestack:  # feedparser keeps the base of a child where the parent has none
            self.baseuri = self.basestack[-1]
        if tag == "title" and self._popped is not None and self.inentry and not (self.insource or self.inimage):
            self.entries[-1].setdefault("newsmon_titles", []).append((depth, self._popped))

    def _start_item(self: Any, attributes: dict[str, str]) -> None:
        """Begin an entry with nothing left over from a broken one before it."""
        self.incontent = self.insource = self.inauthor = self.incontributor = self.inpublisher = self.intextinput = self.inimage = 0
        self.svgOK = 0
        self.contentparams = feedparser.FeedParserDict()
        super()._start_item(attributes)  # type: ignore[misc]

    _start_entry = _start_item

    def push_content(self: Any, tag: str, attributes: Mapping[str, str], default_type: str, expecting_text: int) -> None:
        super().push_content(tag, attributes, default_type, expecting_text)  # type: ignore[misc]
        if not attributes.get("type"):
            self.contentparams["newsmon_untyped"] = True
            self.contentparams["newsmon_escaped"] = attributes.get("mode") in ("escaped", "base64")

    def pop_content(self: Any, tag: str) -> Any:
        params = dict(self.contentparams)
        value = super().pop_content(tag)  # type: ignore[misc]
        self._popped = {**params, "value": value}
        return value

    def _end_media_description(self: Any) -> None:
        entry = self.entries[-1] if self.inentry and not self.insource else {}
        before, count = (entry.get("summary"), entry.get("summary_detail")), len(entry.get("content", ()))
        super()._end_media_description()  # type: ignore[misc]
        contents = entry.get("content", ())
        entry.setdefault("newsmon_media", []).append(contents[-1].get("value") if len(contents) > count else entry.get("summary"))
        if before[0]:
            entry.setdefault("newsmon_summary", before)


for _name in ("StrictFeedParser", "LooseFeedParser"):
    setattr(feedparser.api, _name, type(_name, (NotesDates, _Remembering, getattr(feedparser.api, _name)), {}))


def feedparser_result(body: bytes, headers: Mapping[str, str], *, clean: bool = False) -> Any:
    """feedparser's result; `clean` turns its sanitiser and resolver on. DamagedFeedError when it fails on the bytes."""
    try:
        return feedparser.parse(io.BytesIO(body), response_headers=dict(headers), sanitize_html=clean, resolve_relative_uris=clean)
    except PARSER_ERRORS as error:
        raise DamagedFeedError(f"{type(error).__name__}: {error}") from error
