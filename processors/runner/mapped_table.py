"""The largest table of the sentence encoder from a file instead of memory: 62 MiB that every processor would hold for itself.

In: the table as the encoder has read it. Out: the same numbers, read-only, from a file in the cache. I/O: that file.

The kernel keeps what is used of the file in memory once for all processes, and takes it back when memory is short. The file is compared
with the table at every start and written anew if it differs, under another name first: whoever has mapped the old one keeps it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from newsmon import paths
from newsmon.logs import get_logger

FILE = "sentence-encoder-table.bin"
COMPARED_BYTES = 1024 * 1024

log = get_logger(__name__)


def mapped(table: np.ndarray[Any, Any], cache_dir: Path | None = None) -> np.ndarray[Any, Any]:
    """The numbers of `table` from the file in the cache; `table` itself where no such file can be kept."""
    file = (cache_dir or paths.cache_dir()) / FILE
    table = np.ascontiguousarray(table)
    try:
        if not _holds(file, table):
            _write(file, table)
        return np.memmap(file, dtype=table.dtype, mode="r", shape=table.shape).view(np.ndarray)
    except (OSError, ValueError) as error:  # ValueError: the file became too short just now
        log.info("encoder.not_mapped", file=str(file), reason=str(error)[:200])
        return table


def _holds(file: Path, table: np.ndarray[Any, Any]) -> bool:
    """True if the file has exactly these bytes. It is read, not mapped: a page that is compared would count as used."""
    wanted = table.data.cast("B")
    try:
        with file.open("rb") as content:
            for start in range(0, len(wanted), COMPARED_BYTES):
                if content.read(COMPARED_BYTES) != wanted[start : start + COMPARED_BYTES]:
                    return False
            return not content.read(1)
    except FileNotFoundError:
        return False


def _write(file: Path, table: np.ndarray[Any, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=FILE, delete=False) as part:
        try:
            part.write(table.data.cast("B"))
            part.flush()
            Path(part.name).replace(file)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
