"""Deterministic ids: the same input always gives the same id, so every effect can be repeated.

An id is a prefix that names the kind and a 16-byte BLAKE2b hash in lower-case base32. Parts are length-prefixed, so that
("ab", "c") and ("a", "bc") differ.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable

_SPACE = re.compile(r"\s+")


def _hashed(kind: str, *parts: str) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in (kind, *parts):
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(4, "big"))
        digest.update(raw)
    return f"{kind}_{base64.b32encode(digest.digest()).decode().rstrip('=').lower()}"


def article_id_of_url(canonical_url: str) -> str:
    return _hashed("a", "url", canonical_url)


def article_id_within_url(canonical_url: str, mark: str) -> str:
    """For entries that share an address; `mark` tells them apart."""
    return _hashed("a", "within", canonical_url, mark)


def article_id_of_guid(feed_id: str, guid: str) -> str:
    return _hashed("a", "guid", feed_id, guid)


def article_id_of_title(feed_id: str, title: str, published: str) -> str:
    """For entries without address and guid; `published` is the raw date text, or ""."""
    return _hashed("a", "title", feed_id, normalised(title), published)


def normalised(text: str) -> str:
    """Text for comparison: NFKC, case folded, white space collapsed. Cosmetic edits do not make a new revision."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def source_key(source: str) -> str:
    """A source's name for comparison: where one feed writes `The Herald`, an aggregator may write `HERALD`."""
    name = normalised(source)
    return name.removeprefix("www.").removeprefix("the ") or name


def content_hash(title: str, lead: str, body: str) -> str:
    return _hashed("c", normalised(title), normalised(lead), normalised(body))


def revision_id(article_id: str, content: str) -> str:
    """Id of one text of one article, whichever feed showed it."""
    return _hashed("r", article_id, content)


def poll_id(feed_id: str, poll_seq: int, started_at_iso: str, nonce: str) -> str:
    """Id of one attempt at one poll; `nonce` distinguishes attempts by different processes."""
    return _hashed("p", feed_id, str(poll_seq), started_at_iso, nonce)


def match_id(revision: str, theme_id: str) -> str:
    return _hashed("m", revision, theme_id)


def story_id(theme_id: str, first_article_id: str) -> str:
    return _hashed("s", theme_id, first_article_id)


def event_id(story: str) -> str:
    """The id of an event: that of the story its first member would have opened, with a prefix of its own."""
    return f"e_{story.removeprefix('s_')}"


def alert_id(theme_id: str, story: str) -> str:
    return _hashed("al", theme_id, story)


def delivery_id(alert: str, revision: int, receiver: str) -> str:
    """The `webhook-id`: the same over retries, restarts and replays."""
    return _hashed("msg", alert, str(revision), receiver)


def feedback_id(article_id: str, theme_id: str, by: str) -> str:
    """One id per person, article and theme: later feedback replaces earlier."""
    return _hashed("f", article_id, theme_id, by)


def correction_id(theme_id: str, kind: str, story: str, other: str, story_revision: int, article_ids: Iterable[str]) -> str:
    """One id for the same correction of the same revision of a story."""
    return _hashed("co", theme_id, kind, story, other, str(story_revision), *sorted(article_ids))


def split_story_id(theme_id: str, correction: str) -> str:
    """Id of the story that a split makes. Never an earlier story's: receivers would take its alert for a repeat."""
    return _hashed("s", theme_id, correction)


def notice_id(kind: str, subject: str, episode: str) -> str:
    """One id per problem from beginning to end; `episode` distinguishes it from the next occurrence, and survives a crash."""
    return _hashed("n", kind, subject, episode)
