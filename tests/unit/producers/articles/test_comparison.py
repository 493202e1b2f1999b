"""Polls compared with what the feed has shown: all cases known to make feed readers repeat, forget or go silent."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from support.drafts import FEED, draft, stamp, state

from newsmon.records import EntryRejection, FeedState
from producers.articles.comparison import KEEP_LEAST, Comparison, compare
from producers.articles.draft import Draft
from producers.articles.known_entries import entries_of


def poll(shown: list[Draft | EntryRejection], before: FeedState | None, *, max_revisions: int = 24) -> Comparison:
    return compare(shown, before, FEED, stamp(max_revisions=max_revisions))


def counts(result: Comparison) -> tuple[int, int, int]:
    return result.new_count, result.revised_count, result.known_count


def test_the_first_poll_is_all_new_and_all_baseline() -> None:
    result = poll([draft(1), draft(2)], None)
    assert counts(result) == (2, 0, 0)
    assert [(one.revision, one.baseline, one.reidentified) for one in result.articles] == [(1, True, False)] * 2
    assert not result.gap_suspected


def test_the_first_poll_that_succeeds_after_failures_is_baseline_too() -> None:
    failed_so_far = state(last_success_at=None, failure_count=3)
    assert [one.baseline for one in poll([draft(1)], failed_so_far).articles] == [True]


def test_an_entry_seen_before_is_known_and_not_published_again() -> None:
    result = poll([draft(2), draft(1)], state(draft(1)))
    assert counts(result) == (1, 0, 1)
    assert [(one.title, one.baseline) for one in result.articles] == [("Report number 2 of the day", False)]


def test_a_changed_text_is_the_next_revision_of_the_same_article() -> None:
    before = state(draft(1), revision=3)
    result = poll([draft(1, text="It was worse.")], before)
    assert counts(result) == (0, 1, 0)
    (article,) = result.articles
    assert (article.article_id, article.revision) == (entries_of(before.known)[0].article_id, 4)
    assert article.revision_id != poll([draft(1)], None).articles[0].revision_id


def test_case_and_spaces_make_no_revision() -> None:
    assert counts(poll([draft(1, text="WHAT   happened.")], state(draft(1)))) == (0, 0, 1)


def test_an_article_that_never_stops_changing_is_counted_and_then_ignored() -> None:
    before = state(draft(1), revision=2)
    result = poll([draft(1, text="Star count: 41")], before, max_revisions=2)
    assert (result.articles, result.rejected) == ((), {EntryRejection.TOO_MANY_REVISIONS: 1})
    assert result.known[0].revision == 2


def test_a_second_entry_of_one_article_is_rejected_and_the_first_counts() -> None:
    result = poll([draft(1), draft(1, text="Other.")], None)
    assert (counts(result), result.rejected) == ((1, 0, 0), {EntryRejection.DUPLICATE_ENTRY: 1})
    assert result.articles[0].lead == "What happened. (1)"


def test_new_guids_on_old_addresses_change_nothing() -> None:
    """Guid churn as feeds with a headline or a time in the guid have it: the address is the identity."""
    result = poll([draft(n, guid=f"other-{n}") for n in range(8)], state(*(draft(n) for n in range(8))))
    assert counts(result) == (0, 0, 8)


def test_when_a_feed_moves_to_another_host_nothing_is_new() -> None:
    result = poll([draft(n, site="https://new.example") for n in range(8)], state(*(draft(n) for n in range(8))))
    assert (counts(result), result.reidentified_count, result.articles) == ((0, 0, 8), 0, ())
    assert not result.gap_suspected


def test_when_addresses_and_guids_change_at_once_words_tell_and_what_is_really_new_stays_new() -> None:
    moved = [draft(n, site="https://new.example", guid=f"other-{n}") for n in range(7)]
    result = poll([*moved, draft(99, site="https://new.example")], state(*(draft(n) for n in range(7))))
    assert (counts(result), [one.title for one in result.articles]) == ((1, 0, 7), ["Report number 99 of the day"])


def test_when_addresses_guids_and_texts_change_at_once_title_and_date_tell() -> None:
    before = state(*(draft(n) for n in range(7)))
    moved = [draft(n, site="https://new.example", guid=f"other-{n}", text="Edited.") for n in range(7)]
    result = poll([*moved, draft(99, site="https://new.example")], before)
    assert counts(result) == (1, 7, 0)
    assert {one.article_id for one in result.articles if one.revision > 1} == {one.article_id for one in entries_of(before.known)}


def test_what_only_a_guid_names_after_a_move_is_reidentified_and_alerts_nobody() -> None:
    moved = [draft(n, site="https://new.example", title=f"Another headline for {n}") for n in range(8)]
    result = poll(list(moved), state(*(draft(n) for n in range(8))))
    assert (counts(result), result.reidentified_count) == ((8, 0, 0), 8)
    assert all(one.reidentified and not one.baseline for one in result.articles)
    assert not result.gap_suspected


def test_one_new_article_that_repeats_an_old_headline_is_news() -> None:
    """Missing an item is worse than repeating one: titles count only when most of the poll looks new."""
    before = state(*(draft(n) for n in range(6)))
    result = poll([draft(50, title="Report number 5 of the day"), *(draft(n) for n in range(5))], before)
    assert [one.reidentified for one in result.articles] == [False]


def test_a_corrected_address_under_the_same_guid_and_title_is_the_same_article() -> None:
    before = state(*(draft(n) for n in range(6)))
    moved = draft(5, site="https://a.example/corrected")
    result = poll([moved, *(draft(n) for n in range(5))], before)
    assert (counts(result), {one.article_id for one in result.known}) == ((0, 0, 6), {one.article_id for one in entries_of(before.known)})
    edited = poll([draft(5, site="https://a.example/corrected", text="Edited.")], before)
    assert [(one.article_id, one.revision) for one in edited.articles] == [(draft(5).article_id, 2)]


def test_a_feed_that_gives_every_entry_one_guid_hides_nothing() -> None:
    before = state(*(draft(n, guid="the-guid") for n in range(6)))
    result = poll([draft(n, guid="the-guid") for n in range(10, 18)], before)
    assert (result.new_count, result.reidentified_count, result.gap_suspected) == (8, 0, True)


def test_a_poll_with_nothing_in_common_with_the_last_one_suspects_a_gap() -> None:
    assert poll([draft(10), draft(11)], state(draft(1), draft(2))).gap_suspected
    assert not poll([draft(10), draft(2)], state(draft(1), draft(2))).gap_suspected
    assert not poll([], state(draft(1))).gap_suspected


def test_an_entry_that_left_the_feed_and_returns_is_still_known() -> None:
    after = poll([draft(2)], state(draft(1), draft(2)))
    assert {one.article_id for one in after.known} == {draft(1).article_id, draft(2).article_id}


def test_what_is_remembered_is_bounded_and_the_newest_stay() -> None:
    many = [draft(n) for n in range(3 * KEEP_LEAST)]
    known: FeedState | None = None
    for start in range(0, len(many), 10):
        known = state(last_success_at=stamp().first_seen_at, known=poll(list(many[start : start + 10]), known).known)
    assert known is not None
    assert len(entries_of(known.known)) == KEEP_LEAST
    assert entries_of(known.known)[-1].article_id == many[-1].article_id


def test_one_short_answer_does_not_make_a_large_feed_forget() -> None:
    whole = [draft(n) for n in range(2 * KEEP_LEAST)]
    full = poll(list(whole), None)
    short = poll([whole[0]], state(known=full.known))
    assert counts(poll(list(whole), state(known=short.known))) == (0, 0, len(whole))


shown_entries = st.lists(
    st.one_of(
        st.builds(draft, st.integers(0, 8), text=st.sampled_from(["One.", "Two."]), guid=st.sampled_from([None, "", "g"])),
        st.sampled_from(list(EntryRejection)),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(shown_entries, min_size=1, max_size=4), st.integers(1, 3))
def test_over_any_history_the_counts_add_up_and_a_repeated_poll_brings_nothing(
    polls: list[list[Draft | EntryRejection]], max_revisions: int
) -> None:
    before: FeedState | None = None
    for shown in polls:
        result = poll(shown, before, max_revisions=max_revisions)
        assert sum(counts(result)) + sum(result.rejected.values()) == len(shown)
        assert len(result.articles) == result.new_count + result.revised_count
        assert len({one.article_id for one in result.articles}) == len(result.articles)
        assert all(one.revision <= max_revisions for one in result.articles)
        before = state(known=result.known)
        again = poll(shown, before, max_revisions=max_revisions)
        assert (again.articles, again.new_count, again.revised_count) == ((), 0, 0)
