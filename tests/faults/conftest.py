"""A real broker with a migrated database of each kind, for every test that names `settings` or `engine`."""

from support.databases import engine, settings

__all__ = ["engine", "settings"]
