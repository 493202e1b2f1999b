"""What is distinctive in the meaning of an article: its vectors without what much of the news has in common.

In:  a meaning as the encoder gives it; seeds/common-meaning.txt.
Out: `Meaning`, vectors of length 1 again.
I/O: reads the file once.

All headlines on trade lie near each other, whatever happened. So the mean of many headlines is subtracted, and the directions in which they
differ most, which are their subjects and languages, are removed (Mu and Viswanath 2018, arXiv:1702.01417). What is left tells events apart,
in most months of real news better than the whole (benchmarks/RESULTS.md). Other articles change nothing: it follows from the text alone.
"""

from __future__ import annotations

import base64
from functools import lru_cache

import numpy as np

from newsmon import paths
from processors.meaning.encoder import STEP, Meaning, packed, unit


def distinctive(meaning: Meaning) -> Meaning:
    """Return the meaning without what is common."""
    return Meaning(_without_common(meaning.title), _without_common(meaning.text))


def _without_common(vector: bytes) -> bytes:
    mean, directions = _common()
    rest = np.frombuffer(vector, np.int8) * STEP - mean
    return packed(unit(rest - directions @ (directions.T @ rest)))


@lru_cache(maxsize=1)
def _common() -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the directions, one a column, of length 1 and at right angles."""
    lines = (paths.seeds() / "common-meaning.txt").read_text("utf-8").splitlines()
    rows = [np.frombuffer(base64.b64decode(line), np.int8) * STEP for line in lines if line and not line.startswith("#")]
    return rows[0], np.linalg.qr(np.array(rows[1:]).T)[0]
