"""What is remembered of a story reads the same in whatever order its events came back after a restart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from support.samples import every_record

from newsmon.records import Story
from processors.stories.remembered import EventMemory, StoryMemory

STORY: Story = next(record for record in every_record() if isinstance(record, Story))
AT = datetime(2026, 11, 2, 8, tzinfo=UTC)


def test_events_are_in_the_order_in_which_they_opened() -> None:
    assert STORY.event is not None
    opened = [
        EventMemory(msgspec.structs.replace(STORY.event, event_id=f"e_{name}", opened_at=AT + timedelta(hours=hours)))
        for name, hours in (("d", 0), ("b", 1), ("c", 1), ("a", 2))
    ]
    for events in (opened, opened[::-1]):
        story = StoryMemory(STORY, {event.event.event_id: event for event in events})
        assert [event.event.event_id for event in story.in_order()] == ["e_d", "e_b", "e_c", "e_a"]
