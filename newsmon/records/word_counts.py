"""How often words, names and numbers occur in the news at large."""

from __future__ import annotations

from newsmon.records.base import Record


class WordCounts(Record, frozen=True, kw_only=True, tag="word-counts/1"):
    """How many articles of one day and one partition of news.articles contain each key; a later record replaces the earlier one."""

    day: str  # UTC, as 2026-11-24
    partition: int
    through_offset: int  # the last article counted
    articles_log: str | None  # names the log of news.articles that `through_offset` counts in
    articles: dict[str, int]  # counted articles by language
    keys: dict[str, int]  # articles by key; opaque outside processors
    level: int = 0  # only keys whose hash is divisible by 2 ** level are counted
