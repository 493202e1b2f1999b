"""A long text full of openings is read in linear time."""

from __future__ import annotations

import pytest

from newsmon.text.boilerplate import without_boilerplate


@pytest.mark.parametrize(
    "piece",
    [
        "Sign up: ",
        "Read more: x. ",
        "Privacy Notice: Newsletters may ",
        "Sign up\n",
        "skip past newsletter promotion ",
        "The post x ",
        "Recevez ",
    ],
)
@pytest.mark.timeout(180)
def test_a_third_of_a_megabyte_of_openings_is_read_in_linear_time(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    without_boilerplate(text)
