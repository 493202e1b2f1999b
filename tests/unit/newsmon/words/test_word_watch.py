"""A changed word file is used without a restart, a broken one never; the shipped words of a process stay until then."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmon.errors import SettingsError
from newsmon.metrics import REGISTRY
from newsmon.words import current, use_directory
from newsmon.words.watch import WordWatch, words_to_start_with

FEKETE = "[fekete]\nweight = 1.4\naliases = 'fekete*'\n"


@pytest.fixture(autouse=True)
def _the_shipped_words_afterwards() -> Iterator[None]:
    yield
    use_directory(None)


def write(directory: Path, text: str) -> None:
    (directory / "names").mkdir(exist_ok=True)
    (directory / "names/mine.toml").write_text(text)


def refused() -> float | None:
    return REGISTRY.get_sample_value("newsmon_word_files_refused")


def generation() -> list[str]:
    return [
        sample.labels["generation"]
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.name == "newsmon_words_generation_info"
    ]


def test_a_change_is_used_once_two_looks_saw_the_same(tmp_path: Path) -> None:
    watch = WordWatch(tmp_path)
    first = watch.start()
    assert current() is first
    assert watch.look() is None
    write(tmp_path, FEKETE[:10])
    assert watch.look() is None  # perhaps still being written
    write(tmp_path, FEKETE)
    assert watch.look() is None
    second = watch.look()
    assert second is not None
    assert current() is second
    assert current().gazetteer.key_of(["fekete"], 0) == ("n:fekete", 1)
    assert generation() == [second.generation] != [first.generation]
    assert watch.look() is None
    (tmp_path / "names/mine.toml").unlink()
    assert [watch.look() is None, watch.look() is None] == [True, False]
    assert current().generation == first.generation


def test_a_broken_edit_keeps_the_last_good_words_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, FEKETE)
    watch = WordWatch(tmp_path)
    good = watch.start()
    assert refused() == 0
    write(tmp_path, FEKETE + "colour = 1\n")
    with caplog.at_level(logging.ERROR):
        assert [watch.look(), watch.look(), watch.look()] == [None, None, None]
    assert current() is good
    assert refused() == 1
    said = capsys.readouterr()
    assert (said.out + said.err + caplog.text).count("names/mine.toml:4:fekete.colour") == 1  # once, not at every look
    write(tmp_path, FEKETE)
    assert [watch.look(), watch.look()] == [None, None]  # what is used already
    assert current() is good
    assert refused() == 0


def test_a_folder_that_vanishes_keeps_the_last_good_words(tmp_path: Path) -> None:
    directory = tmp_path / "own"
    directory.mkdir()
    write(directory, FEKETE)
    watch = WordWatch(directory)
    good = watch.start()
    (directory / "names/mine.toml").unlink()
    (directory / "names").rmdir()
    directory.rmdir()
    watch.look()
    watch.look()
    assert current() is good
    assert refused() == 1


def test_a_process_does_not_start_with_words_it_cannot_read(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    for directory in (own, other):
        directory.mkdir()
    write(own, "[fekete")
    with pytest.raises(SettingsError):
        WordWatch(own, keep_in=tmp_path).start()
    write(other, FEKETE)
    WordWatch(other, keep_in=tmp_path).start()
    with pytest.raises(SettingsError):  # what is kept is of another folder
        WordWatch(own, keep_in=tmp_path).start()


def test_a_mistake_right_after_the_first_look_at_the_files_stops_no_process(tmp_path: Path) -> None:
    own, state = tmp_path / "own", tmp_path / "state"
    own.mkdir()
    write(own, FEKETE)
    good = words_to_start_with(own, state)
    write(own, "[fekete")
    assert WordWatch(own, keep_in=state).start().generation == good.generation


def test_a_process_restarted_while_an_edit_is_broken_goes_on_with_the_words_used_last(tmp_path: Path) -> None:
    own, state = tmp_path / "own", tmp_path / "state"
    own.mkdir()
    write(own, FEKETE)
    good = WordWatch(own, keep_in=state).start()
    write(own, FEKETE + "colour = 1\n")
    use_directory(None)
    watch = WordWatch(own, keep_in=state)
    assert watch.start().generation == good.generation
    assert current().gazetteer.key_of(["fekete"], 0) == ("n:fekete", 1)
    assert refused() == 1
    write(own, FEKETE.replace("1.4", "1.5"))
    assert [watch.look() is None, watch.look() is None] == [True, False]
    assert current().gazetteer.weights["n:fekete"] == 1.5
    assert refused() == 0
