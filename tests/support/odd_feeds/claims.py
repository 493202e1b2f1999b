"""What a case may claim about an answer, and whether an answer bears it out.

About the whole: `2 article(s)`, `no article`, `at least 3 articles`, `ok, 1 article`, `a failure: why`, `not a feed`, `exit code 1`,
`an article titled X`, `no article titled X`, `entry 2: no_text`, `1 rejected`, or words of the result: `gone or http_error`.
About an article: `article 1: FIELD is VALUE`, `is not`, `contains`, `does not contain`, `starts with`, `ends with`, `differs from`;
also `every article: ...` and `some article: ...`. VALUE is a Python literal or the bare rest of the line; where a field is compared
with that of another article, `article 2`. A remark in brackets may follow.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsmon.records import EntryRejection, FetchResult

SUCCESSES = frozenset({FetchResult.OK, FetchResult.NOT_MODIFIED, FetchResult.SAME_BODY})
FIELDS = frozenset(
    "article_id revision_id content_hash revision url guid title lead body language published_at published_raw date_quality source "
    "country tier feed_id origin baseline reidentified text_source first_seen_at publisher".split()
)


class NotUnderstood(Exception):
    """A line, a command or a file of a case that this reader does not know."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the command answered. `result` is a word of FetchResult; for `newsmon parse` ok or not_a_feed."""

    exit_code: int
    result: str
    articles: tuple[Mapping[str, Any], ...]
    rejected: tuple[str, ...] = ()  # reasons in the feed's order, as far as the command tells
    detail: str = ""
    crash: str = ""  # the exception that left the command: then no claim holds

    def __str__(self) -> str:
        why = f" ({self.detail})" if self.detail else ""
        return f"exit code {self.exit_code}, {self.result}{why}, {len(self.articles)} article(s), rejected: {list(self.rejected)}"


Judge = Callable[[Answer], str | None]


@dataclass(frozen=True, slots=True)
class Claim:
    """`wrong(answer)` is None when the answer bears the claim out, else what the answer says instead."""

    text: str
    wrong: Judge


def claim_of(line: str) -> Claim:
    """The claim that a line makes; NotUnderstood if it makes none that we know."""
    for pattern, make in _WHOLE:
        found = pattern.fullmatch(line)
        if found is not None:
            return Claim(line, make(found))
    bare = _without_remark(line)
    if bare != line:
        return Claim(line, claim_of(bare).wrong)
    parts = re.split(r"; |, and | and |, ", line)
    if len(parts) > 1:
        claims = [claim_of(part) for part in parts]
        return Claim(line, lambda answer: next((got for claim in claims if (got := claim.wrong(answer)) is not None), None))
    raise NotUnderstood(f"expectation {line!r}")


# --- about the whole answer ---------------------------------------------------------------------------------------------------


def _without_remark(line: str) -> str:
    return re.sub(r"\s+\([^()]*\)\s*$", "", line)


def _count(found: re.Match[str]) -> Judge:
    wanted = 0 if found["count"] == "no" else int(found["count"])
    holds: Callable[[int], bool] = {
        "at least": lambda count: count >= wanted,
        "at most": lambda count: count <= wanted,
        "ok,": lambda count: count == wanted,
    }.get(found["how"] or "ok,", lambda count: count == wanted)

    def wrong(answer: Answer) -> str | None:
        if (found["how"] == "ok," or wanted > 0) and answer.result not in SUCCESSES and not answer.articles:
            return str(answer)
        return None if holds(len(answer.articles)) else str(answer)

    return wrong


def _failure(found: re.Match[str]) -> Judge:
    """A failed poll; where the reason is words of FetchResult and nothing else, one of these."""
    why = found["why"] or ""
    words = _result_words(why) if _RESULTS.fullmatch(why) else set()

    def wrong(answer: Answer) -> str | None:
        fails = answer.exit_code == 1 and answer.result not in SUCCESSES
        return None if fails and (not words or answer.result in words) else str(answer)

    return wrong


def _not_a_feed(_found: re.Match[str]) -> Judge:
    words = {FetchResult.NOT_A_FEED.value, FetchResult.PARSE_ERROR.value, FetchResult.EMPTY_BODY.value}
    return lambda answer: None if answer.exit_code == 1 and answer.result in words else str(answer)


def _result(found: re.Match[str]) -> Judge:
    words = _result_words(found[0])
    return lambda answer: None if answer.result in words else str(answer)


def _result_words(text: str) -> set[str]:
    return {word.value for word in FetchResult} & set(re.findall(r"\w+", text))


def _exit_code(found: re.Match[str]) -> Judge:
    return lambda answer: None if answer.exit_code == int(found["code"]) else str(answer)


def _titled(found: re.Match[str]) -> Judge:
    wanted, absent = str(_value(found["title"])), found["which"] == "no"

    def wrong(answer: Answer) -> str | None:
        titles = [str(one.get("title")) for one in answer.articles]
        if (wanted in titles) is not absent:
            return None
        return f"{len(titles)} titles, of which {_shortened(titles)}"

    return wrong


def _entry(found: re.Match[str]) -> Judge:
    wanted = found["reason"]
    if wanted not in {word.value for word in EntryRejection}:
        raise NotUnderstood(f"{wanted!r} is no reason for which an entry is rejected")
    return lambda answer: None if wanted in answer.rejected else str(answer)


def _rejected(found: re.Match[str]) -> Judge:
    wanted = 0 if found["count"] in ("no", "nothing") else int(found["count"])
    return lambda answer: None if len(answer.rejected) == wanted else str(answer)


def _detail(found: re.Match[str]) -> Judge:
    wanted = str(_value(found["value"]))
    return lambda answer: None if wanted in answer.detail else str(answer)


# --- about articles -----------------------------------------------------------------------------------------------------------


def _of_article(found: re.Match[str]) -> Judge:
    field, how = found["field"], found["how"]
    if field not in FIELDS:
        raise NotUnderstood(f"{field!r} is no field of an article")
    holds = _COMPARISONS[how]
    other = re.fullmatch(r"(?:that of |the one of )?article (\d+)(?:'s(?: \w+)?)?", found["value"])
    value = None if other else _value(found["value"])

    def wrong_one(answer: Answer, one: Mapping[str, Any]) -> str | None:
        wanted = answer.articles[int(other[1]) - 1].get(field) if other and int(other[1]) <= len(answer.articles) else value
        return None if holds(_said(one, field), wanted) else f"{field} is {one[field]!r}"

    def wrong(answer: Answer) -> str | None:
        if found["number"]:
            number = int(found["number"])
            if len(answer.articles) < number:
                return str(answer)
            return wrong_one(answer, answer.articles[number - 1])
        verdicts = [wrong_one(answer, one) for one in answer.articles]
        if found["which"] == "some":
            return None if None in verdicts else "; ".join(filter(None, verdicts)) or str(answer)
        return "; ".join(filter(None, verdicts)) or None if answer.articles else str(answer)

    return wrong


def _said(one: Mapping[str, Any], field: str) -> Any:
    if field not in one:
        raise NotUnderstood(f"the command does not print {field!r}")
    return one[field]


def _value(text: str) -> Any:
    """A Python literal, a literal with a remark behind it, or the text itself."""
    for candidate in (text, _without_remark(text)):
        if candidate in ("null", "unknown"):
            return None
        try:
            return ast.literal_eval(candidate)
        except (ValueError, SyntaxError):
            continue
    if text[:1] in ("'", '"', "["):
        raise NotUnderstood(f"value {text!r}")
    return text


def _same(got: Any, wanted: Any) -> bool:
    """Equal, or the same instant in another spelling."""
    if got == wanted:
        return True
    if isinstance(wanted, (list, tuple, set)) and not isinstance(got, (list, tuple)):
        return any(_same(got, one) for one in wanted)
    instants = _instant(got), _instant(wanted)
    return None not in instants and instants[0] == instants[1]


def _instant(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo is not None else None


def _text(value: Any) -> str:
    return "" if value is None else str(value)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "is not": lambda got, wanted: not _same(got, wanted),
    "differs from": lambda got, wanted: not _same(got, wanted),
    "is one of": _same,
    "is": _same,
    "equals": _same,
    "is the same as": _same,
    "does not contain": lambda got, wanted: _text(wanted) not in _text(got),
    "contains": lambda got, wanted: _text(wanted) in _text(got),
    "does not start with": lambda got, wanted: not _text(got).startswith(_text(wanted)),
    "starts with": lambda got, wanted: _text(got).startswith(_text(wanted)),
    "does not end with": lambda got, wanted: not _text(got).endswith(_text(wanted)),
    "ends with": lambda got, wanted: _text(got).endswith(_text(wanted)),
    "is before": lambda got, wanted: got is not None and got < wanted,
    "is after": lambda got, wanted: got is not None and got > wanted,
}
_HOW = "|".join(sorted(_COMPARISONS, key=len, reverse=True))
_ARTICLES = r"(?:article\(s\)|articles?|entr(?:y|ies))"
_WORDS = "|".join(word.value for word in FetchResult)
_RESULTS = re.compile(rf"(?:result )?(?:{_WORDS})(?:(?: or |, )(?:{_WORDS}))*")

_WHOLE: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], Judge]]] = [
    (
        re.compile(
            rf"(?:article (?P<number>\d+)|(?P<which>every|each|some|any|all) articles?): (?P<field>\w+) (?P<how>{_HOW}) (?P<value>.*)"
        ),
        _of_article,
    ),
    (re.compile(rf"(?P<how>ok,|at least|at most|exactly)? ?(?P<count>\d+|no) {_ARTICLES}"), _count),
    (re.compile(r"(?P<which>an|no) article (?:is )?titled (?P<title>.+)"), _titled),
    (re.compile(r"(?:not a feed|an? error: not a feed|a refusal)"), _not_a_feed),
    (re.compile(r"an? (?:failure|error)(?:[:,] (?P<why>.*))?"), _failure),
    (re.compile(r"exit code (?P<code>\d+)"), _exit_code),
    (re.compile(r"entry \d+: (?P<reason>\w+)"), _entry),
    (re.compile(r"(?P<count>\d+|no|nothing)(?: entr(?:y|ies))? rejected"), _rejected),
    (re.compile(r"detail contains (?P<value>.+)"), _detail),
    (_RESULTS, _result),
]


def _shortened(titles: Sequence[str]) -> str:
    return repr(titles) if len(titles) < 6 else f"{titles[:2]!r} ... {titles[-2:]!r}"
