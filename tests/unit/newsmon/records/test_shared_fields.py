"""What one record passes on to another under the same name."""

from __future__ import annotations

from dataclasses import dataclass

from support.kept_records import filled
from support.samples import NOON, article

from newsmon.records import Article, Match, Member
from newsmon.records.shared_fields import shared_fields


@dataclass(frozen=True, slots=True)
class Small:
    title: str
    nobody_else_has: int
    body: str


def test_the_shared_fields_come_with_the_values_of_the_source() -> None:
    one = article()
    found = shared_fields(one, Member)
    assert set(found) == set(Article.__struct_fields__) & set(Member.__struct_fields__)
    assert found["published_at"] == NOON
    assert all(value == getattr(one, name) for name, value in found.items())


def test_they_come_in_the_order_of_what_they_go_into() -> None:
    assert list(shared_fields(Small("t", 1, "b"), Article)) == ["title", "body"]
    assert list(shared_fields(filled(Article), Small)) == ["title", "body"]


def test_nothing_shared_is_nothing_passed_on() -> None:
    assert shared_fields(filled(Match), Small) == {}
