"""Alerts as text for people, whole, in numbered parts each service would take."""

from __future__ import annotations

import html
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.alerts import alert, wide_alert
from support.samples import NOON

from newsmon.records import AlertReason
from sinks.message.alert_body import payload_bytes
from sinks.message.chat_limits import LEAST_BODY, OURS, ChatLimits, Measure, limits_of
from sinks.message.chat_markup import Markup, rendered
from sinks.message.chat_parts import parts
from sinks.message.chat_text import ChatMessage, chat_message
from sinks.message.webhook_formats import probe_payload

TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"], whitelist_characters="\n"), min_size=1, max_size=600)
NUMBER = re.compile(r"^\((\d+)/(\d+)\) ")


def letters(text: str) -> str:
    return re.sub(r"\s", "", text)


def shown(text: str, markup: Markup) -> str:
    """The letters of a text in its markup, as a reader sees them."""
    if markup is Markup.HTML:
        text = html.unescape(text)
    text = re.sub(r"\[[^\]]*\]\((https?:[^)]*)\)", r"\1", text)
    text = re.sub(r"<(https?:[^>]*)>", r"\1", text)
    return letters(text) if markup is Markup.PLAIN else re.sub(r"[\\\u200b]", "", letters(text))


@settings(max_examples=150, deadline=None)
@given(
    title=TEXTS,
    text=TEXTS,
    measure=st.sampled_from(list(Measure)),
    body=st.integers(LEAST_BODY, 400),
    title_limit=st.sampled_from([0, 40, 250]),
)
def test_the_parts_together_hold_every_letter_and_each_keeps_the_limits(
    title: str, text: str, measure: Measure, body: int, title_limit: int
) -> None:
    limits = ChatLimits(body, title_limit, measure)
    message = ChatMessage(title, text, "notice", "key")
    made = parts(message, limits)
    for part in made:
        assert limits.size(part.body) <= body
        assert limits.size(part.title) <= title_limit
    numbers = [NUMBER.match(part.title or part.body) for part in made]
    if len(made) > 1:
        assert [(int(one[1]), int(one[2])) for one in numbers if one] == [(n, len(made)) for n in range(1, len(made) + 1)]
    told = "".join(letters(NUMBER.sub("", part.body) if len(made) > 1 and not part.title else part.body) for part in made)
    if not letters(message.whole):
        assert told == "-"  # a service takes no message without text
        return
    assert told in (letters(message.whole), letters(text))
    if told != letters(message.whole):
        assert letters(title) in letters(made[0].title)


@pytest.mark.parametrize("schema", sorted(OURS))
@pytest.mark.parametrize("text", ["Zażółć gęślą jaźń, Київ — ", "a&b <c> *d* ", "👩‍👩‍👧🇺🇦 ", "x" * 90])
def test_every_service_of_the_table_gets_parts_within_its_limits(schema: str, text: str) -> None:
    limits = limits_of(schema, body=1, title=0, lines=0, declared="html" if schema == "tgram" else "text")
    message = chat_message(payload_bytes(wide_alert(12, text=text)))
    made = parts(message, limits)
    assert all(limits.size(part.body) <= limits.body and limits.size(part.title) <= limits.title for part in made)
    if not limits.beside:
        assert letters(message.text) in shown("".join(NUMBER.sub("", part.body) for part in made), limits.markup)


def test_lines_are_counted_where_the_service_counts_them() -> None:
    made = parts(ChatMessage("", "\n".join("abcdefg"), "notice", "key"), ChatLimits(1_000, 0, lines=3))
    assert [part.body.count("\n") + 1 for part in made] == [3, 3, 2]  # the title's empty line is the first


def test_an_alert_says_what_happened_where_to_read_and_why() -> None:
    message = chat_message(payload_bytes(alert(7)))
    assert message.title == "NOTICE  ukraine peacekeeping: alert 7"
    for said in ("https://wire.example/1", "Ministers", "threshold 1", "revision 1", "independent sources: 1"):
        assert said in message.text


def test_new_facts_are_told_unless_they_are_the_headline_itself() -> None:
    long = "Ferry " * 60 + "sinks"
    for title, facts, told in (
        ("Ferry sinks", ("Oldport", "212"), "\nNew: Oldport, 212\n"), ("Ferry sinks", ("Ferry sinks",), None), (long, (long,), None),
        ("Ferry sinks", ("Ferry aground", "212"), "\nNew: Ferry aground, 212\n"),
    ):  # fmt: skip
        text = chat_message(payload_bytes(alert(1, title=title, new_facts=facts, reason=AlertReason.NEW_FACTS))).text
        assert told in f"\n{text}" if told else "New:" not in text


def test_what_the_payload_left_out_is_said() -> None:
    body = payload_bytes(wide_alert(60))
    data = msgspec.json.decode(body)["data"]
    assert data["articles_omitted"] > 0
    text = chat_message(body).text
    assert f"- and {data['articles_omitted']} more" in text
    assert "Shortened: " in text


def test_text_of_feeds_calls_nobody_and_moves_no_cursor() -> None:
    message = chat_message(payload_bytes(alert(1, title="@everyone @here <!channel> <@U123> \x1b[2Jred", lead="@all now")))
    assert "\x1b" not in message.whole
    for markup in set(Markup) - {Markup.PLAIN}:
        for call in ("@everyone", "@here", "<!", "<@", "@all"):
            assert call not in rendered(message.whole, markup)


def test_a_body_of_another_type_is_written_out_whole() -> None:
    body = msgspec.json.encode(
        {"type": "newsmon.digest", "data": {"title": "Daily", "alerts": [{"title": "One", "url": "https://e.example"}], "count": 1}}
    )
    message = chat_message(body)
    assert message.title == "Daily"
    for said in ("alerts:", "title: One", "url: https://e.example", "count: 1"):
        assert said in message.text


def test_the_test_message_says_that_it_is_one() -> None:
    message = chat_message(probe_payload(now=NOON, receiver="desk"))
    assert "test" in message.title
    assert "desk" in message.text


@pytest.mark.parametrize("limits", [ChatLimits(100, 0), ChatLimits(100, 50)])
def test_a_message_without_a_text_still_has_one(limits: ChatLimits) -> None:
    assert parts(ChatMessage("Only a title", "", "notice", "key"), limits)[0].body == "Only a title"
