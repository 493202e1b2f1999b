"""What a consumer group has committed, compared with the log: where each partition would resume, and why.

A commit carries the id of its log as metadata, because Kafka keeps a group's offsets by the topic's name. Kafka forgets them when it
deletes the topic, but a member that goes on commits the old offset again, and a restored or mirrored cluster may hold them beside
another log. In: a group, its topics. Out: a Resume per partition. I/O: the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from newsmon.kafka.connect import admin_client
from newsmon.kafka.lag import NO_OFFSET, bounds_of, committed_by
from newsmon.kafka.positions.identity import JOINT, log_ids_of
from newsmon.kafka.positions.resume import Resume, StoredPosition, resume_at
from newsmon.settings import Settings

Place = tuple[str, int]  # full topic name, partition


def group_resumes(settings: Settings, group: str, topics: Iterable[str]) -> dict[Place, Resume]:
    """Where the group would resume each partition of the topics that exist. DependencyError when the cluster is out of reach."""
    names = sorted(set(topics))
    with admin_client(settings) as admin:
        # In this order: what a member commits meanwhile is never beyond an end or of a newer log.
        committed = {(at.topic, at.partition): _position(entry) for at, entry in committed_by(admin, group).items()}
        log_ids = log_ids_of(admin, names)
        beginnings, ends = bounds_of(admin, names)
    return {
        place: resume_at(committed.get(place), beginning=beginnings[place], end=end, log_id=log_ids.get(place[0]))
        for place, end in ends.items()
    }


def _position(entry: Any) -> StoredPosition | None:
    if entry.offset == NO_OFFSET:
        return None
    named = str(entry.metadata or "")
    return StoredPosition(int(entry.offset), named if named.count(JOINT) == 1 else None)  # whatever else others may have put there
