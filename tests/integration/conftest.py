"""Fixtures of several files: a real broker with a migrated database of each kind, and a feed that is polled over days."""

from support.databases import engine, settings
from support.feed_follower import follow, workers

__all__ = ["engine", "follow", "settings", "workers"]
