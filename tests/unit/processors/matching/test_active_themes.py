"""Every worker decides the active themes the same way, from the topic alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from support.samples import NOON
from support.shipped import shipped_theme_files, shipped_themes

from newsmon.codec import decode, encode
from newsmon.errors import Problem, RecordError
from newsmon.records import ActiveThemes, NoticeState
from processors.matching.active_themes import Step, files_of, first_step, notice_of, proposal
from processors.themes import compile_files
from processors.themes.files import fingerprint


@pytest.mark.parametrize(
    ("own", "active", "last_looked", "step"),
    [
        ("a", None, None, Step.PROPOSE),  # the first worker ever
        (None, None, None, Step.REFUSE),  # nothing to work with
        (None, "a", "a", Step.ADOPT),  # broken meanwhile: the others' set
        ("a", "a", None, Step.ADOPT),
        ("a", "b", "a", Step.ADOPT),  # unchanged while others moved on: nobody is taken back
        ("c", "b", "a", Step.PROPOSE),  # changed while nobody looked
        ("a", "b", None, Step.PROPOSE),  # a directory never looked at counts as changed
    ],
)
def test_the_first_step(own: str | None, active: str | None, last_looked: str | None, step: Step) -> None:
    assert first_step(own=own, active=active, last_looked=last_looked) is step


def test_without_a_set_on_the_topic_a_broken_directory_gives_its_last_good_files() -> None:
    assert first_step(own=None, active=None, last_looked="a", kept="a") is Step.RESTORE
    assert first_step(own=None, active="b", last_looked="a", kept="a") is Step.ADOPT
    assert first_step(own="c", active=None, last_looked="a", kept="a") is Step.PROPOSE


def test_a_record_carries_the_files_whole_and_compiles_to_the_same_generation() -> None:
    files, themes = shipped_theme_files(), shipped_themes()
    record = decode(encode(proposal(files, themes, now=NOON, worker="one")), ActiveThemes)
    assert files_of(record).everything() == files.everything()
    assert compile_files(files_of(record)).generation == themes.generation == record.generation
    assert record.theme_ids == tuple(theme.theme_id for theme in themes.themes)


@pytest.mark.parametrize("archive", [b"", b"no zlib", b"x\x9c\x03\x00\x00\x00\x00\x01"], ids=["empty", "not packed", "packed nothing"])
def test_an_archive_that_cannot_be_read_is_a_bad_record(archive: bytes) -> None:
    record = msgspec.structs.replace(proposal(shipped_theme_files(), shipped_themes(), now=NOON, worker="one"), archive=archive)
    with pytest.raises(RecordError):
        files_of(record)


def test_equal_trouble_has_one_notice_whichever_worker_says_it() -> None:
    problems = (Problem("rail.toml:3:id", "is wrong"), Problem("rail.toml:4:label", "is wrong"))
    raised, later, resolved = (
        notice_of(problems, generation="abc", revision=revision, state=state, opened_at=NOON, now=NOON + timedelta(minutes=minutes))
        for revision, state, minutes in ((1, NoticeState.RAISED, 0), (1, NoticeState.RAISED, 3), (2, NoticeState.RESOLVED, 9))
    )
    assert raised.notice_id == later.notice_id == resolved.notice_id
    assert "2 problems" in raised.text
    assert "rail.toml:3:id: is wrong" in raised.text
    assert raised.details["problem_2"] == "rail.toml:4:label: is wrong"
    other = notice_of(problems[:1], generation="abc", revision=1, state=NoticeState.RAISED, opened_at=NOON, now=NOON)
    assert other.notice_id != raised.notice_id


def test_any_change_of_a_directory_changes_its_fingerprint(tmp_path: Path) -> None:
    seen = {fingerprint(tmp_path)}
    for change in (
        lambda: (tmp_path / "a.toml").write_text("id = 1"),
        lambda: (tmp_path / "a.toml").write_text("id = 12"),
        lambda: (tmp_path / "lists").mkdir() or (tmp_path / "lists" / "l.toml").write_text("[lists]"),
        lambda: (tmp_path / "a.toml").rename(tmp_path / "b.toml"),
    ):
        change()
        assert fingerprint(tmp_path) not in seen
        seen.add(fingerprint(tmp_path))
    (tmp_path / "notes.txt").write_text("not a theme")
    (tmp_path / ".hidden.toml").write_text("nor this")
    assert fingerprint(tmp_path) in seen
