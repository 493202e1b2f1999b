"""An item of a feed that is dated ahead, from its text to the decision about its alert."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.drafts import FEED, NOW, stamp, state
from support.processing import decide

from newsmon.records import Alert, AlertReason, Article, DateQuality, Story
from processors.stories.grouping import Grouping
from producers.articles.comparison import compare
from producers.articles.parse_job import ParseJob, drafts_of_body

SUBJECTS = ("Fisheries treaty signed in Tallinn", "Border treaty rejected by parliament", "Water treaty reopened after drought")


def articles(*dates: str, is_first_poll: bool) -> tuple[Article, ...]:
    items = "".join(
        f"<item><title>{subject}</title><link>https://quay.example/{n}</link><pubDate>{date}</pubDate></item>"
        for n, (subject, date) in enumerate(zip(SUBJECTS, dates, strict=False))
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Quay</title>{items}</channel></rss>'.encode()
    parsed = drafts_of_body(ParseJob(FEED, body, "application/rss+xml", FEED.url, 100, NOW))
    return compare(parsed.drafts, None if is_first_poll else state(), FEED, stamp()).articles


def told(found: tuple[Article, ...]) -> list[tuple[Story, Alert | None]]:
    grouping = Grouping()
    states = []
    for offset, article in enumerate(found):
        (match,) = decide(article, NOW)[1]
        states.append(grouping.decide(match, source_offset=offset))
        grouping.apply(states[-1])
    return [(one.story, one.alert) for one in states]


def rfc_822(ahead: timedelta) -> str:
    return f"{NOW + ahead:%a, %d %b %Y %H:%M:%S} GMT"


@pytest.mark.parametrize("is_first_poll", [True, False])
@pytest.mark.parametrize("ahead", [timedelta(days=3), timedelta(weeks=3), timedelta(days=300)])
def test_items_weeks_ahead_are_never_now_and_none_alerts(ahead: timedelta, is_first_poll: bool) -> None:
    found = articles(*(rfc_822(ahead + timedelta(hours=n)) for n in range(3)), is_first_poll=is_first_poll)
    assert [(one.published_at, one.date_quality) for one in found] == [(None, DateQuality.FUTURE)] * 3
    assert [(story.alert_decision, alert) for story, alert in told(found)] == [(AlertReason.STALE, None)] * 3


@pytest.mark.parametrize("placeholder", ["Fri, 31 Dec 9999 23:59:59 GMT", "2099-12-31", "Mon, 01 Jan 0001 00:00:00 +0000", "1970-01-01"])
def test_an_item_with_a_placeholder_for_a_date_is_one_without_a_date(placeholder: str) -> None:
    first, later = (articles(placeholder, is_first_poll=is_first)[0] for is_first in (True, False))
    assert (first.published_at, first.date_quality) == (later.published_at, later.date_quality) == (None, DateQuality.UNREADABLE)
    assert [told((one,))[0][0].alert_decision for one in (first, later)] == [AlertReason.UNDATED_BASELINE, AlertReason.NEW_STORY]


def test_an_item_whose_zone_is_wrong_by_hours_is_news_of_now() -> None:
    (article,) = articles(rfc_822(timedelta(hours=9)), is_first_poll=False)
    assert (article.published_at, article.date_quality) == (article.first_seen_at, DateQuality.FUTURE)
    assert told((article,))[0][1] is not None
