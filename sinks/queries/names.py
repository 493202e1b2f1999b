"""The names people use in commands, as far as the database knows them: themes, sources, stories."""

from __future__ import annotations

from sqlalchemy import Connection, exists, select

from sinks.database.tables import alerts, members, stories

NEWEST_STORIES = 2_000  # to find the one meant by a mistyped id


def theme_ids_of_alerts(connection: Connection) -> frozenset[str]:
    """The themes that ever raised an alert, also those no longer configured."""
    return frozenset(connection.scalars(select(alerts.c.theme_id).distinct()))


def sources_of_stories(connection: Connection) -> frozenset[str]:
    """The sources of all articles in stories, also those of feeds no longer configured."""
    return frozenset(connection.scalars(select(members.c.source).distinct()))


def story_is_stored(connection: Connection, story_id: str) -> bool:
    return bool(connection.scalar(select(exists().where(stories.c.story_id == story_id))))


def newest_story_ids(connection: Connection) -> tuple[str, ...]:
    """The ids of the stories that changed last, the newest first."""
    return tuple(connection.scalars(select(stories.c.story_id).order_by(stories.c.updated_at.desc()).limit(NEWEST_STORIES)))
