"""What attackers send as markup costs memory in proportion to its size."""

from __future__ import annotations

import tracemalloc

import pytest

from newsmon.text.html import MAX_TEXT_CHARS, html_to_text

BOMBS = {
    "nested divs": "<div>" * 60_000 + "x",
    "adoption agency": "".join(f"<font a={i}><p>" for i in range(20_000)) + "x",
    "unclosed quotes": '<a "' * 75_000 + "x",
    "unclosed comments": "<!--" * 75_000 + "x",
    "unclosed frames": "<iframe><svg><title>" * 15_000 + "x",
    "bare brackets": "<" * 300_000,
    "bare ampersands": "&a" * 150_000,
    "a number of 300,000 digits": "&#" + "9" * 300_000 + ";x",
    "combining marks": "x" + "\u0315\u0300" * 150_000,
    "hebrew marks": "x" + "\u05b0\u0591" * 150_000,
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.timeout(180)
def test_hostile_markup_costs_memory_in_proportion_and_ends(name: str) -> None:
    tracemalloc.start()
    text = html_to_text(BOMBS[name])
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 60_000_000
    assert len(text) <= MAX_TEXT_CHARS
