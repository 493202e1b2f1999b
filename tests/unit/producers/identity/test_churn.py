"""Feeds that change the links or guids of their entries: the articles stay what they are, and what is new is not hidden."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.model_feed import Item, poll

from newsmon.records import FeedState
from producers.identity.habits import churns

Way = Callable[[int, int], Item]  # the link and guid of item `n` in poll `p`

CHURN: dict[str, Way] = {
    "jsessionid": lambda n, p: {"link": f"https://q.example/a/{n};jsessionid=0A{p}FE{n}?x=1", "guid": f"g{n}"},
    "jsessionid as guid too": lambda n, p: {"link": f"https://q.example/a/{n};jsessionid=0A{p}", "guid": f"https://q.example/{n};jsessionid=0A{p}"},
    "PHPSESSID": lambda n, p: {"link": f"https://q.example/a.php?id={n}&amp;PHPSESSID={p:032x}", "guid": ""},
    "ASPSESSIONID": lambda n, p: {"link": f"https://q.example/a.asp?id={n}&amp;ASPSESSIONIDQABC={p:x}XY", "guid": ""},
    "cookieless": lambda n, p: {"link": f"https://q.example/(S(x{p}y))/a.aspx?id={n}", "guid": ""},
    "CFID": lambda n, p: {"link": f"https://q.example/a.cfm?id={n}&amp;CFID={p}&amp;CFTOKEN={p}7", "guid": ""},
    "sid": lambda n, p: {"link": f"https://q.example/a?id={n}&amp;sid={p:031x}a", "guid": ""},
    "token": lambda n, p: {"link": f"https://q.example/a/{n}?token={p}-{n}", "guid": f"g{n}"},
    "time": lambda n, p: {"link": f"https://q.example/a/{n}?t={1_790_000_000 + p * 60}", "guid": ""},
    "a counter in the path": lambda n, p: {"link": f"https://q.example/out/{p * 100 + n}/", "guid": ""},
    "a host that rotates": lambda n, p: {"link": f"https://cdn{p % 4}.q.example/{n}", "guid": f"cdn{p % 4}/{n}"},
    "new guids": lambda n, p: {"link": f"https://q.example/a/{n}", "guid": f"uuid-{p}-{n}"},
    "new guids, no links": lambda n, p: {"link": "", "guid": f"uuid-{p}-{n}"},
    "new guids, front page": lambda n, p: {"link": "https://q.example/", "guid": f"uuid-{p}-{n}"},
    "new guids, one page": lambda n, p: {"link": "https://q.example/press", "guid": f"uuid-{p}-{n}"},
    "new links and guids": lambda n, p: {"link": f"https://q.example/{p}/{n}", "guid": f"uuid-{p}-{n}"},
    "new links and permalinks": lambda n, p: {"link": f"https://q.example/{p}/{n}", "guid": f"https://q.example/{p}/{n}"},
}  # fmt: skip
DATE = "Mon, 23 Nov 2026 08:00:00 GMT"


def item(number: int, way: Way, number_of_poll: int, **more: str) -> Item:
    words = {"title": f"Headline {number} of its own", "description": f"What happened at place {number}.", "pubDate": DATE}
    return words | dict(way(number, number_of_poll)) | more


@pytest.mark.parametrize("date", [DATE, ""])
@pytest.mark.parametrize("count", [1, 3, 8])
@pytest.mark.parametrize("kind", CHURN)
def test_items_stay_as_many_articles_through_thirteen_polls(kind: str, count: int, date: str) -> None:
    after: FeedState | None = None
    for number in range(13):
        found, after = poll([item(n, CHURN[kind], number, pubDate=date) for n in range(count)], after)
        if number:
            assert (found.known_count, found.articles, found.gap_suspected) == (count, (), False), number
    assert after is not None
    assert after.links is not None
    assert churns(after.links.link_churn_count) or churns(after.links.guid_churn_count)


@pytest.mark.parametrize("kind", CHURN)
def test_what_is_new_in_a_feed_that_churns_is_new_and_a_changed_text_is_a_revision(kind: str) -> None:
    after: FeedState | None = None
    given = set()
    for number in range(10):
        shown = [item(n, CHURN[kind], number) for n in range(number, number + 6)]
        found, after = poll(shown, after)
        assert (found.new_count, found.revised_count) == ((6, 0) if number == 0 else (1, 0)), number
        given |= {one.article_id for one in found.articles}
    assert len(given) == 15
    edited = [item(n, CHURN[kind], 11, description="Edited.") for n in range(9, 15)]
    found, after = poll(edited, after)
    assert (found.new_count, found.revised_count) == (0, 6)
    assert {one.article_id for one in found.articles} <= given


def test_title_alone_and_undated_is_still_one_article_where_everything_churns() -> None:
    after: FeedState | None = None
    for number in range(13):
        shown = [item(n, CHURN["new links and guids"], number, description="", pubDate="") for n in range(8)]
        found, after = poll(shown, after)
        assert found.new_count == (8 if number == 0 else 0)


def test_dates_of_the_server_clock_tell_nothing() -> None:
    after: FeedState | None = None
    for number in range(13):
        now = datetime(2026, 11, 24, 12, tzinfo=UTC) + number * timedelta(minutes=30)
        shown = [item(n, CHURN["new links and guids"], number, pubDate=now.strftime("%a, %d %b %Y %H:%M:%S GMT")) for n in range(4)]
        found, after = poll(shown, after, now=now + timedelta(seconds=5))
        assert (found.new_count, found.revised_count) == ((4, 0) if number == 0 else (0, 0))


@pytest.mark.parametrize("count", [1, 3, 6])
@pytest.mark.parametrize("title", ["Weather", "Morning bulletin with all the news"])
@pytest.mark.parametrize("text", ["", "Listen to it here.", "{day}: all the news."])
@pytest.mark.parametrize("link", ["https://q.example/{day}", "https://q.example/bulletin", ""])
def test_each_day_has_its_bulletin_though_they_are_called_the_same(count: int, title: str, text: str, link: str) -> None:
    """A window of `count` days, of which one is new each day; then one after a week away, all of them new."""
    if count == 1 and link == "https://q.example/bulletin":
        pytest.skip("a feed of one entry never shows that its link is of no use: it may be one article that changes")
    after: FeedState | None = None
    for day in [*range(1, 20 - count), 27 - count]:
        shown = [
            {
                "title": title, "link": link.format(day=one), "guid": f"b-{one}", "description": text.format(day=one),
                "pubDate": f"{one:02} Nov 2026 06:00:00 GMT",
            }
            for one in range(day, day + count)
        ]  # fmt: skip
        found, after = poll(shown, after)
        wanted = count if day == 1 or (day == 27 - count and count < 7) else 1
        assert (found.new_count, found.reidentified_count, sum(found.rejected.values())) == (wanted, 0, 0), day


def test_a_bulletin_with_other_words_and_no_date_is_new() -> None:
    after: FeedState | None = None
    for day in range(1, 10):
        shown = [{"title": "Weather", "link": f"https://q.example/{one}", "description": f"Report {one}."} for one in range(day, day + 4)]
        found, after = poll(shown, after)
        assert found.new_count == (4 if day == 1 else 1)


model = st.tuples(
    st.sampled_from(sorted(CHURN)),
    st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.integers(0, 2)), min_size=1, max_size=8),
    st.booleans(),
    st.integers(0, 2**16),
)


@settings(max_examples=40, deadline=None)
@given(model)
def test_a_model_feed_gives_as_many_articles_as_it_has_items(drawn: tuple[str, list[tuple[int, bool, int]], bool, int]) -> None:
    """Items come, are edited and shuffled; links and guids churn in some polls and not in others."""
    kind, polls, dated, seed = drawn
    chance = random.Random(seed)
    texts: dict[int, int] = {}
    articles: dict[str, str] = {}
    after: FeedState | None = None
    revised = edits = 0
    for number, (new_count, does_churn, edit_count) in enumerate(polls):
        old = list(texts)[-8:]
        for one in chance.sample(old, min(edit_count, len(old))) if dated and number else ():
            texts[one] += 1
            edits += 1
        for one in range(len(texts), len(texts) + new_count):
            texts[one] = 0
        shown = [
            item(
                one, CHURN[kind], number if does_churn else 0, description=f"What happened at {one}, version {texts[one]}.",
                pubDate=f"{one % 27 + 1:02} Oct 2026 08:{one // 27:02}:00 GMT" if dated else "",
            )
            for one in list(texts)[-12:]
        ]  # fmt: skip
        chance.shuffle(shown)
        found, after = poll(shown, after)
        for article in found.articles:
            assert articles.setdefault(article.article_id, article.title) == article.title
        revised += found.revised_count
        assert not found.rejected
    assert sorted(articles.values()) == sorted(f"Headline {one} of its own" for one in texts)
    assert revised == edits


def test_an_item_that_is_listed_twice_stays_one_article_when_its_link_has_changed() -> None:
    """The known entry keeps the id of its first link; the second listing has that of the present one."""
    one = {"title": "The board sells its last ferry", "description": "Bids close on Friday.", "pubDate": DATE, "guid": "g1"}
    _found, after = poll([one | {"link": "https://q.example/old"}])
    link = "https://q.example/new;jsessionid={}"
    for _time in range(3):
        found, after = poll(
            [one | {"link": link.format("0A")}, one | {"link": link.format("0B"), "description": "Bids close soon."}], after
        )
        assert found.articles == ()


def test_new_guids_dates_and_texts_for_all_at_once_are_revisions() -> None:
    def shown(version: int) -> list[Item]:
        way = CHURN["new guids"]
        return [
            item(n, way, version, description=f"Version {version} of text {n}.", pubDate=f"Mon, 23 Nov 2026 08:{version:02}:00 GMT")
            for n in range(4)
        ]

    after: FeedState | None = None
    for version in range(4):
        found, after = poll(shown(version), after)
        assert (found.new_count, found.revised_count) == ((0, 4) if version else (4, 0)), version


def test_a_page_that_shows_one_item_a_day_is_as_many_articles() -> None:
    after: FeedState | None = None
    for day in (23, 24, 25):
        daily = {"title": "Morning briefing", "link": "https://q.example/briefing", "guid": f"day-{day}"}
        today = daily | {"description": f"What happens on day {day}.", "pubDate": f"{day} Nov 2026 08:00:00 GMT"}
        found, after = poll([today, item(1, CHURN["sid"], 1)], after)
        assert found.new_count == (2 if day == 23 else 1)
        again, after = poll([today, item(1, CHURN["sid"], 1)], after)
        assert again.articles == ()
        corrected, after = poll([today | {"description": f"What happened on day {day}."}, item(1, CHURN["sid"], 1)], after)
        assert (corrected.new_count, corrected.revised_count) == (0, 1)


@pytest.mark.parametrize("more", [{}, {"description": "It was corrected."}])
def test_a_headline_that_takes_its_link_along_is_a_revision(more: dict[str, str]) -> None:
    def shown(slug: str, **more: str) -> list[Item]:
        changed = {"link": f"https://q.example/{slug}", "guid": "https://q.example/?p=1"}
        return [item(1, lambda _n, _p: changed, 0, **more), item(2, CHURN["sid"], 0), item(3, CHURN["sid"], 0)]

    _first, after = poll(shown("ministers-meet"))
    found, after = poll(shown("ministers-fall-out", title="Ministers fall out", **more), after)
    assert (found.new_count, found.revised_count, found.known_count) == (0, 1, 2)
    later, _after = poll(shown("another", title="Another matter", pubDate="Tue, 24 Nov 2026 09:00:00 GMT", **more), after)
    assert later.new_count == 1
