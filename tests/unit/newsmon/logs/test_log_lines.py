"""Whatever a process says on standard error becomes lines of JSON, and nothing of it is lost."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from newsmon.log_lines import LineFolder

TRACEBACK = b'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n    1 / 0\nZeroDivisionError: division by zero\n'


def folded(*pieces: bytes) -> list[dict[str, str]]:
    folder = LineFolder("store")
    said = [line for piece in pieces for line in folder.feed(piece)] + folder.close()
    return [json.loads(line) for line in said]


def test_a_line_that_is_json_passes_as_it_is() -> None:
    folder = LineFolder("store")
    assert folder.feed(b'{"event": "store.started", "port": 1}\n') == ['{"event": "store.started", "port": 1}']


def test_a_traceback_is_one_error_between_its_neighbours() -> None:
    found = folded(b'{"event": "a"}\n' + TRACEBACK + b'{"event": "b"}\n')
    assert [one["event"] for one in found] == ["a", "stderr", "b"]
    assert found[1]["text"] == TRACEBACK.decode().rstrip("\n")
    assert (found[1]["stage"], found[1]["level"]) == ("store", "error")
    assert found[1]["timestamp"].endswith("Z")


def test_what_a_library_prints_is_a_warning() -> None:
    assert [(one["text"], one["level"]) for one in folded(b"resource_tracker: 1 leaked semaphore\n")] == [
        ("resource_tracker: 1 leaked semaphore", "warning")
    ]


def test_a_settings_problem_is_an_error() -> None:
    assert folded(b"newsmon: newsmon.toml:kafka.heap_mb: must be a number\n")[0]["level"] == "error"


def test_the_beginning_of_a_json_line_waits_for_its_end_through_a_pause() -> None:
    folder = LineFolder("store")
    assert folder.feed(b'{"event": ') == []
    assert folder.pause() == []
    assert folder.feed(b'"x"}\n') == ['{"event": "x"}']


def test_last_words_without_an_end_of_line_are_told_after_a_pause() -> None:
    folder = LineFolder("store")
    assert folder.feed(b"free(): invalid pointer") == []
    assert [json.loads(line)["text"] for line in folder.pause()] == ["free(): invalid pointer"]
    assert not folder.waiting


def test_endless_output_is_told_in_parts() -> None:
    folder = LineFolder("store")
    assert len(folder.feed(b"line\n" * 1_000)) == 5


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_every_line_is_a_json_object_and_every_text_is_kept(pieces: list[bytes]) -> None:
    found = folded(*pieces)
    assert all(isinstance(one, dict) for one in found)
    whole = b"".join(pieces).decode("utf-8", "replace")
    told = "".join(one.get("text", "") for one in found)
    for line in whole.split("\n"):
        word = line.strip("\r")
        assert word.strip() == "" or word in told or word.lstrip().startswith("{")
