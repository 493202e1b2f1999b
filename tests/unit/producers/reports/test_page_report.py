"""Wanted pages and the report of pages read: revisions next to the feed's own texts, failures counted, retries limited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from support.drafts import FEED, NOW, draft, stamp, state
from support.model_feed import poll

from newsmon import ids
from newsmon.records import Article, EntryRejection, FeedState, FetchKind, FetchOutcome, Origin, PageResult, TextSource
from newsmon.settings import PageSettings
from producers.answers.outcome import Fetched
from producers.articles.comparison import compare
from producers.articles.page_text import PageText
from producers.articles.parse_job import ParsedBody
from producers.identity.canonical_links import with_host
from producers.reports.page_report import TRANSIENT, PageAnswer, page_report, with_waiting_pages
from producers.reports.poll_report import FeedReport, PollPolicy, poll_report
from producers.timing.schedule import Limits

READS = msgspec.structs.replace(FEED, full_text=True)
LIMITS = PageSettings(max_age_s=2 * 86_400)
FULL = PageText(PageResult.EXTRACTED, "What happened. (1)", "The whole story. " * 40, "en")


def polled(before: FeedState | None, *numbers: int, limits: PageSettings = LIMITS, feed: object = READS) -> tuple[FeedReport, int]:
    from newsmon.records import FetchResult

    drafts = tuple(draft(number) for number in numbers)
    seq = before.poll_seq + 1 if before else 1
    found = poll_report(
        FEED, before, stamp(seq), Fetched(FetchResult.OK, 200, str(numbers).encode()), ParsedBody(FetchResult.OK, drafts),
        finished_at=NOW, policy=PollPolicy(Limits(300, 60, 86_400)), jitter=0.0,
    )  # fmt: skip
    return with_waiting_pages(found, feed, limits, now=NOW)  # type: ignore[arg-type]


def waiting() -> tuple[FeedState, Article]:
    found, _over = polled(state(draft(9)), 1, 9)
    (article,) = found.articles
    return found.state, article


def settled(before: FeedState, *answers: PageAnswer, limits: PageSettings = LIMITS) -> tuple[FeedReport, Mapping[PageResult, int]]:
    return page_report(READS, before, answers, stamp(before.poll_seq + 1), limits)


def balanced(outcome: FetchOutcome) -> bool:
    return outcome.entry_count == outcome.new_count + outcome.revised_count + outcome.known_count + sum(outcome.rejected.values())


def test_new_articles_of_a_feed_that_wants_it_wait_for_their_page() -> None:
    found, over = polled(state(draft(9)), 1, 2, 9)
    assert ([page.article.title for page in found.state.pages], over) == ([one.title for one in found.articles], 0)
    assert polled(state(draft(9)), 1, feed=FEED)[0].state.pages == ()


def test_a_feeds_first_poll_reads_no_pages() -> None:
    assert polled(None, 1, 2)[0].state.pages == ()


@pytest.mark.parametrize(
    "change",
    [
        {"url": None},
        {"body": "x" * 2_000},
        {"published_at": NOW - timedelta(days=3)},
        {"origin": Origin.BACKFILL},
        {"reidentified": True},
        {"revision": 7},
    ],
)
def test_what_gains_nothing_or_is_old_is_not_read(change: dict[str, object]) -> None:
    found, _over = polled(state(draft(9)), 1, 9)
    changed = tuple(msgspec.structs.replace(article, **change) for article in found.articles)
    bare = msgspec.structs.replace(found.state, pages=())
    again, over = with_waiting_pages(FeedReport(changed, found.outcome, bare), READS, LIMITS, now=NOW)
    assert (again.state.pages, over) == ((), 0)


def test_beyond_the_limit_articles_are_counted_and_not_read() -> None:
    found, over = polled(state(draft(99)), *range(1, 8), 99, limits=PageSettings(max_age_s=2 * 86_400, max_waiting=5))
    assert (len(found.state.pages), over) == (5, 2)


def test_a_text_becomes_a_revision_of_the_article_and_the_round_counts_it() -> None:
    before, article = waiting()
    found, counts = settled(before, PageAnswer(article.revision_id, FULL, 5_000))
    (revised,) = found.articles
    assert (revised.article_id, revised.revision, revised.text_source, revised.body) == (article.article_id, 2, TextSource.PAGE, FULL.body)
    assert revised.revision_id != article.revision_id
    assert (revised.poll_seq, revised.poll_id) == (found.outcome.poll_seq, found.outcome.poll_id)
    outcome = found.outcome
    assert (outcome.kind, outcome.poll_seq, outcome.entry_count, outcome.revised_count, outcome.body_bytes) == (
        FetchKind.PAGES,
        before.poll_seq + 1,
        1,
        1,
        5_000,
    )
    assert balanced(outcome)
    assert (counts, found.state.pages) == ({PageResult.EXTRACTED: 1}, ())


def test_the_feeds_own_text_stays_known_and_a_later_edit_is_the_third_revision() -> None:
    before, article = waiting()
    after = settled(before, PageAnswer(article.revision_id, FULL))[0].state
    again = compare([draft(1), draft(9)], after, FEED, stamp(after.poll_seq + 1))
    assert (again.known_count, again.revised_count) == (2, 0)
    edited = compare([draft(1, text="Edited."), draft(9)], after, FEED, stamp(after.poll_seq + 1))
    assert [one.revision for one in edited.articles] == [3]


def test_the_same_page_read_twice_has_the_same_revision_id() -> None:
    before, article = waiting()
    first, second = (settled(before, PageAnswer(article.revision_id, FULL))[0].articles[0] for _ in range(2))
    assert first.revision_id == second.revision_id


def test_where_the_poll_stands_is_not_touched_by_a_round() -> None:
    before, article = waiting()
    after = settled(before, PageAnswer(article.revision_id, FULL))[0].state
    same = ("next_due_at", "interval_s", "etag", "last_modified", "body_sha256", "failure_count", "last_success_at", "url", "polled_at")
    assert {name: getattr(after, name) for name in same} == {name: getattr(before, name) for name in same}


@pytest.mark.parametrize("result", [one for one in PageResult if one not in TRANSIENT | {PageResult.EXTRACTED, PageResult.NO_GAIN}])
def test_a_final_failure_is_counted_with_its_reason_and_ends_it(result: PageResult) -> None:
    before, article = waiting()
    found, counts = settled(before, PageAnswer(article.revision_id, PageText(result)))
    assert (found.articles, found.state.pages, counts) == ((), (), {result: 1})
    assert found.outcome.rejected == {EntryRejection.PAGE_FAILED: 1}
    assert result.value in (found.outcome.detail or "")
    assert balanced(found.outcome)


@pytest.mark.parametrize("result", sorted(TRANSIENT))
def test_a_passing_failure_is_tried_three_times_ever_later_and_then_counted(result: PageResult) -> None:
    before, article = waiting()
    waits = []
    for _attempt in range(2):
        found, counts = settled(before, PageAnswer(article.revision_id, PageText(result)))
        before = found.state
        waits.append((before.pages[0].not_before - NOW).total_seconds())
        assert (found.outcome.entry_count, dict(counts), balanced(found.outcome)) == (0, {}, True)
    assert waits == [600, 1_800]
    found, counts = settled(before, PageAnswer(article.revision_id, PageText(result)))
    assert (found.state.pages, counts) == ((), {result: 1})


def test_retry_after_is_a_floor_and_a_404_is_final() -> None:
    before, article = waiting()
    later = settled(before, PageAnswer(article.revision_id, PageText(PageResult.RATE_LIMITED), retry_after_s=7_200))[0].state.pages[0]
    assert later.not_before - NOW == timedelta(hours=2)
    assert settled(before, PageAnswer(article.revision_id, PageText(PageResult.HTTP_ERROR), final=True))[0].state.pages == ()


def test_no_gain_is_known_and_publishes_nothing() -> None:
    before, article = waiting()
    found, _counts = settled(before, PageAnswer(article.revision_id, PageText(PageResult.NO_GAIN)))
    assert (found.articles, found.outcome.known_count, balanced(found.outcome)) == ((), 1, True)


def test_an_article_edited_meanwhile_waits_anew_and_the_late_answer_is_passed_over() -> None:
    before, article = waiting()
    edited, _over = polled(before, 1, 9)
    assert edited.state.pages == before.pages, "nothing changed: it goes on waiting"
    drafts = (draft(1, text="Edited."), draft(9))
    again = compare(drafts, before, FEED, stamp(before.poll_seq + 1))
    report_ = FeedReport(again.articles, edited.outcome, edited.state)
    renewed, _over = with_waiting_pages(report_, READS, LIMITS, now=NOW)
    assert [page.article.revision for page in renewed.state.pages] == [2]
    found, counts = settled(renewed.state, PageAnswer(article.revision_id, FULL))
    assert (found.articles, dict(counts), found.state.pages) == ((), {}, renewed.state.pages)


def test_revisions_stay_within_the_limit_of_all() -> None:
    before, article = waiting()
    found, counts = page_report(READS, before, [PageAnswer(article.revision_id, FULL)], stamp(9, max_revisions=1), LIMITS)
    assert (found.articles, counts) == ((), {PageResult.TOO_MANY_REVISIONS: 1})
    assert balanced(found.outcome)


def test_full_waiting_lists_fit_a_kafka_message() -> None:
    from newsmon.codec import encode

    before, article = waiting()
    page = msgspec.structs.replace(before.pages[0], article=msgspec.structs.replace(article, lead="я" * 1_990, title="ї" * 1_000))
    assert len(encode(msgspec.structs.replace(before, pages=(page,) * 100))) < 900_000


def test_a_canonical_link_teaches_which_host_is_meant() -> None:
    before, article = waiting()
    text = replace(FULL, canonical="https://www.a.example/1")
    found, _counts = settled(before, PageAnswer(article.revision_id, text))
    assert found.state.links is not None
    assert found.state.links.hosts == (("a.example", "www.a.example"),)
    spelled = [{"title": "Another", "link": f"https://{host}/77", "guid": host} for host in ("a.example", "www.a.example")]
    given = {poll([one], found.state)[0].articles[0].article_id for one in spelled}
    assert given == {ids.article_id_of_url("https://www.a.example/77")}


@pytest.mark.parametrize("canonical", [None, "https://a.example/1", "https://www.a.example/other", "https://a.example/"])
def test_a_canonical_link_to_another_page_teaches_nothing(canonical: str | None) -> None:
    before, article = waiting()
    found, _counts = settled(before, PageAnswer(article.revision_id, replace(FULL, canonical=canonical)))
    assert found.state.links == before.links


def test_hosts_that_name_each_other_teach_nothing_more() -> None:
    links = with_host(None, "https://m.a.example/1", "https://a.example/1")
    assert with_host(links, "https://a.example/2", "https://m.a.example/2") == links
    assert with_host(links, "https://www.a.example/2", "https://m.a.example/2") == links
