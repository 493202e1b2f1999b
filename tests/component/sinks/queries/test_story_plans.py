"""On SQLite looking at a story reads only that story, and a page of the list only that page: a million others cost nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, select
from support.filled import fill
from support.world import small_world

from newsmon.settings import DatabaseSettings, Settings
from sinks.database.engine import reading
from sinks.database.tables import stories
from sinks.queries.corrections import merge_of, split_of
from sinks.queries.stories import list_stories, members_of, show_story, stories_of_article

SCANS = re.compile(r"SCAN (members|moves|matches|alerts|outbox|events|stories)\b(?! USING INDEX ix_stories_updated_at)")


def test_no_query_about_a_story_reads_through_a_whole_table(engine: Engine, tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, database=DatabaseSettings(url=str(engine.url)))
    fill(settings, engine, small_world(polls=3))
    with reading(engine) as connection:
        story, other = connection.execute(select(stories).where(stories.c.article_count == 3).order_by(stories.c.story_id)).all()[:2]
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        rows = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
        plans.extend(f"{row[3]}  <-  {statement}" for row in rows)

    event.listen(engine, "before_cursor_execute", explain)
    with reading(engine) as connection:
        list_stories(connection, theme_id=None, state=None, since=None, before=None, limit=2)
        list_stories(connection, theme_id=None, state="open", since=None, before=story.story_id, limit=2)
        show_story(connection, story.story_id, limit=10)
        first = members_of(connection, story.story_id)[0]
        stories_of_article(connection, first.article_id)
        split_of(connection, story, [first.article_id, "a_nothing"], by="ann", note="", now=story.updated_at)
        merge_of(connection, story, other, by="ann", note="", now=story.updated_at)
    event.remove(engine, "before_cursor_execute", explain)
    assert any("SEARCH members" in plan for plan in plans)
    assert [plan for plan in plans if SCANS.match(plan)] == []
