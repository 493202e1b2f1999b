"""The product's runner (Faust) and the control (a plain loop) pass these checks on the real broker; runners built wrong on purpose fail them.

The checks are plain functions over a runner, so the same check that passes the product is seen to catch a broken runner.
"""

from __future__ import annotations

from collections import Counter

import pytest
from support import broken_runners, plain_runner
from support.plain_runner import run_plain
from support.processing import (
    Runner,
    caught_up,
    decisions,
    mixed_articles,
    put_articles,
    records_of,
    running,
    until,
)
from support.runner_checks import (
    both_have,
    check_a_fault_of_ours_costs_one_record,
    check_a_restart_goes_on,
    check_an_answer_too_large_is_quarantined,
    check_an_endless_decision_is_ended,
    check_committed_is_never_ahead_of_effects,
    check_every_input_is_answered,
    check_partitions_move_with_their_state,
    check_poison_costs_only_itself,
    check_redelivery_repeats_the_same_bytes,
    check_stopping_waits_for_the_batch_in_progress,
    check_what_is_too_large_to_quarantine_does_not_stop_the_flow,
    has_all,
    story_of,
)

from newsmon.records import Classification, Story
from newsmon.settings import Settings
from newsmon.topics import CLASSIFICATIONS, STORIES
from processors.runner.app import run_faust
from processors.runner.parts import new_parts

RUNNERS = {"faust": run_faust, "plain": run_plain}
WATCHED_BROKEN_S = 90.0  # a runner known to commit too early is given the time to do so


@pytest.fixture(params=sorted(RUNNERS))
def runner(request: pytest.FixtureRequest) -> Runner:
    return RUNNERS[request.param]


@pytest.fixture
def settings(kafka_settings: Settings) -> Settings:
    """The test broker's settings with quick commits: a commit too far must show at once."""
    processor = kafka_settings.processor.model_copy(update={"commit_interval_s": 0.3, "record_deadline_s": 2.0})
    return kafka_settings.model_copy(update={"processor": processor})


# -- the product's runner and the control pass them all


async def test_every_input_is_answered_exactly_once_when_nothing_disturbs(runner: Runner, settings: Settings) -> None:
    await check_every_input_is_answered(runner, settings)


async def test_poison_anywhere_is_quarantined_untouched_and_the_flow_goes_on(runner: Runner, settings: Settings) -> None:
    await check_poison_costs_only_itself(runner, settings)


async def test_a_fault_of_our_own_code_costs_one_record(runner: Runner, settings: Settings) -> None:
    await check_a_fault_of_ours_costs_one_record(runner, settings)


async def test_a_decision_that_never_ends_is_ended(runner: Runner, settings: Settings) -> None:
    await check_an_endless_decision_is_ended(runner, settings)


async def test_an_answer_too_large_for_kafka_costs_one_record(runner: Runner, settings: Settings) -> None:
    await check_an_answer_too_large_is_quarantined(runner, settings)


async def test_a_record_too_large_to_quarantine_does_not_stop_the_flow(runner: Runner, settings: Settings) -> None:
    await check_what_is_too_large_to_quarantine_does_not_stop_the_flow(runner, settings)


async def test_a_restart_goes_on_where_it_stood(runner: Runner, settings: Settings) -> None:
    await check_a_restart_goes_on(runner, settings)


async def test_partitions_move_between_workers_with_their_stories(runner: Runner, settings: Settings) -> None:
    await check_partitions_move_with_their_state(runner, settings)


async def test_what_a_fetch_brings_that_began_before_a_rebalance_is_answered(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plain runner's fetch waits through the sharing out of partitions, and its records belong to the new owner: it must not drop them."""
    monkeypatch.setattr(plain_runner, "IDLE_POLL_MS", 10_000)
    batches = [mixed_articles(24, start=100 * number) for number in range(4)]
    first, second = new_parts(settings, decisions()), new_parts(settings, decisions())
    async with running(run_plain, first):
        await until(lambda: has_all(first), "the only worker has everything")
        await put_articles(settings, batches[0])
        await caught_up(settings)
        async with running(run_plain, second):
            await until(lambda: both_have(first, second), "both workers have partitions of both topics")
            for batch in batches[1:]:
                await put_articles(settings, batch)
            await caught_up(settings)
    answered = Counter(one.article_id for one in await records_of(settings, CLASSIFICATIONS, Classification))
    assert set(answered) == {one.article_id for batch in batches for one in batch}


async def test_redelivery_repeats_the_same_bytes(runner: Runner, settings: Settings) -> None:
    await check_redelivery_repeats_the_same_bytes(runner, settings)


async def test_committed_offsets_are_never_ahead_of_acknowledged_effects(runner: Runner, settings: Settings) -> None:
    await check_committed_is_never_ahead_of_effects(runner, settings)


async def test_stopping_commits_no_batch_in_progress(runner: Runner, settings: Settings) -> None:
    await check_stopping_waits_for_the_batch_in_progress(runner, settings)


async def test_the_runner_can_be_changed_between_two_runs(settings: Settings) -> None:
    for number, chosen in enumerate((run_faust, run_plain, run_faust)):
        async with running(chosen, new_parts(settings, decisions())):
            await put_articles(settings, story_of("ferry", range(2 * number, 2 * number + 2)), partition=0)
            await caught_up(settings)
    assert [one.revision for one in await records_of(settings, STORIES, Story)] == [1, 2, 3, 4, 5, 6]


# -- and runners built wrong on purpose do not (each of them loses records without a word)


async def test_the_suite_catches_concurrency_above_one(settings: Settings) -> None:
    with pytest.raises(AssertionError, match="committed"):
        await check_committed_is_never_ahead_of_effects(broken_runners.four_at_a_time, settings, WATCHED_BROKEN_S)


async def test_the_suite_catches_an_exception_that_leaves_the_agent(settings: Settings) -> None:
    with pytest.raises(AssertionError):
        await check_a_fault_of_ours_costs_one_record(broken_runners.lets_exceptions_out, settings)


async def test_the_suite_catches_a_stop_that_does_not_wait(settings: Settings) -> None:
    with pytest.raises(AssertionError, match="committed"):
        await check_stopping_waits_for_the_batch_in_progress(broken_runners.does_not_wait_for_streams, settings, WATCHED_BROKEN_S)


async def test_the_suite_catches_swallowing_and_acknowledging(settings: Settings) -> None:
    with pytest.raises(AssertionError, match="not quarantined"):
        await check_poison_costs_only_itself(broken_runners.swallows, settings)


async def test_the_suite_catches_a_commit_before_the_effects(settings: Settings) -> None:
    with pytest.raises(AssertionError, match="committed"):
        await check_committed_is_never_ahead_of_effects(broken_runners.commits_first, settings, WATCHED_BROKEN_S)
