"""Entries that share a link: which of them are one article, and that none of them changes its id when the feed shows more."""

from __future__ import annotations

import msgspec
import pytest
from support.drafts import state
from support.model_feed import Item, poll

from newsmon import ids
from newsmon.records import FeedState, KnownEntry
from producers.articles.known_entries import entries_of


def items(count: int, **more: str) -> list[Item]:
    """Items with a title and guid of their own; `{n}` in a value is the number."""
    return [
        {"title": f"Notice {n}: {'abcdefghij'[n]}", "guid": f"pr-{n}"} | {name: value.format(n=n) for name, value in more.items()}
        for n in range(count)
    ]  # fmt: skip


SHARED = {
    "a live blog": {"link": "https://q.example/live/talks#block-{n}"},
    "a live blog without guids": {"link": "https://q.example/live/talks#block-{n}", "guid": ""},
    "routes": {"link": "https://q.example/#!/news/{n}", "guid": ""},
    "routes without a bang": {"link": "https://q.example/app#/news/{n}", "guid": ""},
    "one page": {"link": "https://q.example/en/press"},
    "one page, guids say so too": {"link": "https://q.example/en/press", "guid": "https://q.example/en/press"},
    "one page without guids": {"link": "https://q.example/en/press", "guid": ""},
    "one page with a parameter": {"link": "https://q.example/?page=1"},
    "the front page": {"link": "https://q.example/"},
    "the root of a relative link": {"link": "/"},
    "the front page without guids": {"link": "https://q.example/", "guid": ""},
    "a fragment that is the same": {"link": "https://q.example/en/press#top", "guid": ""},
    "a document's number in ref": {"link": "https://q.example/doc.php?ref=ST-{n}-2026"},
    "a document's number in ref, without guids": {"link": "https://q.example/doc.php?ref=ST-{n}-2026", "guid": ""},
    "a campaign that is one": {"link": "https://q.example/view?campaign_id={n}"},
    "a partner page": {"link": "https://q.example/view?lang=en&amp;partner={n}"},
    "at": {"link": "https://q.example/item?at_id={n}"},
    "pk, the primary key": {"link": "https://q.example/item?pk_id={n}"},
    "ns": {"link": "https://q.example/item?ns_item={n}"},
    "source": {"link": "https://q.example/item?source={n}"},
    "a number and tracking": {"link": "https://q.example/doc.php?ref=ST-{n}&amp;utm_source=rss"},
    "one page, hidden by tracking": {"link": "https://q.example/press?utm_content={n}"},
    "a session in front of one page": {"link": "https://q.example/press;jsessionid=A{n}B"},
}


@pytest.mark.parametrize("kind", SHARED)
def test_each_is_an_article_and_stays_it(kind: str) -> None:
    shown = items(9, **SHARED[kind])
    first, after = poll(shown)
    assert (first.new_count, first.rejected) == (9, {})
    given = {one.title: one.article_id for one in first.articles}
    assert len(set(given.values())) == 9
    again, after = poll(shown[3:6], after)
    assert (again.known_count, again.new_count) == (3, 0)
    more, after = poll(
        [{**shown[0], "title": "Notice 99: z", "guid": shown[0].get("guid") and "pr-99", "link": SHARED[kind]["link"].format(n=99)}], after
    )
    assert more.new_count == 1
    edited = [one | {"description": "Now with words."} for one in shown]
    last, _after = poll(edited, after)
    assert (last.revised_count, last.new_count) == (9, 0)
    assert {one.title: one.article_id for one in last.articles} == given


@pytest.mark.parametrize("kind", SHARED)
def test_the_first_alone_keeps_its_id_when_the_others_come(kind: str) -> None:
    shown = items(9, **SHARED[kind])
    first, after = poll(shown[:1])
    grown, after = poll(shown, after)
    assert (grown.known_count, grown.new_count, grown.revised_count) == (1, 8, 0)
    last, _after = poll([one | {"description": "Words."} for one in shown[:1]], after)
    assert [one.article_id for one in last.articles] == [one.article_id for one in first.articles]


@pytest.mark.parametrize("kind", [one for one in SHARED if "#block" in SHARED[one]["link"] or "ref=ST" in SHARED[one]["link"]])
def test_one_at_a_time_they_are_articles_too(kind: str) -> None:
    after: FeedState | None = None
    for number, one in enumerate(items(9, **SHARED[kind])):
        found, after = poll([one | {"description": f"The words of {number}, all its own."}], after)
        assert (found.new_count, found.revised_count) == (1, 0), number


def test_the_same_words_at_the_same_link_are_one_article() -> None:
    shown = [*items(3, link="https://q.example/press"), *items(3, link="https://q.example/press", guid="again-{n}")]
    found, after = poll(shown)
    assert (found.new_count, sum(found.rejected.values())) == (3, 3)
    again, _after = poll(list(reversed(shown)), after)
    assert (again.new_count, again.revised_count, again.known_count) == (0, 0, 3)


@pytest.mark.parametrize("guid", ["g-1", "https://q.example/news/1"])
def test_an_article_listed_twice_under_two_titles_is_one_and_its_guid_is_still_believed(guid: str) -> None:
    one = {"link": "https://q.example/news/1", "guid": guid, "pubDate": "Mon, 23 Nov 2026 08:00:00 GMT"}
    shown = [one | {"title": "Storm hits"}, one | {"title": "Storm hits: what we know"}, *items(3, link="https://q.example/n/{n}")]
    found, after = poll(shown)
    assert (found.new_count, sum(found.rejected.values()), after.guids_repeat, after.links) == (4, 1, False, None)
    assert found.articles[0].article_id == ids.article_id_of_url("https://q.example/news/1")
    later = one | {"title": "Storm hits: what we know", "pubDate": "Tue, 24 Nov 2026 08:00:00 GMT", "description": "Other words."}
    two, _after = poll([shown[0], later])
    assert two.new_count == 2


@pytest.mark.parametrize(
    "more",
    [
        {"link": "https://q.example/live#post-{n}", "guid": "https://q.example/live", "pubDate": "Mon, 23 Nov 2026 08:00:00 GMT"},
        {"link": "https://q.example/live#post-{n}", "guid": "live-blog"},
        {"link": "https://q.example/press", "guid": "https://q.example/press"},
        {"link": "https://q.example/press", "guid": "press"},
    ],
)
def test_two_items_under_the_guid_of_their_page_are_two(more: Item) -> None:
    shown = items(2, description="What item {n} says.", **more)
    found, after = poll(shown)
    assert (found.new_count, found.rejected) == (2, {})
    again, after = poll(shown[::-1], after)
    assert (again.known_count, again.rejected) == (2, {})
    later, _after = poll(items(4, description="What item {n} says.", **more)[1:], after)
    assert (later.new_count, later.known_count, later.rejected) == (2, 1, {})


def test_only_the_links_that_repeat_take_the_guid() -> None:
    shown = [*items(3, link="https://q.example/press"), *items(4, link="https://q.example/news/{n}", guid="n-{n}", title="News {n}")]
    found, after = poll(shown)
    by_title = {one.title: one.article_id for one in found.articles}
    assert by_title["News 2"] == ids.article_id_of_url("https://q.example/news/2")
    assert after.links is not None
    assert (len(after.links.shared), after.links.shared_example) == (1, "https://q.example/press")


def test_an_article_in_five_feeds_is_one_whatever_its_link_was_decorated_with() -> None:
    ways = [
        "",
        "?utm_source=rss",
        "?cmp=rss",
        "?ref=homepage",
        "?partner=feed&amp;emc=rss",
        "?at_medium=RSS&amp;at_campaign=64",
        "?maca=en-rss-1573",
    ]
    given = set()
    for way in ways:
        shown = [{"title": f"News {n}", "link": f"https://q.example/news/{n}{way}", "guid": f"{way}{n}"} for n in range(3)]
        found, _after = poll(shown)
        given.add(tuple(one.article_id for one in found.articles))
    assert len(given) == 1


def test_a_shared_entry_is_one_article_in_every_feed_that_shows_it_so() -> None:
    shown = items(4, link="https://q.example/en/press")
    assert len({tuple(one.article_id for one in poll(shown, feed_id=feed)[0].articles) for feed in ("a", "b", "c")}) == 1


def test_a_position_in_a_parameter_makes_no_article() -> None:
    after: FeedState | None = None
    for start in range(4):
        shown = [{"title": f"News {n}", "link": f"https://q.example/news/{n}?ref=hp_{(n + start) % 6}", "guid": f"g{n}"} for n in range(6)]
        found, after = poll(shown, after)
        assert (found.new_count, found.revised_count) == ((6, 0) if start == 0 else (0, 0))


def test_one_guid_on_different_links_is_told_apart_by_the_links() -> None:
    shown = items(5, link="https://q.example/news/{n}", guid="always-this")
    found, after = poll(shown)
    assert found.new_count == 5
    again, _after = poll(items(6, link="https://q.example/news/{n}", guid="always-this"), after)
    assert (again.new_count, again.known_count) == (1, 5)


@pytest.mark.parametrize("guid", ["d-{n}", ""])
@pytest.mark.parametrize("is_text_read_otherwise", [False, True])
def test_a_state_of_an_older_version_makes_nothing_new(guid: str, is_text_read_otherwise: bool) -> None:
    """Old ids are of the address without any parameter; the entries keep them, also when their text is cleaned in a better way."""
    documents = items(4, link="https://q.example/doc-{n}.php?ref=ST-{n}", title="Document number {n} of the council", guid=guid)
    shown = [*items(1, link="https://q.example/press", title="A notice of the ministry"), *documents[:2]]
    _found, after = poll(shown)
    other = {"content_hash": ids.content_hash("read", "in another", "way")} if is_text_read_otherwise else {}
    old = state(known=tuple(_old_form(entry, number, **other) for number, entry in enumerate(after_entries(after))))
    again, following = poll(shown, old)
    assert (again.known_count + again.revised_count, again.new_count) == (3, 0)
    assert again.revised_count == (3 if is_text_read_otherwise else 0)
    assert {one.article_id for one in after_entries(following)} == {one.article_id for one in after_entries(old)}


def test_a_link_keeps_what_may_name_its_article_and_loses_a_session() -> None:
    def urls(*links: str) -> list[str | None]:
        shown = [one | {"link": link} for one, link in zip(items(len(links)), links, strict=True)]
        return [one.url for one in poll(shown)[0].articles]

    one, other = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
    stories = [f"https://q.example/story.php?sid={sid}" for sid in (one, other)]
    assert urls(*stories) == stories
    assert urls(*(f"https://q.example/{n}?sid={one}" for n in range(2))) == ["https://q.example/0", "https://q.example/1"]
    assert urls("https://q.example/doc?ref=ST-1&amp;utm_source=x&amp;PHPSESSID=1") == ["https://q.example/doc?ref=ST-1&utm_source=x"]


def after_entries(known: FeedState) -> tuple[KnownEntry, ...]:
    return entries_of(known.known)


def _old_form(entry: KnownEntry, number: int, **other: str) -> KnownEntry:
    return msgspec.structs.replace(
        entry, article_id=ids.article_id_of_url(f"https://old.example/{number}"), fingerprint=None, date_hash=None, link_hash=None, **other
    )
