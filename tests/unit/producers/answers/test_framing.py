"""Every answer is read the same however its bytes arrive, what comes out is strict HTTP, and nothing after it becomes part of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.odd_answers import CHUNKED, LENGTH, READ, REFUSED, answer, chunks

from producers.answers.framing import AnswerReader
from producers.answers.heads import MAX_HEAD_BYTES, UnreadableAnswer, read_head

STRICT_HEAD = re.compile(rb"HTTP/1\.[01] [1-9]\d\d(?: [^\r\n\0]*)?\r\n(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\r\n\0]*\r\n)*\r\n")
SHORT = {name: raw for name, raw in (READ | REFUSED).items() if len(raw) < 5_000}


def read(*pieces: bytes) -> tuple[bytes, bool, bool, bool]:
    reader = AnswerReader()
    out = b"".join(reader.feed(piece) for piece in pieces)
    out += reader.end()
    return out, reader.odd, reader.surplus, reader.broken is not None


@pytest.mark.parametrize("name", SHORT)
def test_an_answer_is_the_same_byte_by_byte(name: str) -> None:
    raw = SHORT[name]
    assert _joined(read(*(raw[at : at + 1] for at in range(len(raw))))) == _joined(read(raw))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(SHORT)), st.lists(st.integers(0, 3_000), max_size=6))
def test_an_answer_is_the_same_in_any_pieces(name: str, cuts: list[int]) -> None:
    raw, at = SHORT[name], 0
    pieces = []
    for cut in [*sorted(cuts), len(raw)]:
        pieces.append(raw[at:cut])
        at = max(at, cut)
    assert _joined(read(*pieces)) == _joined(read(raw))


def _joined(found: tuple[bytes, bool, bool, bool]) -> tuple[object, ...]:
    """With the body's bytes whatever chunks they came in."""
    head, _, body = found[0].partition(b"\r\n\r\n")
    return head, re.sub(rb"(\A|\r\n)[0-9a-f]+\r\n", b"", body), *found[1:]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
@example(b"HTTP/1.1 200 OK\n\n")
@example(b"\r\n" * 100)
def test_no_bytes_make_it_fail_and_every_head_it_lets_through_is_strict(raw: bytes) -> None:
    for start in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"\r\n\r\n"):
        out, _odd, _surplus, _broken = read(start + raw)
        assert not out or STRICT_HEAD.match(out)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(st.characters(max_codepoint=255), max_size=30), max_size=8))
def test_whatever_lines_a_head_has_it_is_refused_or_written_strictly_and_odd(lines: list[str]) -> None:
    raw = answer(*(line.encode("latin-1").replace(b"\n", b"") or b"x" for line in lines), body=b"")
    try:
        head = read_head(raw)
    except UnreadableAnswer:
        return
    assert STRICT_HEAD.fullmatch(head.text)
    assert head.odd or head.text == raw
    assert not re.search(rb"(?i)content-length.*transfer-encoding|transfer-encoding.*content-length", head.text, re.DOTALL)


@pytest.mark.parametrize(
    ("raw", "odd"),
    [
        (answer(LENGTH), False),
        (answer(b"Content-Length:5"), False),
        (answer(), False),
        (answer(CHUNKED), False),
        (answer(b"transfer-encoding: Chunked"), False),
        (answer(LENGTH, LENGTH), True),
        (answer(LENGTH, CHUNKED), True),
        (answer(CHUNKED, CHUNKED), True),
        (answer(b"Transfer-Encoding: gzip, chunked"), True),
        (answer(b"Transfer-Encoding : chunked"), True),
        (answer(b"X: y", end=b"\n"), True),
        (answer(b"X: a\r\n b"), True),
    ],
)
def test_only_what_is_plain_is_not_odd(raw: bytes, odd: bool) -> None:
    head = raw[: raw.index(b"\r\n\r\n") + 4] if b"\r\n\r\n" in raw else raw[: raw.index(b"\n\n") + 2]
    assert read_head(head).odd is odd


def test_what_comes_after_an_answer_is_told_and_left_out() -> None:
    for whole in (answer(LENGTH), answer(CHUNKED, body=chunks(b"abc"))):
        out, _odd, surplus, _broken = read(whole + b"HTTP/1.1 200 OK\r\n\r\nevil")
        assert surplus
        assert b"evil" not in out


def test_an_endless_head_and_endless_interim_answers_end() -> None:
    reader = AnswerReader()
    for _piece in range(MAX_HEAD_BYTES // 1_000 + 1):
        reader.feed(b"HTTP/1.1 100 Continue\r\n" + b"X: " + b"y" * 980 + b"\r\n\r\n")
    assert reader.broken is not None
    reader = AnswerReader()
    reader.feed(b"HTTP/1.1 200 OK\r\n")
    for _piece in range(MAX_HEAD_BYTES // 1_000 + 1):
        reader.feed(b"x" * 1_000)
    assert reader.broken is not None


@pytest.mark.parametrize("line", [b"X: y\r\n", b"\n", b": \n", b"\r\n ", b"\0\n", b"a\r", b"\r", b" "])
@pytest.mark.parametrize("start", [b"", b"\r", b"HTTP/1.1 200 OK\r\nX: y\n"])
def test_a_hostile_head_costs_no_more_than_its_length(start: bytes, line: bytes) -> None:
    """Piece by piece 60 KB: with anything quadratic this would take minutes."""
    reader = AnswerReader()
    reader.feed(start)
    for _piece in range(60_000 // len(line)):
        reader.feed(line)
    reader.end()


def test_a_body_of_chunks_of_one_byte_costs_no_more_than_its_length() -> None:
    body = chunks(*[b"x"] * 40_000)
    for size in (len(body), 64 * 1024, 7):
        reader = AnswerReader()
        raw = answer(CHUNKED, body=body)
        out = b"".join(reader.feed(raw[at : at + size]) for at in range(0, len(raw), size))
        assert out.count(b"x") == 40_000
        assert reader.has_ended


def test_chunks_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("producers.answers.framing.MAX_CHUNKS", 1_000)
    reader = AnswerReader()
    reader.feed(answer(CHUNKED, body=chunks(*[b"x"] * 1_001)))
    assert str(reader.broken) == "it has more than 1,000 chunks"
