"""[producer]: polling of feeds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from newsmon import paths
from newsmon.settings.sections.base import Seconds, Section


class ProducerSettings(Section):
    """Polling of feeds. Set `feeds_file` and `user_agent` first; the rest is for slow networks, strict servers or very large feeds."""

    feeds_file: Path = Field(default_factory=lambda: paths.seeds() / "feeds.toml")
    """The list of feeds to poll."""
    interval_s: Seconds = 300.0
    """Average interval between two polls of a feed. Busy feeds are polled more often, quiet ones less; the total stays the same."""
    min_interval_s: Seconds = 60.0
    """Shortest interval between two polls of a feed."""
    max_interval_s: Seconds = 86_400.0
    """Longest interval between two polls of a feed, however often it failed."""
    timeout_s: Seconds = 30.0
    """Longest time for one fetch, including redirects and body."""
    connect_timeout_s: Seconds = 10.0
    """Longest time to connect."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 15_000_000
    """Largest feed, after decompression."""
    max_entries: Annotated[int, Field(ge=1)] = 2_000
    """Most entries taken from one poll. Any further ones are counted as rejected."""
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 5
    """Most redirects to follow."""
    concurrency: Annotated[int, Field(ge=1, le=500)] = 20
    """Most fetches at once."""
    host_spacing_s: Annotated[float, Field(ge=0)] = 2.0
    """Shortest pause between two requests to one registrable domain (`news.example.co.uk` and `example.co.uk` are the same)."""
    domain_concurrency: Annotated[int, Field(ge=1, le=100)] = 2
    """Most fetches at once from one registrable domain."""
    user_agent: str = "newsmon/0.2 (+feed monitor; set producer.user_agent to say who you are)"
    """User-Agent header. Add a contact address, so that publishers can reach you."""
    allow_private: tuple[str, ...] = ()
    """Private address ranges (CIDR) where feeds are allowed. Link-local addresses never are."""
    follow_moves: bool = False
    """Follow a permanent redirect once it has been seen ten times over two days and leads to a feed. Otherwise it is only reported."""
    renotice_s: Seconds = 86_400.0
    """How often to repeat the notice while a feed stays broken."""
    max_revisions: Annotated[int, Field(ge=1)] = 24
    """Most revisions of one article. Later edits are counted and ignored."""
    parse_timeout_s: Seconds = 20.0
    """Most processor time for parsing one feed. Elapsed time does not count, so that a busy machine loses no polls."""
    parse_workers: Annotated[int, Field(ge=1, le=32)] = 2
    """Most worker processes that parse. Another one starts only while all others are busy."""
