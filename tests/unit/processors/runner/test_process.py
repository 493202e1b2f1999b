"""The parts around the runner: deadline, the batch in progress at a cancel, watchdog, worker names."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.processing import decisions

from newsmon.errors import RecordError, RecordFault
from newsmon.kafka.lag import Lag
from newsmon.liveness.stall import Waiting
from newsmon.quarantine import QuarantineReason
from newsmon.settings import KafkaSettings, Settings
from processors.handling.decision_result import Failed, Succeeded, run_decision
from processors.runner.agents import finished
from processors.runner.app import app_settings, build_app
from processors.runner.membership import instance_name
from processors.runner.parts import new_parts
from processors.runner.watchdog import waiting_in

PLACE = ("news.articles", 0)


def lag(committed: int | None, behind: int, place: tuple[str, int] = PLACE) -> Lag:
    return Lag("g", *place, committed, (committed or 0) + behind, behind)


def spin() -> None:
    while True:
        pass


def poison() -> None:
    raise RecordError(RecordFault.NOT_JSON, "no")


def test_a_decision_that_spins_is_ended_and_the_next_one_runs() -> None:
    ended = run_decision(spin, deadline_s=0.05)
    assert isinstance(ended, Failed)
    assert ended.reason is QuarantineReason.HANDLER_FAILED
    assert "processor time" in ended.error
    assert run_decision(lambda: 7, deadline_s=5) == Succeeded(7)


def test_bad_bytes_and_faults_of_ours_are_told_apart() -> None:
    bad, ours = run_decision(poison, deadline_s=5), run_decision(lambda: 1 // 0, deadline_s=5)
    assert isinstance(bad, Failed)
    assert isinstance(ours, Failed)
    assert (bad.is_unreadable, bad.trace) == (True, None)
    assert not ours.is_unreadable
    assert ours.trace is not None
    assert "1 // 0" in ours.trace


async def test_a_cancelled_agent_first_finishes_its_batch() -> None:
    release, ended = asyncio.Event(), []

    async def batch() -> None:
        await asyncio.wait_for(release.wait(), 60)
        ended.append(True)

    agent = asyncio.ensure_future(finished(batch(), pytest.fail))
    await asyncio.sleep(0)
    agent.cancel()
    await asyncio.sleep(0.01)
    assert not agent.done()
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await agent
    assert ended == [True]


async def test_a_batch_that_fails_in_an_unforeseen_way_ends_the_process() -> None:
    async def batch() -> None:
        raise AttributeError("a bug")

    last_words: list[str] = []
    await finished(batch(), last_words.append)
    assert "AttributeError: a bug" in last_words[0]


def test_what_waits_are_the_assigned_partitions_that_lag() -> None:
    assert waiting_in([lag(5, 10)], frozenset({PLACE})) == [Waiting("news.articles-0", 5)]
    assert waiting_in([lag(96, 0)], frozenset({PLACE})) == []
    assert waiting_in([lag(None, 3)], frozenset({PLACE})) == [Waiting("news.articles-0", None)]
    assert waiting_in([lag(5, 10)], frozenset({("news.articles", 1)})) == [], "another worker's"


def test_a_worker_without_partitions_watches_all_of_them_for_nobody_may_have_noticed_that_it_left_the_group() -> None:
    assert waiting_in([lag(5, 10), lag(7, 0, ("news.articles", 1))], frozenset()) == [Waiting("news.articles-0", 5)]


def test_a_worker_keeps_its_name_over_a_restart_and_never_shares_it(tmp_path: Path) -> None:
    with instance_name(tmp_path, group="g") as first:
        with instance_name(tmp_path, group="g") as second:
            assert first != second
        with instance_name(tmp_path, group="g") as again:
            assert again == second
    with instance_name(tmp_path, group="g") as restarted, instance_name(tmp_path / "other", group="g") as elsewhere:
        assert restarted == first
        assert elsewhere != first


async def test_the_faust_app_is_kept_in_the_box_in_which_it_loses_nothing(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, kafka=KafkaSettings(bootstrap_servers=("a.example:9092", "b.example:9093")))
    parts = new_parts(settings, decisions(), instance="worker-0")
    app = build_app(parts)
    conf = app.conf
    assert conf.id == "newsmon-processor"
    assert [str(url) for url in conf.broker] == ["kafka://a.example:9092", "kafka://b.example:9093"]
    assert (conf.stream_wait_empty, conf.topic_allow_declare, conf.web_enabled, conf.cython_optimizations) == (True, False, False, False)
    assert (conf.key_serializer, conf.value_serializer, conf.consumer_group_instance_id) == ("raw", "raw", "worker-0")
    assert conf.broker_request_timeout >= conf.broker_session_timeout
    assert {agent.concurrency for agent in app.agents.values()} == {1}
    assert not app.tables
    assert str(conf.datadir).startswith(str(tmp_path))
    unknown = [name for name in app_settings(parts) if not hasattr(conf, name)]
    assert unknown == []
