"""Quarantine messages as rows: what the headers say, and whose bytes they are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import NOON, every_record

from newsmon.codec import encode
from newsmon.errors import SettingsError
from newsmon.quarantine import Quarantined, QuarantineReason, Stage
from newsmon.records import Alert, Article, Match
from newsmon.topics import ALERTS, ARTICLES, MATCHES, QUARANTINE, Topic
from sinks.consumer.kafka_record import KafkaRecord
from sinks.queries.quarantine import QuarantinedRecord, QuarantineId, Refusal, refusal_of
from sinks.store.quarantine_rows import quarantine_row, subject_of

SAMPLES = {type(record): record for record in every_record()}
NOW = datetime(2026, 11, 24, 13, tzinfo=UTC)


def message(value: bytes | None = b"x", topic: str = "p.news.articles") -> KafkaRecord:
    quarantined = Quarantined(Stage.CLASSIFY, QuarantineReason.NOT_JSON, topic, 2, 7, "boom \x00", NOON, "w1", b"key", value)
    return KafkaRecord(QUARANTINE, "p.news.quarantine", 1, 99, quarantined.key, quarantined.value, tuple(quarantined.headers()))


def test_a_row_says_who_when_what_and_where() -> None:
    row = quarantine_row(message(), topic_prefix="p.", now=NOW)
    assert (row["stage"], row["topic"], row["partition"], row["offset"]) == ("classify", "p.news.articles", 2, 7)
    assert (row["quarantined_at"], row["worker"], row["value"], row["key"]) == (NOON, "w1", b"x", b"key")
    assert row["error"] == "boom \ufffd"
    assert (row["kafka_partition"], row["kafka_offset"]) == (1, 99)


@pytest.mark.parametrize(
    ("topic", "kind", "subject"),
    [
        (ARTICLES, Article, SAMPLES[Article].revision_id),
        (MATCHES, Match, SAMPLES[Match].match_id),
        (ALERTS, Alert, f"{SAMPLES[Alert].alert_id}#1"),
    ],
)
def test_bytes_that_are_a_record_after_all_are_named(topic: Topic, kind: type, subject: str) -> None:
    assert subject_of(topic, encode(SAMPLES[kind]))["subject"] == subject


def test_the_subject_is_found_through_the_topic_prefix() -> None:
    row = quarantine_row(message(encode(SAMPLES[Article])), topic_prefix="p.", now=NOW)
    assert row["subject"] == SAMPLES[Article].revision_id
    assert (row["feed_id"], row["poll_seq"]) == ("wire", 1)


def test_bytes_that_are_none_are_nobodys() -> None:
    assert subject_of(ARTICLES, b"garbage") == {"subject": None, "feed_id": None, "poll_seq": None}


@settings(max_examples=80)
@given(st.dictionaries(st.sampled_from([name for name, _value in message().headers] + ["other"]), st.binary(max_size=12), max_size=9))
def test_headers_of_any_kind_make_a_row_and_never_raise(headers: dict[str, bytes]) -> None:
    """A quarantine message must not be set aside itself: it would come back for ever."""
    received = KafkaRecord(QUARANTINE, "news.quarantine", 1, 99, None, b"x", tuple(headers.items()))
    row = quarantine_row(received, topic_prefix="", now=NOW)
    assert (row["stage"], row["topic"], row["offset"], row["quarantined_at"]) == ("store", "news.quarantine", 99, NOW)


def test_an_id_reads_as_it_is_written() -> None:
    one = QuarantineId("classify", "a:b/c.news.articles", 3, 17)
    assert QuarantineId.parse(str(one)) == one


@pytest.mark.parametrize("text", ["", "store", "store:news.articles", "store:news.articles/x/1", "store:news.articles/1/-1"])
def test_what_is_no_id_is_the_users_mistake(text: str) -> None:
    with pytest.raises(SettingsError, match="STAGE:TOPIC/PARTITION/OFFSET"):
        QuarantineId.parse(text)


@pytest.mark.parametrize(
    ("topic", "value", "refusal"),
    [
        ("p.news.articles", b"x", None),
        ("p.news.articles", b"", Refusal.NO_BYTES),
        ("p.news.feed-state", None, Refusal.NO_BYTES),
        ("news.articles", b"x", Refusal.FOREIGN_TOPIC),
        ("p.news.quarantine", b"x", Refusal.QUARANTINE_ITSELF),
    ],
)
def test_only_bytes_of_our_own_topics_go_back(topic: str, value: bytes | None, refusal: Refusal | None) -> None:
    record = QuarantinedRecord(QuarantineId("store", topic, 0, 0), "not_json", "", NOON, "", None, value, None)
    assert refusal_of(record, "p.") is refusal
