"""How feeds are polled."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from newsmon import paths
from newsmon.settings.base import Seconds, Section


class ProducerSettings(Section):
    """How feeds are polled."""

    feeds_file: Path = Field(default_factory=lambda: paths.seeds() / "feeds.toml")
    """The list of feeds."""
    interval_s: Seconds = 300.0
    """The budget: together the feeds are polled as often as if each were polled at this interval; busy ones get more of it."""
    min_interval_s: Seconds = 60.0
    """Never poll a feed more often."""
    max_interval_s: Seconds = 86_400.0
    """Never poll a feed more seldom, however often it failed."""
    timeout_s: Seconds = 30.0
    """Total time of one fetch, redirects and body included."""
    connect_timeout_s: Seconds = 10.0
    """Time to connect."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 15_000_000
    """Largest body, after decompression."""
    max_entries: Annotated[int, Field(ge=1)] = 2_000
    """Most entries taken from one poll; those beyond are counted as rejected."""
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 5
    """Most redirects followed."""
    concurrency: Annotated[int, Field(ge=1, le=500)] = 20
    """Fetches at once."""
    host_spacing_s: Annotated[float, Field(ge=0)] = 2.0
    """Least time between two requests to one registrable domain (`news.example.co.uk` and `example.co.uk` are one)."""
    domain_concurrency: Annotated[int, Field(ge=1, le=100)] = 2
    """Fetches at once under one registrable domain."""
    user_agent: str = "newsmon/0.1 (+feed monitor; set producer.user_agent to say who you are)"
    """What servers are told about us; put a contact in it."""
    allow_private: tuple[str, ...] = ()
    """Private address ranges (CIDR) feeds may live in; link-local ones never."""
    follow_moves: bool = False
    """Ask a feed where its server has pointed ten times over two days, once the feed was seen there; otherwise only proposed."""
    renotice_s: Seconds = 86_400.0
    """A notice about a feed that is still failing, silent or late is repeated so often."""
    max_revisions: Annotated[int, Field(ge=1)] = 24
    """Revisions one article may make; later edits are counted and ignored."""
    parse_timeout_s: Seconds = 20.0
    """Time for parsing one feed in a worker process, by the clock and in CPU time."""
    parse_workers: Annotated[int, Field(ge=1, le=32)] = 2
    """Worker processes that parse; a second is started only when the first is busy."""
