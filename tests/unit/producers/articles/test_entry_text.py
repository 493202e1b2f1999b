"""Two polls of one article give the same text, however its page's counters moved; a figure of the article makes another."""

from __future__ import annotations

import pytest
from support.feed_documents import draft, rss

COUNTERS = [
    "<p>Read {} times</p>",
    "<span>{} views</span>",
    " ({} comments)",
    "<div class='post-views'>Seen by {} beings</div>",
    "<p class='reading-time'>About {} minutes for fast ones</p>",
    "<p>Прочитано {} рази</p>",
    "<p>Updated {} minutes ago</p>",
    "<br>{}回表示",
]


def content(lead: str, title: str = "Talks resume in Geneva") -> str:
    return draft(rss(f"<title>{title}</title><link>/a</link><description><![CDATA[{lead}]]></description>")).content_hash


@pytest.mark.parametrize("counter", COUNTERS)
def test_a_counter_that_moves_makes_no_other_text(counter: str) -> None:
    text = "<p>Envoys of both sides met on Monday.</p>"
    assert content(text + counter.format("1,204")) == content(text + counter.format("1,339")) == content(text)


@pytest.mark.parametrize(
    ("before", "after"), [("Tariff of 25 % stays.", "Tariff of 15 % stays."), ("5 dead in Kyiv.", "12 dead in Kyiv."), ("3 days", "4 days")]
)
def test_a_figure_that_is_corrected_makes_another_text(before: str, after: str) -> None:
    assert content(f"<p>Envoys met.</p><p>{before}</p>") != content(f"<p>Envoys met.</p><p>{after}</p>")


def test_a_headline_loses_its_counter_but_never_all_of_itself() -> None:
    assert content("x", "Talks resume (12 comments)") == content("x", "Talks resume (13 comments)") == content("x", "Talks resume")
    assert draft(rss("<title>12 comments</title><link>/a</link>")).title == "12 comments"


def test_the_publisher_an_aggregator_names_is_kept() -> None:
    from producers.formats.parse import parse_feed

    body = rss('<title>t</title><link>/a</link><source url="https://paper.example/feed"> The Paper </source>')
    assert [one.publisher for one in parse_feed(body).entries] == ["The Paper"]
