"""Readers' feedback on the alerts they got or missed."""

from __future__ import annotations

from enum import StrEnum

from newsmon.records.base import Record, UtcDatetime


class FeedbackVerdict(StrEnum):
    """A reader's judgement on whether an article belongs to a theme."""

    USEFUL = "useful"  # it belongs, and there was an alert
    NOISE = "noise"  # there was an alert, and it does not belong
    MISSED = "missed"  # it belongs, and there was no alert


class Feedback(Record, frozen=True, kw_only=True, tag="feedback/1"):
    """One person's judgement on one article and one theme; a later one by the same person replaces it."""

    feedback_id: str  # ids.feedback_id(article_id, theme_id, by)
    article_id: str
    revision_id: str | None  # the text that was judged, where one was stored
    theme_id: str
    verdict: FeedbackVerdict
    note: str = ""
    by: str  # the person
    given_at: UtcDatetime
