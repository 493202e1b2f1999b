"""Makes things printable: text without control characters, counts with their noun, values that JSON has no type for."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any


def escape_controls(text: str) -> str:
    """The text with every control and format character except line breaks spelt out: foreign bytes must not steer a terminal."""
    return "".join(
        character if character == "\n" or unicodedata.category(character)[0] != "C" else character.encode("unicode_escape").decode()
        for character in text
    )


def counted(number: int, one: str, many: str = "") -> str:
    """The number with the noun; `many` where the plural is not the noun with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def json_value(value: Any) -> str:
    """Times in ISO 8601, everything else as text: the `default` of `json.dumps`."""
    return value.isoformat() if isinstance(value, datetime) else str(value)
