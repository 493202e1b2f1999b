"""What every runner of the processor owes its user, as plain functions over a runner: they pass a right one and fail a wrong one."""

from __future__ import annotations

import asyncio
from collections import Counter

import msgspec

from newsmon.codec import encode
from newsmon.kafka.clients import group_id
from newsmon.kafka.connect import admin_client
from newsmon.kafka.lag import group_offsets
from newsmon.kafka.limits import MAX_RECORD_BYTES
from newsmon.records import Alert, Article, Classification, Match, Story, StoryState
from newsmon.settings import Settings
from newsmon.topics import ALERTS, ARTICLES, CLASSIFICATIONS, MATCHES, QUARANTINE, STORIES, STORY_STATE
from processors.handling.messages import LARGEST_VALUE_BYTES
from processors.runner.parts import new_parts
from support.processing import (
    Gate,
    Runner,
    article,
    caught_up,
    committed,
    decisions,
    gated_parts,
    headers_of,
    log_of,
    mixed_articles,
    put,
    put_articles,
    records_of,
    running,
    until,
)

WATCHED_S = 4.0  # several commit intervals
SUBJECTS = {
    "ferry": ("harbour", "The Larnholm ferry Sigrid ran aground off Tverrvik with 212 passengers aboard"),
    "orchard": ("treaty", "Pomaria and Veldland signed the orchard pact at Castle Brunswald after 14 months"),
    "tunnel": ("budget", "Engineers broke through the 38 kilometre Monte Grana tunnel between Alba and Serrano"),
}


def story_of(subject: str, numbers: range) -> list[Article]:
    """Reports of one event by different outlets: one story, and each a text of its own."""
    theme, event = SUBJECTS[subject]
    opening = (
        "Officials confirmed",
        "Witnesses described how",
        "Our reporter learned that",
        "Rescuers said",
        "A spokeswoman said",
        "Experts explained why",
    )
    base = 10_000 * (1 + sorted(SUBJECTS).index(subject))
    return [
        article(
            base + number,
            f"{event} {theme}",
            f"{opening[number % 6]} {event}. Detail {number} follows.",
            source=f"{subject} outlet {number}",
        )
        for number in numbers
    ]


def undisturbed(settings: Settings) -> Settings:
    """With time before a member counts as dead: where each answer is counted once, a pause of the machine is no rebalance."""
    return settings.model_copy(update={"kafka": settings.kafka.model_copy(update={"session_timeout_s": 60.0})})


def poison() -> list[tuple[str, str, bytes | None]]:
    """(reason as an article, reason as a match, bytes) of everything that has ever stood where a record should."""
    good = encode(article(900_001, "A harbour article"))
    return [
        ("not_json", "not_json", b'{"record": "article/1", "article_id": '),
        ("not_json", "other_record", b'{"record": "article/1", "title": "\xff\xfe"}'),
        ("empty", "empty", None),
        ("no_record_tag", "no_record_tag", b"[]"),
        ("unknown_version", "other_record", good.replace(b'"article/1"', b'"article/7"', 1)),
        ("other_record", "wrong_shape", good.replace(b'"article/1"', b'"match/1"', 1)),
        ("wrong_shape", "other_record", good.replace(b'"tier":2', b'"tier":"two"', 1)),
        ("not_json", "not_json", b"\x00" * (MAX_RECORD_BYTES - 4_096)),
        ("not_json", "not_json", b'{"a":' * 100_000),
    ]


async def check_every_input_is_answered(runner: Runner, settings: Settings) -> None:
    """One classification per article, one match per hit, one state, story and decision per match; nothing else."""
    settings = undisturbed(settings)
    articles = mixed_articles(300)
    await put_articles(settings, articles)
    async with running(runner, new_parts(settings, decisions())):
        await caught_up(settings)
    answered = await records_of(settings, CLASSIFICATIONS, Classification)
    assert Counter(one.article_id for one in answered) == Counter(one.article_id for one in articles)
    matches = await records_of(settings, MATCHES, Match)
    expected = {(one.article_id, theme) for one in answered for theme in one.matched_theme_ids}
    assert {(one.article.article_id, one.theme_id) for one in matches} == expected
    assert len(matches) == len(expected) > 100
    states = await records_of(settings, STORY_STATE, StoryState)
    assert Counter(one.match_id for one in states) == Counter(one.match_id for one in matches)
    stories = await records_of(settings, STORIES, Story)
    assert Counter((one.story_id, one.revision) for one in stories) == Counter((one.story.story_id, one.story.revision) for one in states)
    alerts = await records_of(settings, ALERTS, Alert)
    assert {(one.alert_id, one.revision) for one in alerts} == {(one.alert.alert_id, one.alert.revision) for one in states if one.alert}
    where = {(record.partition, record.offset): record.key for record in await log_of(settings, MATCHES)}
    for record in await log_of(settings, STORY_STATE):
        state = msgspec.json.decode(record.value, type=StoryState)
        assert where[record.partition, state.source_offset] == state.theme_id.encode()


async def check_poison_costs_only_itself(runner: Runner, settings: Settings) -> None:
    """Bad bytes first, in the middle and last in a partition: all of them quarantined as they were, every good record answered."""
    articles = mixed_articles(60)
    bad = poison()
    first = await put(settings, ARTICLES, [(b"first", value) for _article, _match, value in bad], partition=0)
    await put_articles(settings, articles[:30], partition=0)
    middle = await put(settings, ARTICLES, [(b"middle", value) for _article, _match, value in bad], partition=0)
    await put_articles(settings, articles[30:], partition=0)
    last = await put(settings, ARTICLES, [(b"last" if value is None else None, value) for _article, _match, value in bad], partition=0)
    matches_bad = await put(settings, MATCHES, [(b"harbour", value) for _article, _match, value in bad])
    async with running(runner, new_parts(settings, decisions())):
        await caught_up(settings)
        more = mixed_articles(20, start=500)
        await put_articles(settings, more, partition=0)
        await caught_up(settings)
    answered = {one.article_id for one in await records_of(settings, CLASSIFICATIONS, Classification)}
    assert answered == {one.article_id for one in articles + more}
    quarantined = {}
    for record in await log_of(settings, QUARANTINE):
        headers = headers_of(record)
        place = headers["newsmon-topic"], int(headers["newsmon-partition"]), int(headers["newsmon-offset"])
        assert place not in quarantined, "quarantined twice"
        quarantined[place] = headers, record
    prefix = settings.kafka.topic_prefix
    keys = {first[0]: b"first", middle[0]: b"middle", matches_bad[0]: b"harbour"}
    for topic, stage, places in (
        (ARTICLES, "classify", first), (ARTICLES, "classify", middle), (ARTICLES, "classify", last), (MATCHES, "group", matches_bad),
    ):  # fmt: skip
        for (as_article, as_match, value), (partition, offset) in zip(bad, places, strict=True):
            place = topic.named(prefix), partition, offset
            assert place in quarantined, "not quarantined"
            headers, record = quarantined.pop(place)
            assert headers["newsmon-reason"] == (as_article if stage == "classify" else as_match)
            assert headers["newsmon-stage"] == stage
            assert headers["newsmon-error"]
            assert headers["newsmon-at"].endswith("+00:00")
            assert headers["newsmon-worker"]
            assert record.value == value
            assert record.key == keys.get(places[0]) or (places is last and record.key == (b"last" if value is None else None))
    assert not quarantined


async def check_a_fault_of_ours_costs_one_record(runner: Runner, settings: Settings) -> None:
    """A rule that raises on one article, and a grouping that raises on one match: both go to quarantine, everything else is answered."""
    articles = [article(number, f"Harbour news number {number}", f"Text {number} of its own.") for number in range(80)]
    bad_article, bad_match = articles[17], articles[41]
    chosen = decisions(
        raise_on=lambda one: one.article_id == bad_article.article_id,
        raise_on_match=lambda one: one.article.article_id == bad_match.article_id,
    )
    places = dict(zip((one.article_id for one in articles), await put_articles(settings, articles, partition=2), strict=True))
    async with running(runner, new_parts(settings, chosen)):
        await caught_up(settings)
    answered = {one.article_id for one in await records_of(settings, CLASSIFICATIONS, Classification)}
    assert answered == {one.article_id for one in articles} - {bad_article.article_id}
    grouped = {one.article_id for one in await records_of(settings, STORY_STATE, StoryState)}
    assert grouped == {one.article_id for one in articles} - {bad_article.article_id, bad_match.article_id}
    quarantined = [headers_of(record) for record in await log_of(settings, QUARANTINE)]
    assert sorted(headers["newsmon-stage"] for headers in quarantined) == ["classify", "group"]
    assert {headers["newsmon-reason"] for headers in quarantined} == {"handler_failed"}
    assert all("ZeroDivisionError: an injected fault" in headers["newsmon-error"] for headers in quarantined)
    classify = next(headers for headers in quarantined if headers["newsmon-stage"] == "classify")
    assert (int(classify["newsmon-partition"]), int(classify["newsmon-offset"])) == places[bad_article.article_id]


async def check_an_endless_decision_is_ended(runner: Runner, settings: Settings) -> None:
    """A decision that never returns is cut off at the deadline and its record quarantined; the flow goes on."""
    articles = mixed_articles(40)

    def spins(one: Article) -> bool:
        while one.article_id == articles[11].article_id:
            pass
        return False

    await put_articles(settings, articles, partition=1)
    async with running(runner, new_parts(settings, decisions(raise_on=spins))):
        await caught_up(settings)
    answered = {one.article_id for one in await records_of(settings, CLASSIFICATIONS, Classification)}
    assert answered == {one.article_id for one in articles} - {articles[11].article_id}
    (quarantined,) = [headers_of(record) for record in await log_of(settings, QUARANTINE)]
    assert "processor time" in quarantined["newsmon-error"]


async def check_an_answer_too_large_is_quarantined(runner: Runner, settings: Settings) -> None:
    """An article that fits, whose match would not: the article is quarantined whole; its neighbours are answered."""
    articles = mixed_articles(20)
    big = article(777, "A harbour too large", "x")
    big = msgspec.structs.replace(big, body="x" * (LARGEST_VALUE_BYTES - len(encode(big)) + 1))
    await put_articles(settings, [*articles[:10], big, *articles[10:]], partition=3)
    async with running(runner, new_parts(settings, decisions())):
        await caught_up(settings)
    answered = {one.article_id for one in await records_of(settings, CLASSIFICATIONS, Classification)}
    assert answered == {one.article_id for one in articles}
    (quarantined,) = await log_of(settings, QUARANTINE)
    assert quarantined.value == encode(big)


async def check_a_restart_goes_on(runner: Runner, settings: Settings) -> None:
    """Stopped cleanly and started again: nothing twice, nothing missing, stories go on with the next revision."""
    settings = undisturbed(settings)
    before, after = story_of("ferry", range(3)), story_of("ferry", range(3, 6))
    async with running(runner, new_parts(settings, decisions())):
        await put_articles(settings, before, partition=0)
        await caught_up(settings)
    async with running(runner, new_parts(settings, decisions())):
        await put_articles(settings, after, partition=0)
        await caught_up(settings)
    answered = await records_of(settings, CLASSIFICATIONS, Classification)
    assert Counter(one.article_id for one in answered) == Counter(one.article_id for one in before + after)
    stories = await records_of(settings, STORIES, Story)
    assert {one.story_id for one in stories} == {stories[0].story_id}
    assert [one.revision for one in stories] == [1, 2, 3, 4, 5, 6]


async def check_partitions_move_with_their_state(runner: Runner, settings: Settings) -> None:
    """A story opened by one worker goes on at the one that takes the partition over, and comes back the same way."""
    subjects = ("ferry", "orchard", "tunnel")
    first, second = new_parts(settings, decisions()), new_parts(settings, decisions())
    async with running(runner, first) as stop_first:
        for subject in subjects:
            await put_articles(settings, story_of(subject, range(2)), partition=0)
        await caught_up(settings)
        async with running(runner, second):
            await until(lambda: both_have(first, second), "both workers have partitions of both topics")
            for subject in subjects:
                await put_articles(settings, story_of(subject, range(2, 4)), partition=0)
            await caught_up(settings)
            stop_first.set()
            await until(lambda: has_all(second), "the second worker has everything")
            for subject in subjects:
                await put_articles(settings, story_of(subject, range(4, 6)), partition=0)
            await caught_up(settings)
    by_theme: dict[str, set[tuple[str, int]]] = {}
    for one in await records_of(settings, STORIES, Story):
        by_theme.setdefault(one.theme_id, set()).add((one.story_id, one.revision))
    assert set(by_theme) == {"harbour", "treaty", "budget"}
    for found in by_theme.values():
        assert len({story_id for story_id, _revision in found}) == 1
        assert sorted(revision for _story_id, revision in found) == [1, 2, 3, 4, 5, 6]


async def check_redelivery_repeats_the_same_bytes(runner: Runner, settings: Settings) -> None:
    """With the group's offsets rolled back, states, stories and alerts are written again exactly as they were."""
    settings = undisturbed(settings)
    articles = story_of("ferry", range(6)) + story_of("orchard", range(5)) + mixed_articles(90)
    await put_articles(settings, articles, partition=0)
    async with running(runner, new_parts(settings, decisions())):
        await caught_up(settings)
    before = {topic: await log_of(settings, topic) for topic in (STORY_STATE, STORIES, ALERTS)}
    matches = len(await log_of(settings, MATCHES))
    await asyncio.to_thread(_roll_back, settings, MATCHES.named(settings.kafka.topic_prefix), 0)
    async with running(runner, new_parts(settings, decisions())):
        await caught_up(settings)
    assert len(await log_of(settings, MATCHES)) == matches  # classify had nothing to do again
    for topic, records in before.items():
        again = await log_of(settings, topic)
        assert Counter(record.value for record in again) == Counter({record.value: 2 for record in records}), topic.base_name
        assert len(records) >= 15


async def check_committed_is_never_ahead_of_effects(runner: Runner, settings: Settings, watched_s: float = WATCHED_S) -> None:
    """While the first record's answer is not acknowledged, its offset is not committed, whatever else gets done."""
    articles = mixed_articles(400)
    held = articles[0].article_id.encode()
    await put_articles(settings, articles, partition=0)
    gate = Gate(lambda one: one.topic is CLASSIFICATIONS and one.key == held, asyncio.Event(), asyncio.Event())
    async with running(runner, gated_parts(settings, decisions(), gate)):
        try:
            await asyncio.wait_for(gate.reached.wait(), 120)
            await _assert_nothing_committed(settings, watched_s)
        finally:
            gate.opened.set()
        await caught_up(settings)
    answered = {one.article_id for one in await records_of(settings, CLASSIFICATIONS, Classification)}
    assert answered == {one.article_id for one in articles}


async def check_stopping_waits_for_the_batch_in_progress(runner: Runner, settings: Settings, watched_s: float = WATCHED_S) -> None:
    """Told to stop while an acknowledgement is outstanding: nothing is committed before it has come."""
    articles = mixed_articles(50)
    held = articles[0].article_id.encode()
    await put_articles(settings, articles, partition=0)
    gate = Gate(lambda one: one.topic is CLASSIFICATIONS and one.key == held, asyncio.Event(), asyncio.Event())
    async with running(runner, gated_parts(settings, decisions(), gate)) as stop:
        try:
            await asyncio.wait_for(gate.reached.wait(), 120)
            stop.set()
            await _assert_nothing_committed(settings, watched_s)
        finally:
            gate.opened.set()
    done = (await committed(settings, ARTICLES))[0]
    answered = {one.article_id for one in await records_of(settings, CLASSIFICATIONS, Classification)}
    assert {one.article_id for one in articles[:done]} <= answered


async def check_what_is_too_large_to_quarantine_does_not_stop_the_flow(runner: Runner, settings: Settings) -> None:
    """Bytes so many that with the quarantine's headers they exceed what Kafka takes: the beginning is kept, with a word about it."""
    articles = mixed_articles(10)
    await put_articles(settings, articles[:5], partition=4)
    await put(settings, ARTICLES, [(None, b"z" * (MAX_RECORD_BYTES - 150))], partition=4)
    await put_articles(settings, articles[5:], partition=4)
    async with running(runner, new_parts(settings, decisions())):
        await caught_up(settings)
    answered = {one.article_id for one in await records_of(settings, CLASSIFICATIONS, Classification)}
    assert answered == {one.article_id for one in articles}
    (quarantined,) = await log_of(settings, QUARANTINE)
    assert quarantined.value.strip(b"z") == b""
    assert f"of {MAX_RECORD_BYTES - 150} bytes kept" in headers_of(quarantined)["newsmon-error"]


async def _assert_nothing_committed(settings: Settings, watched_s: float) -> None:
    loop = asyncio.get_running_loop()
    until_s = loop.time() + watched_s
    while loop.time() < until_s:
        offset = (await committed(settings, ARTICLES))[0]
        assert offset == 0, f"committed {offset}, but offset 0 has no acknowledged answer"
        await asyncio.sleep(0.2)


async def both_have(*parts_of_both: object) -> bool:
    topics = [{topic for topic, _partition in parts.assignment.partitions} for parts in parts_of_both]  # type: ignore[attr-defined]
    return all(len(found) == 2 for found in topics)


async def has_all(parts: object) -> bool:
    return len(parts.assignment.partitions) == ARTICLES.partitions + MATCHES.partitions  # type: ignore[attr-defined]


def _roll_back(settings: Settings, topic: str, offset: int) -> None:
    from kafka import TopicPartition
    from kafka.structs import OffsetAndMetadata

    group = group_id(settings, "processor")
    places = [place for place in group_offsets(settings, group) if place[0] == topic]
    assert places
    with admin_client(settings) as admin:
        admin.alter_group_offsets(group, {TopicPartition(*place): OffsetAndMetadata(offset, "", -1) for place in places})
