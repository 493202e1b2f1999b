"""Every table of what newsmon saw and decided; the outbox of deliveries is in `sinks.database.outbox_tables`.

A row's key is the record's identity, and the content of two records decides which one stays (`Kept`). So the same set
of records gives the same rows, in any order and any number of arrivals.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, MetaData, Table

from sinks.database.columns import Json, at, big, count, digest, raw, source, text, word

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

# How far each consumer has read; changed in the transaction that stores what it read. `log_id` names the log that the offset
# belongs to, `leader_epoch` is that of the last record read, `position_digest` shows a change by hand. Null in rows from before these.
consumed_offsets = Table(
    "consumed_offsets", metadata,
    text("consumer", primary_key=True), text("topic", primary_key=True), count("partition", primary_key=True),
    big("next_offset"), at("updated_at"),
    text("log_id", null=True), count("leader_epoch", null=True), text("position_digest", null=True),
)  # fmt: skip

# What left a log unread, or was read again because its log is another one; open until a person acknowledges it.
losses = Table(
    "losses", metadata,
    text("loss_id", primary_key=True), text("consumer"), text("topic"), count("partition"), word("reason"),
    big("from_offset"), big("to_offset"), big("lost_count", null=True), text("log_before", null=True), text("log_id", null=True),
    at("noticed_at", index=True), at("acknowledged_at", null=True), text("acknowledged_by", null=True),
)  # fmt: skip

# The polling state of each feed.
feed_states = Table(
    "feed_states", metadata,
    text("feed_id", primary_key=True), text("url"), big("poll_seq"), at("polled_at"), at("next_due_at"), count("interval_s"),
    count("failure_count"), word("last_result"), at("last_success_at", null=True), at("last_new_article_at", null=True),
    *source(),
    digest(),
)  # fmt: skip

# One poll of one feed. entry_count = new + revised + known + rejected. The last three are null in
# rows stored before there were columns for them.
fetches = Table(
    "fetches", metadata,
    text("feed_id", primary_key=True), big("poll_seq", primary_key=True), text("poll_id"),
    at("started_at", index=True), at("finished_at"), word("result"), count("status", null=True), text("detail", null=True),
    big("body_bytes"), count("entry_count"), count("new_count"), count("revised_count"), count("known_count"),
    count("rejected_count"), Column("rejected", Json, nullable=False), count("reidentified_count"),
    Column("gap_suspected", Boolean, nullable=False), count("retry_after_s", null=True), at("next_due_at"),
    *source(),
    word("kind", null=True), word("due_reason", null=True), Column("validator_lied", Boolean),
    digest(),
)  # fmt: skip

# One article as one poll of one feed showed it: the same article in five feeds is five sightings. `language`
# and `text_source` are null in rows stored before there were columns for them.
sightings = Table(
    "sightings", metadata,
    text("feed_id", primary_key=True), big("poll_seq", primary_key=True), text("article_id", primary_key=True),
    text("poll_id"), text("revision_id", index=True), count("revision"), word("origin"), text("source"), count("tier"),
    text("country", null=True), text("url", null=True), text("guid", null=True),
    at("published_at", null=True), text("published_raw", null=True), word("date_quality"), at("first_seen_at", index=True),
    Column("baseline", Boolean, nullable=False), Column("reidentified", Boolean, nullable=False),
    *source(),
    Index("ix_sightings_article_id", "article_id"),
    text("language", null=True), word("text_source", null=True),
    digest(),
)  # fmt: skip

# The text of one article revision, stored once, as the first feed showed it.
revisions = Table(
    "revisions", metadata,
    text("revision_id", primary_key=True), text("article_id", index=True), text("content_hash"),
    text("title"), text("lead"), text("body"), text("language"), text("feed_id"), big("poll_seq"), at("first_seen_at"),
    digest(),
)  # fmt: skip

# One row per article: its newest revision.
articles = Table(
    "articles", metadata,
    text("article_id", primary_key=True), text("revision_id"), count("revision"), text("feed_id"), text("source"),
    text("url", null=True), text("title"), text("language"), at("published_at", null=True), at("first_seen_at", index=True),
    digest(),
)  # fmt: skip

# The classifier's answer to one article record. `generation` is part of the key: classifying the log again with other
# themes adds answers and keeps the earlier ones.
classifications = Table(
    "classifications", metadata,
    text("revision_id", primary_key=True), text("feed_id", primary_key=True), big("poll_seq", primary_key=True),
    text("generation", primary_key=True), text("article_id", index=True), count("revision"), word("origin"), text("language"),
    word("outcome"), Column("scores", Json, nullable=False), Column("matched_theme_ids", Json, nullable=False),
    count("matched_count"),
    at("classified_at", index=True),
    *source(),
    digest(),
)  # fmt: skip

# One row per theme in a classification; the ledger counts matches against them.
classified_themes = Table(
    "classified_themes", metadata,
    text("match_id", primary_key=True), text("feed_id", primary_key=True), big("poll_seq", primary_key=True),
    text("generation", primary_key=True), text("revision_id", index=True), text("theme_id"), at("classified_at", index=True),
    digest(),
)  # fmt: skip

# One article revision belongs to one theme, with the text the evidence's spans point into.
matches = Table(
    "matches", metadata,
    text("match_id", primary_key=True), text("theme_id", index=True), text("theme_label"), text("theme_version"), text("generation"),
    text("revision_id", index=True), text("article_id", index=True), text("feed_id"), big("poll_seq"), word("origin"), text("source"),
    text("url", null=True), text("language"), text("title"), text("lead"), text("body"),
    Column("score", Float, nullable=False), Column("threshold", Float, nullable=False), word("severity"),
    Column("evidence", Json, nullable=False), Column("also_matched", Json, nullable=False),
    at("published_at", null=True), at("first_seen_at"), at("matched_at", index=True),
    *source(),
    digest(),
)  # fmt: skip

# The newest revision of a story. `severity_reason` and `event_count` are null in rows stored before there were such columns.
stories = Table(
    "stories", metadata,
    text("story_id", primary_key=True), text("theme_id", index=True), count("revision"), word("state"), text("title"),
    at("opened_at"), at("updated_at", index=True), at("closed_at", null=True),
    count("article_count"), count("copy_count"), count("source_count"), count("outlet_count"),
    Column("languages", Json, nullable=False), word("severity"),
    *source(),
    word("severity_reason", null=True), count("event_count", null=True),
    digest(),
)  # fmt: skip

# An event as it was with its newest member, in the story that it was in then; `moves` says where a correction has put its members.
events = Table(
    "events", metadata,
    text("event_id", primary_key=True), text("story_id", index=True), text("theme_id", index=True), count("story_revision"),
    text("title"), at("opened_at"), at("updated_at", index=True),
    count("article_count"), count("copy_count"), count("source_count"), count("outlet_count"), word("severity"), word("severity_reason"),
    *source(),
    digest(),
)  # fmt: skip

# The outcome of one match: its story, its relation to it, and the decision about an alert. `event_id` is null in rows from before events.
members = Table(
    "members", metadata,
    text("match_id", primary_key=True), text("story_id", index=True), text("theme_id"), count("story_revision"),
    text("article_id", index=True), text("revision_id"), word("relation"), text("copy_of", null=True), word("alert_decision"),
    text("source"), count("tier"), text("url", null=True), text("title"), text("language"), Column("score", Float, nullable=False),
    at("published_at", null=True), at("first_seen_at"), at("decided_at", index=True),
    *source(),
    text("event_id", null=True, index=True), Column("likeness", Json),
    digest(),
)  # fmt: skip

# A decision on a match that a later one, of `replaced_at`, put into another story: after a loss, or after its story had closed.
earlier_decisions = Table(
    "earlier_decisions", metadata,
    text("match_id", primary_key=True), text("story_id", primary_key=True, index=True), text("theme_id"), text("event_id", null=True),
    word("relation"), word("alert_decision"), at("decided_at"), at("replaced_at", index=True),
    digest(),
)  # fmt: skip

# What a person put right about stories, and the grouping stage's answer. `new_story_id` is the story that a split made.
corrections = Table(
    "corrections", metadata,
    text("correction_id", primary_key=True), text("theme_id"), word("kind"), text("story_id", index=True),
    text("other_story_id", null=True, index=True), Column("article_ids", Json, nullable=False), count("story_revision"),
    at("made_at", index=True), text("by"), text("note"),
    *source(),
    digest(),
)  # fmt: skip
corrected = Table(
    "corrected", metadata,
    text("correction_id", primary_key=True), word("outcome"), at("decided_at"), count("moved_count"),
    text("new_story_id", null=True, index=True),
    *source(),
    digest(),
)  # fmt: skip

# Where a member is since the last correction that moved it. `members` keeps the decision as it was made, so the story of a match is
# the one here, if there is a row. `correction_offset` is the correction's place on news.matches.
moves = Table(
    "moves", metadata,
    text("match_id", primary_key=True), text("article_id"), text("from_story_id", index=True), text("to_story_id", index=True),
    text("event_id"), text("correction_id"), at("moved_at"), big("correction_offset"),
    *source(),
    digest(),
)  # fmt: skip

# The newest judgement of each person on an article and a theme.
feedback = Table(
    "feedback", metadata,
    text("feedback_id", primary_key=True), text("article_id", index=True), text("revision_id", null=True), text("theme_id", index=True),
    word("verdict"), text("note"), text("by"), at("given_at"),
    *source(),
    digest(),
)  # fmt: skip

# One revision of one alert; `severity_reason` as in stories. The last five are null in rows from before events.
alerts = Table(
    "alerts", metadata,
    text("alert_id", primary_key=True), count("revision", primary_key=True), text("story_id", index=True),
    text("theme_id", index=True), text("theme_label"), text("theme_version"), text("generation"),
    word("state"), word("reason"), word("severity"), word("origin"), text("match_id", null=True, index=True),
    text("title"), text("lead"), Column("score", Float, nullable=False), Column("threshold", Float, nullable=False),
    Column("evidence", Json, nullable=False), Column("also_matched", Json, nullable=False), Column("articles", Json, nullable=False),
    count("article_count"), count("source_count"), count("outlet_count"), at("opened_at"), at("raised_at", index=True),
    *source(),
    word("severity_reason", null=True),
    text("event_id", null=True, index=True), text("story_title", null=True), count("event_count", null=True),
    Column("event", Json), Column("new_facts", Json),
    digest(),
)  # fmt: skip

# One revision of one notice. The delivery stage writes its own notices here: they are on no topic.
notices = Table(
    "notices", metadata,
    text("notice_id", primary_key=True), count("revision", primary_key=True), word("kind", index=True), word("state"), text("subject"),
    word("severity"), text("text"), at("opened_at"), at("said_at", index=True), word("stage"), Column("details", Json, nullable=False),
    count("kafka_partition", null=True), big("kafka_offset", null=True),
    digest(),
)  # fmt: skip

# Bytes that could not be read or handled. `subject` is the identity of the record where the bytes can be read after all:
# revision_id, match_id, story_id or alert_id#revision; the ledger counts by it.
quarantined = Table(
    "quarantined", metadata,
    word("stage", primary_key=True), text("topic", primary_key=True), count("partition", primary_key=True),
    big("offset", primary_key=True), word("reason", index=True), text("error"), at("quarantined_at", index=True), text("worker"),
    raw("key", null=True), raw("value", null=True), text("subject", null=True, index=True),
    text("feed_id", null=True), big("poll_seq", null=True), at("replayed_at", null=True),
    *source(),
    digest(),
)  # fmt: skip

# How many rows of a table had no digest when digests were introduced: more than that were added or changed behind our back.
undigested = Table(
    "undigested", metadata,
    text("table_name", primary_key=True), big("row_count"), at("counted_at"),
)  # fmt: skip
