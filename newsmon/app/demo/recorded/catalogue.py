"""The demo's catalogue: how each recorded feed is served, from `seeds/demo/catalogue.toml`.

In: the demo directory. Out: frozen `RecordedFeed`s. I/O: reads the catalogue and the feed files.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from newsmon import paths
from newsmon.app.demo.recorded.templates import render
from newsmon.app.demo.recorded.toml_file import load_toml
from newsmon.settings import Slug

CONTENT_TYPES = {
    "rss2": "application/rss+xml",
    "rss1": "application/rdf+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}


class RecordedFeed(BaseModel):
    """One feed of the demo: what it serves and how its server behaves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Slug
    format: Literal["rss2", "rss1", "atom", "json", "html", "none"]
    source: str
    language: str
    country: str | None = None
    tier: int = 3
    default_zone: str | None = None
    file: str | None = None
    file_2: str | None = None  # served once the first has been stored
    entries: int = 0
    entries_2: int | None = None
    encoding: str = "utf-8"
    content_type: str | None = None
    first_answers: tuple[Literal["429", "500", "hang"], ...] = ()
    always: Literal["404"] | None = None
    gzip: bool = False
    redirect: bool = False
    validators: Literal["both", "etag", "last_modified", "none"] = "both"
    result: str = "ok"  # the result a poll must have once the first answers are over

    @property
    def path(self) -> str:
        """The path of the content on the feed server."""
        return f"/{self.id}/{'feed.json' if self.format == 'json' else 'feed.xml'}"

    @property
    def configured_path(self) -> str:
        """The path a subscriber has: the old one if the feed moved."""
        return f"/{self.id}/old-address" if self.redirect else self.path

    @property
    def content_type_header(self) -> str:
        return f"{self.content_type or CONTENT_TYPES[self.format]}; charset={self.encoding}"

    @property
    def entry_count(self) -> int:
        """Items in the newest version."""
        return self.entries if self.entries_2 is None else self.entries_2


class Catalogue(BaseModel):
    """All recorded feeds, and the directory of their files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    feed: tuple[RecordedFeed, ...]
    directory: Path = Field(exclude=True)

    def body(self, feed: RecordedFeed, version: int, *, now: datetime) -> bytes:
        """The bytes of one version of a feed as they go over the wire, dates relative to `now`."""
        name = feed.file_2 if version == 2 and feed.file_2 else feed.file
        if name is None:
            return b""
        file = self.directory / "feeds" / name
        return render(file.read_text("utf-8"), now=now, name=str(file)).encode(feed.encoding)


def demo_directory() -> Path:
    """The shipped `seeds/demo`."""
    return paths.seeds() / "demo"


def load_catalogue(directory: Path) -> Catalogue:
    """The catalogue of `directory`; SettingsError lists every problem as `file:key`."""
    return load_toml(directory / "catalogue.toml", Catalogue, directory=directory)
