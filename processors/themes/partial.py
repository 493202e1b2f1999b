"""Checks a theme file of the wrong shape as far as possible, so that one run also reports its phrases and names.

In: the parsed TOML, the names of the shared lists. Out: problems with phrases and list names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from newsmon.errors import Problem
from processors.search.phrases import PhraseRefused, parse_phrase
from processors.themes.unknown import unknown_list

_REFERRING = {"rule": ("all", "any", "none"), "unless": ("cancels", "by", "save"), "require": ("any",)}


def further_problems(name: str, data: dict[str, Any], shared: Collection[str] | None) -> list[Problem]:
    """The problems with phrases and list names of a file; without `shared` names are not checked."""
    own = data.get("lists")
    lists = own if isinstance(own, dict) else {}
    problems: list[Problem] = []
    for list_name, phrases in lists.items():
        problems += _phrases(f"{name}:lists.{list_name}", phrases)
    known = {*lists, *(shared or ())}
    for where, reference in _references(data):
        if isinstance(reference, str):
            if shared is not None and reference not in known:
                problems.append(Problem(f"{name}:{where}", unknown_list(reference, known)))
        else:
            problems += _phrases(f"{name}:{where}", reference)
    return problems


def _references(data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for kind, keys in _REFERRING.items():
        tables = data.get(kind)
        for index, table in enumerate(tables if isinstance(tables, list) else ()):
            for key in keys:
                values = table.get(key) if isinstance(table, dict) else None
                for number, value in enumerate(values if isinstance(values, list) else ()):
                    yield f"{kind}[{index}].{key}[{number}]", value


def _phrases(where: str, phrases: Any) -> Iterator[Problem]:
    for language, items in phrases.items() if isinstance(phrases, dict) else ():
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if not isinstance(item, str) or item.startswith("@"):
                continue
            try:
                parse_phrase(item, language)
            except PhraseRefused as refused:
                yield Problem(f"{where}.{language}[{index}]", f"phrase {item!r} {refused}")
