"""The processor's commits belong to a log: where another one, or less of it, is there, nothing is skipped in silence."""

from __future__ import annotations

import time

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import CommitFailedError
from kafka.structs import OffsetAndMetadata
from support.logs import cut_records, replace_topics
from support.processing import caught_up, mixed_articles, put_articles, records_of, until
from support.processor_process import processor, stop_cleanly

from newsmon.kafka.clients import consumer_config, group_id
from newsmon.kafka.connect import admin_client
from newsmon.kafka.lag import committed_by
from newsmon.kafka.positions.identity import read_log_ids
from newsmon.kafka.positions.loss_details import LossDetail, loss_of_detail
from newsmon.liveness.progress_watch import EXIT_STALLED
from newsmon.records import Classification, Notice, NoticeKind
from newsmon.records.resume_reasons import ResumeReason
from newsmon.settings import Settings
from newsmon.topics import ARTICLES, CLASSIFICATIONS, NOTICES

STARTS_WITHIN_S = 300.0  # each test starts the process several times; on a busy machine a start alone takes a minute


async def classified(settings: Settings) -> int:
    return len({one.revision_id for one in await records_of(settings, CLASSIFICATIONS, Classification)})


def commits(settings: Settings) -> dict[int, OffsetAndMetadata]:
    name = ARTICLES.named(settings.kafka.topic_prefix)
    with admin_client(settings) as admin:
        found = committed_by(admin, group_id(settings, "processor"))
    return {at.partition: entry for at, entry in found.items() if at.topic == name and entry.offset >= 0}


def commit(settings: Settings, offsets: dict[int, OffsetAndMetadata]) -> None:
    """Put commits back, as a cluster does that is restored or mirrored with its offsets but without its log."""
    consumer = KafkaConsumer(**consumer_config(settings, client_id="test", group=group_id(settings, "processor")))
    name = ARTICLES.named(settings.kafka.topic_prefix)
    places = {TopicPartition(name, partition): entry for partition, entry in offsets.items()}
    consumer.assign(list(places))
    deadline = time.monotonic() + 60
    while True:  # the stopped processor's static membership lasts for the session's time
        try:
            consumer.commit(places)
            break
        except CommitFailedError:
            assert time.monotonic() < deadline
            time.sleep(1)
    consumer.close()


async def work_off(settings: Settings, *, expecting: int) -> None:
    with processor(settings) as process:

        async def done() -> bool:
            assert process.poll() is None
            return await classified(settings) >= expecting

        await until(done, f"{expecting} classified", within_s=STARTS_WITHIN_S)
        await caught_up(settings)
        assert await stop_cleanly(process) == 0


async def test_commits_of_another_log_are_not_used(kafka_settings: Settings) -> None:
    await put_articles(kafka_settings, mixed_articles(30), partition=0)
    await work_off(kafka_settings, expecting=30)
    before = commits(kafka_settings)
    name = ARTICLES.named(kafka_settings.kafka.topic_prefix)
    assert before[0].offset == 30
    assert before[0].metadata == read_log_ids(kafka_settings, [name])[name]
    replace_topics(kafka_settings, ARTICLES)
    commit(kafka_settings, before)
    await put_articles(kafka_settings, mixed_articles(90, start=100), partition=0)
    await work_off(kafka_settings, expecting=120)
    after = commits(kafka_settings)
    assert after[0].offset == 90
    assert after[0].metadata == read_log_ids(kafka_settings, [name])[name]


async def test_a_log_replaced_while_it_is_read_is_read_whole(kafka_settings: Settings) -> None:
    """By the running process, if the group noticed the deletion; by the next one, if only the watch noticed it."""
    await put_articles(kafka_settings, mixed_articles(30), partition=0)
    with processor(kafka_settings) as process:

        async def done() -> bool:
            return await classified(kafka_settings) >= 30

        await until(done, "the first log is classified", within_s=STARTS_WITHIN_S)
        replace_topics(kafka_settings, ARTICLES)
        await put_articles(kafka_settings, mixed_articles(90, start=100), partition=0)

        async def ended_or_read() -> bool:
            return process.poll() is not None or await classified(kafka_settings) >= 120

        await until(ended_or_read, "the new log is noticed", within_s=STARTS_WITHIN_S)
        assert process.poll() in (None, EXIT_STALLED)
        if process.poll() is None:
            assert await stop_cleanly(process) == 0
    await work_off(kafka_settings, expecting=120)


async def test_articles_that_expired_before_they_were_classified_are_told_on_the_topic_of_notices(kafka_settings: Settings) -> None:
    await put_articles(kafka_settings, mixed_articles(10), partition=0)
    await work_off(kafka_settings, expecting=10)
    await put_articles(kafka_settings, mixed_articles(20, start=100), partition=0)
    cut_records(kafka_settings, ARTICLES, {0: 14})
    await work_off(kafka_settings, expecting=10 + 16)
    told = [one for one in await records_of(kafka_settings, NOTICES, Notice) if one.kind is NoticeKind.RECORDS_LOST]
    (notice,) = told
    assert (notice.stage, notice.subject) == ("processor", "processor")
    [(place, text)] = notice.details.items()
    name = ARTICLES.named(kafka_settings.kafka.topic_prefix)
    assert loss_of_detail(place, text) == LossDetail(name, 0, ResumeReason.EXPIRED, 10, 14, 4)
    await put_articles(kafka_settings, mixed_articles(1, start=200), partition=0)
    await work_off(kafka_settings, expecting=27)
    assert len([one for one in await records_of(kafka_settings, NOTICES, Notice) if one.kind is NoticeKind.RECORDS_LOST]) == 1
