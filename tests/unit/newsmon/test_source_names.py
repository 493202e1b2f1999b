"""One source under several spellings of its name is one independent source."""

from __future__ import annotations

import pytest

from newsmon import ids


@pytest.mark.parametrize("name", ["The Herald", "HERALD", " the  herald ", "Herald"])
def test_case_and_article_make_no_other_source(name: str) -> None:
    assert ids.source_key(name) == "herald"


@pytest.mark.parametrize(("one", "other"), [("www.Quay.example", "quay.example"), ("Quay.example", "QUAY.EXAMPLE")])
def test_www_makes_no_other_source(one: str, other: str) -> None:
    assert ids.source_key(one) == ids.source_key(other)


@pytest.mark.parametrize(("one", "other"), [("The Herald", "Herald Tribune"), ("Theatre", "atre"), ("The", ""), ("www.", "")])
def test_other_names_are_other_sources(one: str, other: str) -> None:
    assert ids.source_key(one) != ids.source_key(other)
