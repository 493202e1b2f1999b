"""What live servers have been seen to do, poll after poll: how many articles come of it, which revisions, counts and notices.

A real server on loopback, the real HTTP client, parser and decisions; only the clock is virtual.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from support.feed_follower import SETTINGS, START, Follow
from support.feed_polls.all_scripts import MAX_ENTRIES, all_scripts
from support.feed_polls.script import Answer
from support.hostile import Asked

from newsmon.records import Article
from producers.answers.outcome import SUCCESSES

SCRIPTS = all_scripts(START)


class Paths(dict[str, object]):
    """The same answer at every path: a chain of redirects leads where it likes."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, path: str) -> object:
        async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(self._answer if isinstance(self._answer, bytes) else self._answer(asked.path, asked.headers))
            await writer.drain()

        return answer


@pytest.mark.parametrize("name", SCRIPTS)
async def test_what_comes_of_it(follow: Follow, name: str) -> None:
    script = SCRIPTS[name]
    follow.poller.settings = SETTINGS.model_copy(update={"max_entries": MAX_ENTRIES})
    reports = []
    for answer in script.polls:
        follow.server.answers = Paths(answer)  # type: ignore[assignment]
        reports.append(await follow.poll(later=script.later))
    results = [one.outcome.result for one in reports]
    if script.results is None:
        assert SUCCESSES.issuperset(results)
    elif script.results:
        assert results == list(script.results)
    articles: list[Article] = [article for one in reports for article in one.articles]
    assert len({one.article_id for one in articles}) == script.article_count
    assert sum(one.outcome.revised_count for one in reports) == script.revised_count
    rejected = sum((Counter({reason.value: count for reason, count in one.outcome.rejected.items()}) for one in reports), Counter[str]())
    assert rejected == (script.rejected or {})
    assert script.titles <= {one.title for one in articles}
    assert script.urls <= {one.url for one in articles}
    assert {one.title for one in articles if one.published_at is None} == script.undated
    assert follow.told == list(script.told)
