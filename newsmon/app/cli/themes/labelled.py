"""Reads labelled articles: JSON lines {id, title, text?, lang?, labels: [...]}."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from newsmon.app.cli.themes.items import article_of_item
from newsmon.errors import Problem, SettingsError
from newsmon.records import Article
from processors.matching.offline import BadItem, parsed


def labelled_articles(file: Path, known: set[str]) -> list[tuple[str, Article, frozenset[str]]]:
    """Id, article and the themes it belongs to. SettingsError lists every invalid line; `known` are the themes there are."""
    found, problems = [], []
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise SettingsError([Problem(str(file), f"cannot be read: {error.strerror}")]) from None
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            item = parsed(raw)
            found.append((str(item.get("id")), article_of_item(item), _labels(item, known)))
        except BadItem as error:
            problems.append(Problem(f"{file.name}:{number}", str(error)))
    if problems:
        raise SettingsError(problems)
    return found


def _labels(data: dict[str, Any], known: set[str]) -> frozenset[str]:
    labels = data.get("labels")
    if not isinstance(labels, list) or not all(isinstance(one, str) for one in labels):
        raise BadItem("labels: must be a list of theme ids (empty if the item belongs to none)")
    unknown = sorted(set(labels) - known)
    if unknown:
        raise BadItem(f"labels: unknown theme {unknown[0]!r}")
    return frozenset(labels)
