"""Makes seeds/common-meaning.txt: what the meanings of headlines have in common, which `processors/meaning/distinctive.py` takes away.

    .venv/bin/python benchmarks/common_meaning.py HEADLINES.txt > seeds/common-meaning.txt

HEADLINES.txt has one headline a line; the shipped file was made from 3,156, those of the real news, written series and pairs that
benchmarks/RESULTS.md names. Run it again when the encoder changes. With 16 directions average precision was highest; 8 and 32 are nearly as good.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import numpy as np

from processors.meaning.encoder import STEP, meaning_of, packed

DIRECTIONS = 16
HEADER = """\
# What the meanings of headlines have in common, for processors/meaning/distinctive.py: their mean, then the directions in which they differ
# most, one a line, 512 signed bytes in steps of 1/512, in base64. Made by benchmarks/common_meaning.py from headlines on trade, defence,
# war and peace, incidents at sea, fires and courts, in nine languages."""


def main() -> None:
    meanings = filter(None, (meaning_of(line, "") for line in Path(sys.argv[1]).read_text("utf-8").splitlines()))
    vectors = np.array([np.frombuffer(meaning.title, np.int8) * STEP for meaning in meanings])
    mean = vectors.mean(axis=0)
    directions = np.linalg.svd(vectors - mean, full_matrices=False)[2][:DIRECTIONS]
    print(HEADER)
    for row in (mean, *directions):
        print(base64.b64encode(packed(row)).decode())


if __name__ == "__main__":
    main()
