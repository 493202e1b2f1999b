from __future__ import annotations

import pytest

from newsmon.kafka.topic_check import ExistingTopic, check_topics, topic_config
from newsmon.topics import ALL_TOPICS, ARTICLES, FEED_STATE, MATCHES, STORY_STATE, Topic


def as_wanted(topic: Topic, *, replication: int = 1, **changes: str) -> ExistingTopic:
    return ExistingTopic(
        topic.partitions, replication, topic_config(topic, replication) | {key.replace("_", "."): v for key, v in changes.items()}
    )


def test_topics_as_the_table_says_give_no_findings() -> None:
    existing = {topic.named("p."): as_wanted(topic) for topic in ALL_TOPICS}
    findings = check_topics(existing, ALL_TOPICS, prefix="p.", replication=1)
    assert (findings.missing, findings.errors, findings.warnings) == ((), (), ())


def test_topics_under_another_prefix_are_missing() -> None:
    existing = {topic.named("other."): as_wanted(topic) for topic in ALL_TOPICS}
    assert check_topics(existing, ALL_TOPICS, prefix="", replication=1).missing == ALL_TOPICS


def test_fewer_partitions_are_an_error_that_says_how_to_mend_it() -> None:
    found = ExistingTopic(2, 1, topic_config(MATCHES, 1))
    (problem,) = check_topics({"news.matches": found}, [MATCHES], prefix="", replication=1).errors
    assert problem.where == "kafka:news.matches"
    assert "has 2 partitions, newsmon needs 6" in problem.message
    assert "--alter --topic news.matches --partitions 6" in problem.message


@pytest.mark.parametrize(
    ("topic", "policy", "wanted"),
    [(FEED_STATE, "delete", "compact"), (ARTICLES, "compact", "delete"), (STORY_STATE, "compact,delete", "compact")],
)
def test_another_cleanup_policy_is_an_error(topic: Topic, policy: str, wanted: str) -> None:
    findings = check_topics({topic.named(): as_wanted(topic, cleanup_policy=policy)}, [topic], prefix="", replication=1)
    (problem,) = findings.errors
    assert f"has cleanup.policy={policy}, newsmon needs {wanted}" in problem.message


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (as_wanted(ARTICLES, retention_ms="1000"), "has retention.ms=1000"),
        (as_wanted(ARTICLES, retention_ms="-1"), "has retention.ms=-1"),
        (ExistingTopic(12, 3, topic_config(ARTICLES, 3)), "has 12 partitions"),
        (as_wanted(ARTICLES, max_message_bytes="1048588"), "has max.message.bytes=1048588"),
        (as_wanted(ARTICLES, replication=1), "has 1 replica(s), kafka.replication says 3"),
    ],
)
def test_what_an_operator_may_want_is_a_warning(found: ExistingTopic, said: str) -> None:
    findings = check_topics({"news.articles": found}, [ARTICLES], prefix="", replication=3 if "replica" in said else 1)
    assert findings.errors == ()
    assert [said in problem.message for problem in findings.warnings] == [True]


def test_every_wrong_topic_is_listed_not_only_the_first() -> None:
    existing = {topic.named(): ExistingTopic(1, 1, topic_config(topic, 1)) for topic in ALL_TOPICS}
    too_narrow = [topic for topic in ALL_TOPICS if topic.partitions > 1]
    assert len(check_topics(existing, ALL_TOPICS, prefix="", replication=1).errors) == len(too_narrow) > 5


def test_state_is_compacted_and_news_expires() -> None:
    assert topic_config(STORY_STATE, 1)["cleanup.policy"] == "compact"
    assert "retention.ms" not in topic_config(STORY_STATE, 1)
    assert topic_config(ARTICLES, 1)["retention.ms"] == str(30 * 24 * 3600 * 1000)


@pytest.mark.parametrize(("replication", "in_sync"), [(1, "1"), (2, "1"), (3, "2"), (4, "2"), (5, "3")])
def test_half_of_the_replicas_must_have_a_record(replication: int, in_sync: str) -> None:
    assert topic_config(ARTICLES, replication)["min.insync.replicas"] == in_sync
