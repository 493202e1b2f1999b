"""Finds the line of a key in a TOML file: `rule[3].weight` -> line 41. For error messages; the file is parsed elsewhere.

In: the file's text and a key. Out: the line number of the key, or of the longest part of it that the file holds.
"""

from __future__ import annotations

import functools
import re

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'|\[\d+\]""")
_TOKEN = re.compile(r"""\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*|[\[\]{},=]|\n|[^\s"'#\[\]{},=]+""")


def line_of(text: str, key: str) -> int | None:
    """The line of `key`, or of its longest beginning that the file holds; None when the file lacks even its first part."""
    places = _places(text)
    parts = _parts(key)
    for end in range(len(parts), 0, -1):
        found = places.get(tuple(parts[:end]))
        if found is not None:
            return found
    return None


def _parts(key: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(key)]


@functools.lru_cache(maxsize=64)
def _places(text: str) -> dict[tuple[str, ...], int]:
    """The line of every key, table and array element."""
    places: dict[tuple[str, ...], int] = {}
    counts: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    offset, number = 0, 0
    lines = text.splitlines(keepends=True)
    while number < len(lines):
        line = lines[number]
        header, key = _HEADER.match(line), _KEY.match(line)
        if header is not None and key is None:
            table = tuple(_parts(header[2]))
            if header[1] == "[[":
                index = counts[table] = counts.get(table, -1) + 1
                places.setdefault(table, number + 1)
                table = (*table, f"[{index}]")
            places.setdefault(table, number + 1)
        elif key is not None:
            path = (*table, *_parts(key[1]))
            end = _value(text, offset + key.end(), number + 1, path, places)
            places.setdefault(path, number + 1)
            skipped = text.count("\n", offset, end)
            for _ in range(skipped):
                offset += len(lines[number])
                number += 1
            if number >= len(lines):
                break
        offset += len(lines[number])
        number += 1
    return places


def _value(text: str, start: int, line: int, path: tuple[str, ...], places: dict[tuple[str, ...], int]) -> int:
    """Note the elements of the value that begins at `start`; return where it ends."""
    stack: list[tuple[str, tuple[str, ...], int]] = []  # bracket, path of what it holds, elements begun
    expecting, name = True, ""
    for token in _TOKEN.finditer(text, start):
        word = token[0]
        if word == "\n":
            line += 1
        if not stack and (word == "\n" or word[0] == "#"):
            return token.start()
        if word in "]}":
            stack, expecting = stack[:-1], False
        elif word in ",=":
            expecting = True
        elif expecting and word != "\n" and word[0] != "#":
            if stack and stack[-1][0] == "{" and not name:
                name = word  # a key of an inline table; its value follows
                continue
            here = path if not stack else _element(stack, name)
            name = ""
            places.setdefault(here, line)
            if word in "[{":
                stack.append((word, here, 0))
            else:
                expecting = False
                line += word.count("\n")
    return len(text)


def _element(stack: list[tuple[str, tuple[str, ...], int]], name: str) -> tuple[str, ...]:
    """The path of the element that begins inside the innermost bracket, which is counted."""
    bracket, inside, count = stack[-1]
    stack[-1] = (bracket, inside, count + 1)
    return (*inside, f"[{count}]") if bracket == "[" else (*inside, *_parts(name))
