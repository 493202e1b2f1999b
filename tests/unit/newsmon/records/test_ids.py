"""Identities: stable, distinct, and indifferent to what does not change the text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from newsmon import ids

texts = st.text(max_size=40)


def test_ids_do_not_change_between_releases() -> None:
    """These values are in people's databases and receivers: whoever changes them breaks promise 1."""
    assert ids.article_id_of_url("https://wire.example/a") == "a_mgy536xhywvlcampc6wsvq3eri"
    assert ids.content_hash("T", "", "B") == "c_bpu6c4w6q6jir7lqyj7pe5jf4q"
    assert ids.delivery_id("al_x", 2, "desk") == "msg_uiwfq73up75rwvmsoyastk72li"


@given(texts, texts, texts)
@settings(max_examples=60)
def test_moving_text_between_fields_changes_the_content(title: str, lead: str, body: str) -> None:
    if ids.normalised(lead) and ids.normalised(lead) != ids.normalised(body):
        assert ids.content_hash(title, lead, body) != ids.content_hash(title, body, lead)


@given(texts)
@settings(max_examples=60)
def test_white_space_and_case_do_not_make_a_revision(text: str) -> None:
    assert ids.content_hash(text, "", "") == ids.content_hash(f"  {text}\n", "", "")
    assert ids.normalised(ids.normalised(text)) == ids.normalised(text)


def test_parts_cannot_run_into_each_other() -> None:
    assert ids.article_id_of_guid("ab", "c") != ids.article_id_of_guid("a", "bc")
    assert ids.match_id("r", "t") != ids.story_id("r", "t")
