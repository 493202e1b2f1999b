"""What newsmon says of a feed's links and guids: whether they change although the entries are the same."""

from __future__ import annotations

from newsmon.records import LinkHabits

CHURN_POLLS = 2  # so many polls with other links or guids, and the feed is said to change them


def churns(count: int) -> bool:
    """True when a feed has changed the links, or the guids, of its entries too often for it to be chance."""
    return count >= CHURN_POLLS


def what_changes(links: LinkHabits | None) -> str:
    """What changes from poll to poll although the entries are the same: links, guids, both, or ""."""
    links = links or LinkHabits()
    words = [("links", links.link_churn_count), ("guids", links.guid_churn_count)]
    return " and ".join(word for word, count in words if churns(count))
