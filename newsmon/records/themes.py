"""The active themes, and their files."""

from __future__ import annotations

from newsmon.records.base import Record, UtcDatetime


class ActiveThemes(Record, frozen=True, kw_only=True, tag="active-themes/1"):
    """The theme set that every processor uses from now on; the newest record on news.themes counts."""

    generation: str  # hash of the files' contents; matches name it
    theme_ids: tuple[str, ...]
    archive: bytes  # zlib of a JSON object: file name (lists/NAME for shared lists) -> text
    published_at: UtcDatetime
    worker: str  # the one that proposed it
