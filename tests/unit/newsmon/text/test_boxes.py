"""Boxes a site has named itself are cut from the markup; articles are not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmon.text.boxes import without_boxes
from newsmon.text.html import html_to_text

BEFORE, AFTER = "<p>Crews will replace the grout.</p>", "<p>Shuttles will stop at each station.</p>"
PITCH = "Sign up for our newsletter: U.S. tariffs, trade talks and new duties on imports, every morning."
TEXT = "Crews will replace the grout.\nShuttles will stop at each station."


@pytest.mark.parametrize(
    "box",
    [
        f'<div class="newsletter-signup"><h3>The Tariff Tracker</h3><p>{PITCH}</p></div>',
        f'<aside id="inline-newsletter"><p>{PITCH}</p></aside>',
        f"<section class='mod newsletter'><div><div><p>{PITCH}</p></div></div></section>",
        f"<p class=privacy-notice>{PITCH}</p>",
        f'<form class="signup-form"><p>{PITCH}</p><input name="email"></form>',
        f'<div data-component="cookie-banner"><ul><li>{PITCH}</li></ul></div>',
        f'<DIV CLASS="SUBSCRIBE-BOX"><P>{PITCH}</P></DIV>',
    ],
)
def test_a_named_box_is_no_part_of_the_article(box: str) -> None:
    assert html_to_text(BEFORE + box + AFTER) == TEXT


@pytest.mark.parametrize(
    "markup",
    [
        '<p class="story">The newsletter was printed in a cellar.</p>',
        '<div class="subscriber-content"><p>The ministers met.</p></div>',
        '<div class="newsletterish"><p>The ministers met.</p></div>',
        '<div title="newsletter"><p>The ministers met.</p></div>',
        f'<div class="newsletter"><p>{"The ministers met and talked. " * 60}</p></div>',
        '<div class="newsletter"><p>A box that never ends, and then the article',
    ],
)
def test_an_article_is_not_taken_for_a_box(markup: str) -> None:
    assert without_boxes(markup) == markup


def test_a_text_that_is_nothing_but_a_box_stays() -> None:
    assert html_to_text('<div class="newsletter"><p>The ministers met.</p></div>') == "The ministers met."


def test_a_box_in_markup_escaped_twice_is_cut_too() -> None:
    box = f'<div class="newsletter"><p>{PITCH}</p></div>'
    assert html_to_text((BEFORE + box + AFTER).replace("<", "&lt;").replace(">", "&gt;")) == TEXT


@pytest.mark.parametrize("piece", ['<p class="newsletter">', '<div class="newsletter"><div>', '<div class="newsletter"></div>'])
def test_many_boxes_cost_bounded_work(piece: str) -> None:
    started_s = time.process_time()
    without_boxes(piece * (1_000_000 // len(piece)))
    assert time.process_time() - started_s < 30


@given(
    st.lists(st.sampled_from([BEFORE, AFTER, "<div>", "</div>", '<div class="newsletter">', "word ", "<p", "</p>", '"', ">"]), max_size=30)
)
@settings(max_examples=80)
def test_cutting_boxes_only_ever_takes_away(pieces: list[str]) -> None:
    html = "".join(pieces)
    assert len(without_boxes(html)) <= len(html)
    assert html_to_text(html).count("word") <= html.count("word")
