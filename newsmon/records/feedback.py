"""What people say of what newsmon told them, or did not tell them."""

from __future__ import annotations

from enum import StrEnum

from newsmon.records.base import Record, UtcDatetime


class FeedbackVerdict(StrEnum):
    """Whether an article belonged to a theme, as a reader sees it."""

    USEFUL = "useful"  # it did, and was told
    NOISE = "noise"  # it was told, and should not have been
    MISSED = "missed"  # it should have been told, and was not


class Feedback(Record, frozen=True, kw_only=True, tag="feedback/1"):
    """One person's word on one article and one theme; a later word of the same person takes its place."""

    feedback_id: str  # ids.feedback_id(article_id, theme_id, by)
    article_id: str
    revision_id: str | None  # the text that was judged, where one was stored
    theme_id: str
    verdict: FeedbackVerdict
    note: str = ""
    by: str  # who says so
    given_at: UtcDatetime
