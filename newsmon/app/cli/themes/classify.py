"""`newsmon classify`: JSON lines in, themes with evidence out, one line per item, in order. Needs no Kafka."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import IO, Any

import click

from newsmon import paths
from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.options import themes_option, words_option
from processors.matching.offline import MAX_LINE_BYTES, Answer, BadItem, answer_item, item_id_of, parse_item
from processors.themes import ThemeSet, load_themes


@click.command(name="classify")
@themes_option
@words_option
def command(directory: Path | None) -> None:
    """Read items as JSON lines from standard input and write the themes of each, one line per item, in order.

    In: {id, title, text, lang?, published_at?, source?}. Out: {id, lang, labels, scores, evidence}. `labels` are the themes the
    item belongs to, `scores` the score of every theme, `evidence` the exact spans in title and text; their contributions add up
    to the score. An invalid line gives {id, error} and exit code 1 at the end.
    """
    themes = load_themes(directory or paths.seeds() / "themes")
    bad_count = classify_lines(sys.stdin.buffer, sys.stdout, themes)
    if bad_count:
        click.echo(f"newsmon: {bad_count} line{'s' * (bad_count > 1)} could not be read", err=True)
        sys.exit(EXIT_NO)


def classify_lines(lines: IO[bytes], out: IO[str], themes: ThemeSet) -> int:
    """Write one line per item and return how many lines were invalid. Blank lines are skipped."""
    bad_count = 0
    while raw := lines.readline(MAX_LINE_BYTES + 1):
        whole = len(raw) <= MAX_LINE_BYTES or raw.endswith(b"\n")
        while not whole:  # skip the rest of an overlong line: it gets one error
            rest = lines.readline(MAX_LINE_BYTES)
            whole = not rest or rest.endswith(b"\n")
        if not raw.strip():
            continue
        try:
            item = parse_item(raw)
        except BadItem as error:
            bad_count += 1
            answer: dict[str, Any] = {"id": item_id_of(raw), "error": str(error)}
        else:
            answer = as_json(item.item_id, answer_item(item, themes, identify))
        out.write(json.dumps(answer) + "\n")
        out.flush()
    return bad_count


def identify(text: str) -> str:
    """The language of a text. The model is loaded on first use."""
    from newsmon.text.language import identify_language

    return identify_language(text).code


def as_json(item_id: str | int, answer: Answer) -> dict[str, Any]:
    return {
        "id": item_id,
        "lang": answer.language,
        "labels": answer.labels,
        "scores": {one.theme_id: one.score for one in answer.verdicts},
        "evidence": [
            {
                "theme": one.theme_id, "clause": part.clause, "field": part.field, "start": part.start, "end": part.end,
                "text": part.text, "contribution": part.contribution,
            }
            for one in answer.verdicts
            for part in one.evidence
        ],
    }  # fmt: skip
