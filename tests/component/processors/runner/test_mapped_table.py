"""The encoder's table comes from a file that is always right, and from memory where there can be none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from processors.meaning.encoder import load_encoder, meaning_of
from processors.runner.mapped_table import FILE, mapped

TABLE = np.arange(3_000_000, dtype=np.uint8).reshape(-1, 1000)


@pytest.mark.parametrize("before", [None, b"", b"half a fi", TABLE.tobytes()[:-1], TABLE.tobytes() + b"x", TABLE.tobytes()[::-1]])
def test_a_missing_damaged_or_older_file_is_written_anew(tmp_path: Path, before: bytes | None) -> None:
    if before is not None:
        (tmp_path / FILE).write_bytes(before)
    found = mapped(TABLE, tmp_path / "deeper" if before is None else tmp_path)
    assert np.array_equal(found, TABLE)
    assert (found.dtype, found.flags.writeable, type(found)) == (TABLE.dtype, False, np.ndarray)


def test_a_right_file_is_used_as_it_is_and_who_mapped_an_older_one_keeps_it(tmp_path: Path) -> None:
    first = mapped(TABLE, tmp_path)
    inode = (tmp_path / FILE).stat().st_ino
    mapped(TABLE, tmp_path)
    assert (tmp_path / FILE).stat().st_ino == inode
    assert np.array_equal(mapped(TABLE[::-1], tmp_path), TABLE[::-1])
    assert np.array_equal(first, TABLE)
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


def test_without_a_place_for_the_file_the_table_stays_in_memory(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")
    assert mapped(TABLE, tmp_path / "cache") is TABLE


def test_a_mapped_encoder_means_the_same(tmp_path: Path) -> None:
    texts = [
        ("Talks on steel tariffs resume", "Ministers met in Geneva. Both sides spoke of progress."),
        ("Газ подорожал", "Цены выросли на 5%."),
    ]
    load_encoder()
    in_memory = [meaning_of(title, text) for title, text in texts]
    meaning_of.__globals__["_encoded"].cache_clear()
    load_encoder(lambda table: mapped(table, tmp_path))
    assert [meaning_of(title, text) for title, text in texts] == in_memory
