"""Finds the story or article that a person means; the start of an id is enough, and a wrong id is refused with the nearest one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsmon.errors import Problem, SettingsError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row


def story_named(connection: Connection, prefix: str, *, argument: str = "STORY") -> Row[Any]:
    """The stored story whose id this is or begins with this; SettingsError, with the nearest id, for anything else."""
    from newsmon.settings.problems import did_you_mean
    from sinks.queries.corrections import story_row
    from sinks.queries.names import newest_story_ids
    from sinks.queries.stories import named

    row = story_row(connection, prefix)  # by its key: the start of an id is looked for in all of them
    found = [] if row is not None else named(connection, prefix)
    if len(found) == 1:
        row = story_row(connection, found[0])
    if row is None:
        if found:
            why = f"several stories start with {prefix!r}: {', '.join(found)}"
        else:
            why = f"no story is called {prefix!r}{did_you_mean(prefix, newest_story_ids(connection))}"
        raise SettingsError([Problem(argument, why)])
    return row
