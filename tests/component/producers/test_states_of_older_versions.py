"""Odd feeds that an older version polled: the next polls bring what that version lost, and nothing else."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from support.drafts import stamp
from support.feed_polls.script import SITE

from newsmon.codec import decode
from newsmon.records import Feed, FeedState, FetchResult
from producers.articles.comparison import Comparison, compare
from producers.articles.known_entries import fingerprints_of, pack_entries
from producers.articles.parse_job import ParseJob, drafts_of_body
from producers.articles.state_record import checked_record, saved_state_of

DATA = Path(__file__).resolve().parents[2] / "data"
STATES: dict[str, str] = json.loads((DATA / "state" / "odd-feeds.feed-state.v2.json").read_text("utf-8"))
FEED = Feed(feed_id="quay", url=f"{SITE}/feed", source="Quay")
LOST = {"dup-fragment": 2, "dup-ref-param": 2, "dup-samelink": 2}  # entries that the older version took for one
READ_OTHERWISE = {"txt-atom-text-lt"}  # that version cut a name out of the text


def state_of(name: str) -> FeedState:
    """The state as a producer holds it after its start."""
    return saved_state_of(checked_record(decode(base64.b64decode(STATES[name]), FeedState)), None)[0].state


def body_of(name: str) -> bytes:
    return next((DATA / "feeds" / "odd" / name).glob("input.*")).read_bytes()


def polled(body: bytes, before: FeedState, seq: int) -> tuple[Comparison, FeedState]:
    now = stamp(seq).first_seen_at
    job = ParseJob(
        FEED, body, "", FEED.url, 2_000, now, fingerprints_of(before.known), before.guids_repeat, before.charset, before.links
    )  # fmt: skip
    parsed = drafts_of_body(job)
    assert parsed.result is FetchResult.OK
    found = compare(parsed.drafts, before, FEED, replace(stamp(seq), first_seen_at=now), links=parsed.links)
    return found, msgspec.structs.replace(before, known=pack_entries(found.known), links=found.links, guids_repeat=parsed.guids_repeat)


@pytest.mark.parametrize("name", STATES)
def test_the_next_polls_bring_only_what_was_lost(name: str) -> None:
    after = state_of(name)
    found, after = polled(body_of(name), after, 2)
    assert (found.new_count, found.revised_count) == (LOST.get(name, 0), name in READ_OTHERWISE)
    assert (found.gap_suspected, found.reidentified_count) == (False, 0)
    again, _after = polled(body_of(name), after, 3)
    assert (again.articles, again.known_count, again.gap_suspected) == ((), found.known_count + len(found.articles), False)


@pytest.mark.parametrize("name", STATES)
def test_a_text_that_was_edited_meanwhile_is_a_revision_at_most(name: str) -> None:
    body = re.sub(rb"(</description>|</summary>|</content>)", rb" Edited.\1", body_of(name))
    found, after = polled(body, state_of(name), 2)
    assert (found.new_count, found.gap_suspected) == (LOST.get(name, 0), False)
    again, _after = polled(body, after, 3)
    assert again.articles == ()
