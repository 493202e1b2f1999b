"""What the inbox is worth: labelled news through `newsmon rehearse`, the steadiness of verdicts, and what a decision costs.

Run: .venv/bin/python -I benchmarks/inbox.py [series] [copies] [FOLDER ...] [verdict] [cost] [--json] [--cases]

series    the written series of tests/data/stories, each with the narrow themes of a user beside them
copies    the written stubs and agency texts, through `newsmon stories`
FOLDER    `stream.jsonl.gz`, `events.jsonl` and perhaps `labels.jsonl` of real news, with the shipped themes
verdict   pairs of the written series beside 10, 100 and 1,000 other live stories of the theme, from several days: the verdicts that change
cost      the time to decide one match at 2,000 live stories, and the memory of a remembered member
Without arguments: everything but a folder. --cases also names what was swallowed, told again, wrongly joined, falsely loud.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.inbox.incidents import as_copy, everyday, incidents, match_at
from support.inbox.labelled import COPIES, SERIES, events_of, labels_of, stream_of
from support.inbox.rehearsing import grouped_inbox, rehearsed, rehearsed_series
from support.inbox.scores import Inbox, Row, inbox_of, theme_scores
from support.inbox.verdicts import Company, Verdict, fold_of, series_pairs, verdict

from newsmon.records import Match
from processors.stories.grouping import Grouping

_BEGIN = datetime(2026, 11, 10, tzinfo=UTC)
_BESIDE = (10, 100, 1_000)
_COMPANY = {  # before the pair: from, to
    "the day before": (timedelta(hours=36), timedelta(hours=15)),
    "the same day": (timedelta(hours=13), timedelta(hours=1)),
    "over a week": (timedelta(days=7), timedelta(hours=1)),
}
_LIVE_STORIES = 2_000
_MEASURED = 400
_OF_PAIRS = ("pairs of one event", "together", "of those in two languages", "pairs together that are one event")
_OF_COPIES = ("copies", "copies found", "false copies")
_NOT_LABELLED = (
    "of those in two languages",
    "follow-ups",
    "told within their story",
    "as a development of it",
    *_OF_COPIES,
)  # in a folder of real news
Figures = dict[str, Any]


def series() -> Figures:
    return {name: _worth(rehearsed_series(name)[1]) for name in SERIES}


def copies() -> Figures:
    """Without the figures about messages: nothing is told."""
    found = {name: _worth(grouped_inbox(name)) for name in COPIES}
    for worth in found.values():
        worth["cases"] = {name: cases for name, cases in worth["cases"].items() if name in ("wrongly joined", "false copies")}
    return {name: {figure: worth[figure] for figure in (*_OF_PAIRS, *_OF_COPIES, "cases")} for name, worth in found.items()}


def folder(place: Path) -> Figures:
    """Real news: the inbox for the known events, precision and recall of the themes, messages a week."""
    rows, labels = rehearsed(stream_of(place)), labels_of(place)
    worth: Figures = {}
    for theme in (scores := theme_scores(rows, labels)):
        worth |= {f"{theme.theme} precision": theme.precision, f"{theme.theme} recall": theme.recall}
    if scores:
        worth["macro-F1"] = round(statistics.mean(theme.f1 for theme in scores), 3)
    worth |= _messages(rows, labels) | _worth(inbox_of(rows, events_of(place)))
    return {place.name: {figure: value for figure, value in worth.items() if figure not in _NOT_LABELLED}}


def _messages(rows: list[Row], labels: list[Any]) -> Figures:
    """All messages of the stream, and how many of the labelled ones are on their theme."""
    on_theme = {(theme, label.article_id) for label in labels for theme in label.themes}
    labelled = {label.article_id for label in labels}
    told = [row for row in rows if row["told"]]
    days = max(len({row["at"][:10] for row in rows}), 1)
    known = [row for row in told if row["article_id"] in labelled]
    loud = [row for row in known if row["told"]["severity"] in ("urgent", "flash")]
    found: Figures = {"messages a week": round(len(told) / days * 7)}
    for name, some in (("labelled messages", known), ("loud ones", loud)):
        found |= {name: len(some), f"{name} on theme": sum((row["theme"], row["article_id"]) in on_theme for row in some)}
    return found


def _worth(inbox: Inbox) -> Figures:
    cases = {
        "swallowed": inbox.swallowed, "opened again": inbox.opened_again, "told again": dict(inbox.told_again),
        "wrongly joined": dict(inbox.wrongly_joined), "follow-ups": dict(inbox.follow_ups), "under a story not theirs": inbox.strangers,
        "falsely loud": inbox.falsely_loud, "false copies": inbox.false_copies,
    }  # fmt: skip
    return inbox.figures() | {"cases": {name: found for name, found in cases.items() if found}}


def verdicts() -> Figures:
    """How many verdicts are others beside so many stories than alone."""
    at = _BEGIN + timedelta(days=8, hours=14)
    pairs = [pair for name in SERIES for pair in series_pairs(name, at)]
    alone = [verdict(*pair) for pair in pairs]
    found: Figures = {"pairs": len(pairs)} | {f"alone: {one.value}": alone.count(one) for one in Verdict}
    for name, texts in (("at sea", [text for text, _ in incidents(max(_BESIDE))]), ("ashore", list(everyday(max(_BESIDE))))):
        for when, (start, end) in _COMPANY.items():
            others = [match_at(text, at - start + (start - end) * number / len(texts)) for number, text in enumerate(texts)]
            for count in _BESIDE:
                beside = Company(others[:: len(others) // count])
                changed = sum(verdict(*pair, beside=beside) is not before for pair, before in zip(pairs, alone, strict=True))
                found[f"changed beside {count:,} {name}, {when}"] = changed
    return {"verdict": found}


def cost() -> Figures:
    """Of matches with their traits, as the service's fold gets them: new stories, reports and copies of live ones, a third each."""
    texts = list(incidents(_LIVE_STORIES + _MEASURED, seed=2))
    matches = [match_at(text, _BEGIN + timedelta(seconds=60 * number)) for number, (text, _) in enumerate(texts)]
    fold = fold_of(matches[:_LIVE_STORIES])
    live = fold.story_count()
    at = _BEGIN + timedelta(seconds=60 * (_LIVE_STORIES + _MEASURED))
    asked = matches[_LIVE_STORIES::3]
    asked += [match_at(again, at) for _first, again in texts[: _LIVE_STORIES : 3 * _LIVE_STORIES // _MEASURED]]
    asked += [match_at(as_copy(first), at) for first, _again in texts[1 : _LIVE_STORIES : 3 * _LIVE_STORIES // _MEASURED]]
    gc.collect()
    decide_ms = sorted(_ms(lambda match=match: fold.decide(match, source_offset=10**6)) for match in asked)
    traits_ms = sorted(_ms(lambda number=number: match_at(texts[number][1], at)) for number in range(50))
    return {
        "cost": {
            "live stories": live, "decide one match, ms of CPU, p50": round(statistics.median(decide_ms), 2),
            "p99": round(decide_ms[int(0.99 * len(decide_ms))], 2), "traits of one article, ms of CPU, p50": round(statistics.median(traits_ms), 2),
            "kB of memory a member": round(_member_bytes(matches[:_LIVE_STORIES]) / 1e3, 1),
        }
    }  # fmt: skip


def _ms(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1e3


def _member_bytes(matches: list[Match]) -> float:
    fold = Grouping()
    tracemalloc.start()
    for offset, match in enumerate(matches):
        fold.apply(fold.decide(match, source_offset=offset))
    gc.collect()
    held_bytes = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return held_bytes / len(fold)


def table(found: Figures) -> Iterator[str]:
    """In Markdown, a column for each set and a row for each figure; then the cases, if they are there."""
    figures = dict.fromkeys(figure for worth in found.values() for figure in worth if figure != "cases")
    yield f"| {'':<38} |" + "".join(f" {name:>14} |" for name in found)
    yield "|---|" + "---|" * len(found)
    for figure in figures:
        yield f"| {figure:<38} |" + "".join(f" {worth.get(figure, ''):>14} |" for worth in found.values())
    for name, worth in found.items():
        for case, names in worth.get("cases", {}).items():
            yield f"{name}, {case}: {json.dumps(names, ensure_ascii=False)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="series, copies, verdict, cost or a folder")
    parser.add_argument("--json", action="store_true", help="one JSON object for each part")
    parser.add_argument("--cases", action="store_true", help="also the cases behind the figures")
    arguments = parser.parse_args()
    known: dict[str, Callable[[], Figures]] = {"series": series, "copies": copies, "verdict": verdicts, "cost": cost}
    for part in arguments.parts or known:
        if part not in known and not (Path(part) / "events.jsonl").exists():
            parser.error(f"{part} is neither a part nor a folder with events.jsonl")
        found = known[part]() if part in known else folder(Path(part))
        if not arguments.cases:
            found = {name: {figure: value for figure, value in worth.items() if figure != "cases"} for name, worth in found.items()}
        print(json.dumps(found, ensure_ascii=False) if arguments.json else "\n".join(table(found)) + "\n", flush=True)


if __name__ == "__main__":
    main()
