"""Finds the sentences that belong to the site, not to the article: sign-up boxes, privacy notices, share bars.

In:  plain text, lines as blocks (what `html_to_text` returns); the rules of `newsmon.words` (files in boilerplate/).
Out: spans to cut, or the text without them.
I/O: none.

A box in mid-article ("Get our breaking news email, free app or daily news podcast") must not become part of the
article, and an article *about* newsletters, cookies or privacy law must stay whole. So a rule matches only where a
site speaks to its reader: at the start of a sentence or line, in the imperative, with the site's own object ("our
newsletter"). It spans exactly that phrase, and continues to the end of the sentence only while the words go on in
lower case. Rules are looked up by the word they begin with, and each reads a bounded number of characters: linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsmon.words import current
from newsmon.words.boilerplate import Boilerplate, Rule
from newsmon.words.rows import Extent, Reason

__all__ = ["Reason", "Span", "boilerplate_spans", "without_boilerplate"]

_MAX_PASSES = 8
_MAX_SENTENCE_CHARS = 400
_MAX_BOX_CHARS = 1500
_MAX_JOINT_CHARS = 8  # between two boxes in a row

_BULLETS = " \t\u00a0•*-–—>»▶►→▸|·([➡️👉📩🔔"
_ANY_WORD = re.compile(r"[^\W\d_][\w’'ʼ]*")
_LINE = re.compile(r"[^\n]+")
_SENTENCE_START = re.compile(r"""[.!?…:;][)\]"'”’»“]*[ \t\u00a0]*\Z|[.!?…](?:\[\d{1,3}\])?[ \t\u00a0]*[•|–—-]?[ \t\u00a0]*\Z""")
_RUNS_ON = re.compile(r"(?:\s*[,–—-])?\s+(?=[^\W\d_])|\s*(?=[,:(])")
_TERMINATOR = re.compile(r"[.!?…]+[)\]\"'”’»]*(?=\s|\Z|[A-ZÀ-ÞА-ЯЁІЇЄҐĄĆĘŁŃÓŚŹŻČĎĚŇŘŠŤŮŽ])")
_TRAILING = re.compile(r"[ \t\u00a0]*(?:[.!…:»→›>]+|\[…\])?[ \t\u00a0]*")
_SKIP_END = re.compile(r"after newsletter promotion", re.IGNORECASE)
_SKIP_MARK = re.compile(r"(?:skip past|after) newsletter promotion", re.IGNORECASE)
# Only links to other articles and corrections may hold a sentence that reports what someone said.
_MAY_QUOTE = frozenset((Reason.READ_MORE, Reason.AMENDED))


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `start` to `end` (exclusive) of the text are boilerplate of kind `reason`."""

    start: int
    end: int
    reason: Reason


def boilerplate_spans(text: str, language: str | None = None) -> list[Span]:
    """Return what is boilerplate in `text`: sorted, disjoint, not empty, each inside one line or a marked box.

    With a `language` only the rules of that language and of English count (English boxes stand in articles of
    every language); without one, or with one that has no rules, all do.
    """
    return _spans(text, language, current().boilerplate)


def _spans(text: str, language: str | None, rules: Boilerplate) -> list[Span]:
    spans: list[Span] = list(_marked_boxes(text))
    weak: list[Span] = []
    for line in _LINE.finditer(text):
        _scan_line(text, line.start(), line.end(), language, rules, spans, weak)
    return _with_neighbours(text, _disjoint(spans), weak)


def without_boilerplate(text: str, language: str | None = None) -> str:
    """Return `text` without its boilerplate; what stood before and after a box become separate lines.

    Idempotent. Text without boilerplate comes back unchanged.
    """
    rules = current().boilerplate
    for _ in range(_MAX_PASSES):
        spans = _spans(text, language, rules)
        if not spans:
            break
        pieces: list[str] = []
        at = 0
        for span in spans:
            pieces.append(text[at : span.start])
            at = span.end
        pieces.append(text[at:])
        text = "\n".join(line for piece in pieces for line in _kept_lines(piece))
    return text


def _kept_lines(piece: str) -> Iterator[str]:
    for line in piece.split("\n"):
        kept = line.strip(" \t\u00a0")
        if kept.strip(_BULLETS + ".…])"):
            yield kept


def _marked_boxes(text: str) -> Iterator[Span]:
    """Yield the boxes whose begin and end some sites mark for screen readers."""
    at = 0
    while (mark := _SKIP_MARK.search(text, at)) is not None:
        at = mark.end()
        if mark.group()[0] in "sS":
            end = _SKIP_END.search(text, at, at + _MAX_BOX_CHARS)
            at = at if end is None else end.end()
        yield Span(mark.start(), at, Reason.NEWSLETTER)


def _scan_line(
    text: str, start: int, end: int, language: str | None, boilerplate: Boilerplate, spans: list[Span], weak: list[Span]
) -> None:
    """Add what the rules find in one line: to `spans`, or to `weak` what counts only next to a box."""
    first = start
    while first < end and text[first] in _BULLETS:
        first += 1
    at = first
    while (word := (_ANY_WORD.match(text, at, end) if at == first else None) or boilerplate.begin.search(text, at, end)) is not None:
        position = word.start()
        at = word.end()
        rules = boilerplate.by_word.get(word.group().lower())
        if rules is None:
            continue
        line_start = position == first or (bool(spans) and start <= spans[-1].end and _adjoins(text, spans[-1].end, position))
        for rule in rules:
            if language is not None and rule.language not in (language, "en") and language in boilerplate.languages:
                continue
            stop = _matched_end(text, position, start, end, rule, line_start)
            if stop is not None and rule.reason not in _MAY_QUOTE and boilerplate.reported.search(text, position, stop) is not None:
                stop = None
            if stop is None:
                continue
            begin = start if position == first else position
            target = weak if rule.extent is Extent.LINE_BESIDE_BOX else spans
            target.append(Span(begin, stop, rule.reason))
            at = max(at, stop)
            break


def _adjoins(text: str, before: int, after: int) -> bool:
    return 0 <= after - before <= _MAX_JOINT_CHARS and not text[before:after].strip(_BULLETS)


def _matched_end(text: str, position: int, start: int, end: int, rule: Rule, line_start: bool) -> int | None:
    """Return where what `rule` finds at `position` ends, or None if it does not apply here."""
    if not line_start:
        if rule.at_line_start or not text[position].isupper():
            return None
        before = text[max(start, position - 12) : position]
        if not before[-1:].isspace() and before[-1:] not in ".!?…)]»":
            return None  # inside a word, or quoted: the article speaks about it
        if not rule.anywhere and _SENTENCE_START.search(before) is None:
            return None
    matched = rule.pattern.match(text, position, end)
    if matched is None:
        return None
    return _extended(text, position, matched.end(), end, rule)


def _extended(text: str, position: int, stop: int, end: int, rule: Rule) -> int | None:
    if rule.extent in (Extent.LINE, Extent.LINE_BESIDE_BOX):
        return end if not text[stop:end].strip(_BULLETS + ".!:…])") else None
    if rule.extent is Extent.REST_OF_LINE:
        return end if end - position <= _MAX_SENTENCE_CHARS else _sentence_end(text, stop, end)
    if rule.extent is Extent.SENTENCE:
        return _sentence_end(text, stop, end)
    return _phrase_end(text, stop, end)


def _sentence_end(text: str, stop: int, end: int) -> int:
    limit = min(end, stop + _MAX_SENTENCE_CHARS)
    finish = _TERMINATOR.search(text, max(stop - 1, 0), limit)
    if finish is not None:
        return finish.end()
    return end if limit == end else stop


def _phrase_end(text: str, stop: int, end: int) -> int:
    """Return `stop`, or the end of the sentence if the sentence visibly goes on (in lower case, after a comma)."""
    runs_on = _RUNS_ON.match(text, stop, end)
    if runs_on is not None and runs_on.end() < end:
        following = text[runs_on.end()]
        if following.islower() or following in ",:(":
            finish = _sentence_end(text, stop, end)
            if finish - stop <= _MAX_SENTENCE_CHARS:
                return finish
    trailing = _TRAILING.match(text, stop, end)
    return stop if trailing is None else trailing.end()


def _disjoint(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans):
        start = max(span.start, kept[-1].end) if kept else span.start
        if start < span.end:
            kept.append(Span(start, span.end, span.reason))
    return kept


def _with_neighbours(text: str, spans: list[Span], weak: list[Span]) -> list[Span]:
    """Return `spans` and those of `weak` that stand on the line before or after a newsletter box."""
    if not weak:
        return spans
    boxes = [span for span in spans if span.reason in _BOX_REASONS]
    ends, starts = {span.end for span in boxes}, {span.start for span in boxes}
    accepted: set[Span] = set()
    for span in weak:
        if _edge_before(text, span.start) in ends:
            accepted.add(span)
            ends.add(span.end)
    for span in reversed(weak):
        if _edge_after(text, span.end) in starts:
            accepted.add(span)
            starts.add(span.start)
    return _disjoint([*spans, *accepted])


_BOX_REASONS = frozenset((Reason.NEWSLETTER, Reason.PRIVACY))


def _edge_before(text: str, at: int) -> int:
    while at > 0 and text[at - 1].isspace():
        at -= 1
    return at


def _edge_after(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
