"""Why a body gives no feed."""

from __future__ import annotations


class DamagedFeedError(ValueError):
    """A feed so damaged that its parser failed."""


class NotAFeedError(ValueError):
    """The bytes are not a feed in any format we read; the poll ends with NOT_A_FEED."""
