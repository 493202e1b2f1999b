"""How article pages are read, for feeds with `full_text = true`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from newsmon.settings.base import Seconds, Section


class PageSettings(Section):
    """How the pages of articles are read, for feeds with `full_text = true`; what is read arrives as a revision of the article."""

    below_chars: Annotated[int, Field(ge=1, le=20_000)] = 2_000
    """A page is read only when the feed gave less text than this."""
    max_age_s: Seconds = 86_400.0
    """Pages of articles published longer ago are not read."""
    max_waiting: Annotated[int, Field(ge=1, le=100)] = 20
    """Most articles of one feed that wait for their page; those beyond are counted as over_limit."""
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    """Most attempts at one page; robots.txt, 404 and the like end it at once."""
    retry_s: Seconds = 600.0
    """Wait after a first failed attempt; three times as long after each further one."""
    host_spacing_s: Annotated[float, Field(ge=0)] = 5.0
    """Least time between two requests to one host; a longer Crawl-delay (up to a minute) counts."""
    concurrency: Annotated[int, Field(ge=1, le=50)] = 4
    """Pages read at once."""
    timeout_s: Seconds = 20.0
    """Total time of one page, redirects and body included."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 5_000_000
    """Largest page, after decompression."""
    extract_timeout_s: Seconds = 10.0
    """Time for finding the text in one page, in a worker process of its own."""
