"""Feeds made from the headlines in tests/data/charsets, in every encoding that people write their language in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from producers.charsets.letters import as_in_1258
from producers.charsets.tables import table

HEADLINES = Path(__file__).resolve().parent.parent / "data" / "charsets" / "headlines.txt"
PYTHON_NAMES = {"shift_jis": "cp932", "euc-jp": "euc_jp", "gb18030": "gb18030", "big5": "big5hkscs", "euc-kr": "cp949"}


class Language(NamedTuple):
    code: str
    encodings: tuple[str, ...]
    headlines: tuple[str, ...]


def languages() -> list[Language]:
    found: list[Language] = []
    for line in HEADLINES.read_text("utf-8").splitlines():
        if line.startswith("["):
            code, _, encodings = line.strip("[]").partition(": ")
            found.append(Language(code, tuple(encodings.split()), ()))
        elif line and not line.startswith("#"):
            found[-1] = found[-1]._replace(headlines=(*found[-1].headlines, line))
    return found


def encoded(text: str, encoding: str) -> bytes | None:
    """The text in an encoding; None where the encoding cannot write it, or ASCII can."""
    try:
        if encoding in PYTHON_NAMES:
            body = text.encode(PYTHON_NAMES[encoding])
        else:
            numbers = {character: number for number, character in enumerate(table(encoding))}
            body = bytes(numbers[character] for character in (as_in_1258(text) if encoding == "windows-1258" else text))
    except (UnicodeEncodeError, KeyError):
        return None
    return None if body.isascii() else body


def feed(titles: Sequence[bytes], label: str | None = None) -> bytes:
    head = f'<?xml version="1.0" encoding="{label}"?>' if label else ""
    items = b"".join(b"<item><title>%b</title><link>https://quay.example/%d</link></item>" % (title, at) for at, title in enumerate(titles))
    return (
        head.encode() + b'<rss version="2.0"><channel><title>Quay</title><link>https://quay.example/</link>' + items + b"</channel></rss>"
    )


def written(change: str = "") -> Iterator[tuple[Language, str, list[tuple[str, bytes]]]]:
    """Every language in each of its encodings, with its headlines; `change` is a method of str."""
    for language in languages():
        for encoding in language.encodings:
            texts = [getattr(text, change)() if change else text for text in language.headlines]
            pairs = [(text, body) for text in texts if (body := encoded(text, encoding)) is not None]
            if pairs:
                yield language, encoding, pairs
