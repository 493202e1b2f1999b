"""One article under several spellings of its address: in one body, over polls of one feed, over feeds of one producer."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.model_feed import Item, poll

from newsmon import ids
from newsmon.records import FeedState
from producers.articles.across_feeds import ArticlesAcrossFeeds
from producers.articles.known_entries import entries_of

SPELLINGS = [
    "https://www.x.example/news/{n}", "https://x.example/news/{n}", "http://x.example/news/{n}/", "https://m.x.example/news/{n}",
    "https://mobile.x.example/news/{n}", "https://amp.x.example/news/{n}", "https://www.x.example/news/{n}/amp",
    "https://www.x.example/amp/news/{n}", "https://www.x.example/news/{n}?amp=1", "https://www.x.example/news/{n}.amp",
    "https://www-x-example.cdn.ampproject.org/c/s/www.x.example/news/{n}", "https://www.google.com/amp/s/www.x.example/news/{n}/amp/",
    "https://WWW.X.example:443/news/{n}/index.html", "https://www.x.example/n%65ws/{n}?utm_source=rss",
]  # fmt: skip


def item(spelling: str, number: int = 1, **more: str) -> Item:
    words = {
        "title": f"Ministers meet, day {number}",
        "description": f"They met for the {number}th time.",
        "pubDate": "Mon, 23 Nov 2026 08:00:00 GMT",
    }
    return words | {"link": spelling.format(n=number), "guid": spelling.format(n=number)} | more


def test_in_one_body_all_spellings_are_one_article() -> None:
    found, after = poll([item(one) for one in SPELLINGS])
    assert (found.new_count, sum(found.rejected.values())) == (1, len(SPELLINGS) - 1)
    again, _after = poll([item(one) for one in reversed(SPELLINGS)], after)
    assert (again.known_count, again.new_count) == (1, 0)


def test_over_polls_of_one_feed_all_spellings_are_one_article() -> None:
    after: FeedState | None = None
    for count, one in enumerate(SPELLINGS):
        found, after = poll([item(one), item(SPELLINGS[0], 2)], after)
        assert found.new_count == (0 if count else 2)


def test_a_text_revised_under_another_spelling_is_a_revision() -> None:
    first, after = poll([item(SPELLINGS[0])])
    found, _after = poll([item(SPELLINGS[3], description="They met again, and agreed.")], after)
    assert [(one.article_id, one.revision) for one in found.articles] == [(first.articles[0].article_id, 2)]


@pytest.mark.parametrize("order", list(permutations(range(5)))[::17])
def test_five_feeds_of_five_spellings_show_one_article(order: tuple[int, ...]) -> None:
    across = ArticlesAcrossFeeds()
    found = [poll([item(SPELLINGS[3 * one])], feed_id=f"f{one}", elsewhere=across.id_for)[0] for one in order]
    assert len({one.articles[0].article_id for one in found}) == 1
    assert all(one.new_count == 1 for one in found)


def test_after_a_restart_the_states_tell() -> None:
    first, after = poll([item(SPELLINGS[0])], feed_id="f1")
    across = ArticlesAcrossFeeds()
    assert across.unfilled(("f1", "f2")) == {"f1", "f2"}
    across.fill("f1", after, feed_count=2)
    across.fill("f2", None, feed_count=2)
    assert across.unfilled(("f1", "f2")) == frozenset()
    second, _after = poll([item(SPELLINGS[3])], feed_id="f2", elsewhere=across.id_for)
    assert second.articles[0].article_id == first.articles[0].article_id
    assert across.unfilled(("f2",)) == frozenset()
    assert across.unfilled(("f1", "f2")) == {"f1"}


def test_a_revised_text_is_the_same_article_elsewhere_too() -> None:
    across = ArticlesAcrossFeeds()
    first, after = poll([item(SPELLINGS[0])], feed_id="f1", elsewhere=across.id_for)
    poll([item(SPELLINGS[0], description="Revised.")], after, feed_id="f1", elsewhere=across.id_for)
    second, _after = poll([item(SPELLINGS[3], description="Revised.")], feed_id="f2", elsewhere=across.id_for)
    assert second.articles[0].article_id == first.articles[0].article_id


@pytest.mark.parametrize(
    "more", [{"title": "Another headline"}, {"description": "Another text."}, {"pubDate": "Tue, 24 Nov 2026 08:00:00 GMT"}]
)
@pytest.mark.parametrize("is_one_feed", [True, False])
def test_www_and_the_bare_name_may_be_two_sites(more: dict[str, str], is_one_feed: bool) -> None:
    across = ArticlesAcrossFeeds()
    shown = [item(SPELLINGS[0]), item(SPELLINGS[1], **more)]
    if is_one_feed:
        assert poll(shown, elsewhere=across.id_for)[0].new_count == 2
    else:
        found = [poll([one], feed_id=f"f{n}", elsewhere=across.id_for)[0] for n, one in enumerate(shown)]
        assert len({one.articles[0].article_id for one in found}) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.x.example/1", "https://sport.x.example/1"), ("https://m.example/1", "https://www.example/1"),
        ("https://x.example/a?id=1", "https://x.example/a?id=2"),
        ("https://x.example/amplifier/1", "https://x.example/lifier/1"), ("https://x.example/1", "https://y.example/1"),
        ("https://x.example/a#!/1", "https://x.example/a#!/2"),
    ],
)  # fmt: skip
def test_other_pages_with_the_same_words_are_other_articles(one: str, other: str) -> None:
    across = ArticlesAcrossFeeds()
    found = [poll([item(link)], feed_id=link[-3:], elsewhere=across.id_for)[0] for link in (one, other)]
    assert len({each.articles[0].article_id for each in found}) == 2


@pytest.mark.parametrize(
    ("more", "article_count"),
    [
        ({"title": "Weather"}, 2), ({"title": "Weather", "description": "Rain until noon."}, 1), ({"title": "Weather", "pubDate": "23 Nov 2026"}, 1),
        ({"title": "Ministers meet in the old harbour"}, 1),
    ],
)  # fmt: skip
def test_a_word_alone_joins_no_two_spellings(more: dict[str, str], article_count: int) -> None:
    across = ArticlesAcrossFeeds()
    bare = {"description": "", "pubDate": ""}
    found = [poll([item(one, **bare | more)], feed_id=one[-9:], elsewhere=across.id_for)[0] for one in SPELLINGS[:2]]
    assert len({each.articles[0].article_id for each in found}) == article_count


def test_links_to_the_address_that_a_page_names_are_its_article() -> None:
    across = ArticlesAcrossFeeds()
    first, _after = poll([item("https://x.example/go?to=9")], feed_id="f1", elsewhere=across.id_for)
    across.same_page("https://x.example/story/ministers-meet", first.articles[0].article_id)
    shown = item("https://x.example/story/ministers-meet", title="Ministers met", description="Another text.")
    second, after = poll([shown], feed_id="f2", elsewhere=across.id_for)
    assert second.articles[0].article_id == first.articles[0].article_id
    assert poll([shown], after, feed_id="f2", elsewhere=across.id_for)[0].known_count == 1


def test_an_address_that_all_pages_name_is_nobodys() -> None:
    across = ArticlesAcrossFeeds()
    for number in range(3):
        across.same_page("https://x.example/story", f"a_{number}")
    across.same_page(None, "a_1")
    across.same_page("https://x.example/other", None)
    found, _after = poll([item("https://x.example/story")], elsewhere=across.id_for)
    assert found.articles[0].article_id == ids.article_id_of_url("https://x.example/story")


def test_what_is_remembered_is_bounded() -> None:
    across = ArticlesAcrossFeeds(most=10)
    first, after = poll([item(SPELLINGS[0], n) for n in range(40)], elsewhere=across.id_for)
    assert len(across._ids) == 10
    across.fill("b", after, feed_count=1)
    assert len(across._ids) == 10
    assert len(entries_of(after.known)) == first.new_count == 40


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(SPELLINGS)), min_size=1, max_size=6), min_size=1, max_size=6))
def test_any_feeds_give_one_id_for_each_article(feeds: list[list[tuple[int, str]]]) -> None:
    across = ArticlesAcrossFeeds()
    given_ids: dict[str, set[str]] = {}
    for number, shown in enumerate(feeds):
        found, _after = poll([item(spelling, one) for one, spelling in shown], feed_id=f"f{number}", elsewhere=across.id_for)
        assert found.new_count == len({one for one, _spelling in shown})
        for article in found.articles:
            given_ids.setdefault(article.title, set()).add(article.article_id)
    assert all(len(one) == 1 for one in given_ids.values())
    assert len(set.union(*given_ids.values())) == len(given_ids)
