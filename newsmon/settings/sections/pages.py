"""[pages]: reading of article pages."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from newsmon.settings.sections.base import Seconds, Section


class PageSettings(Section):
    """Reading of article pages, for feeds with `full_text = true`. The full text arrives as a new revision of the article. Change
    this if pages are large, slow, or on a server that wants fewer requests."""

    below_chars: Annotated[int, Field(ge=1, le=20_000)] = 2_000
    """Read the page only if the feed gives fewer characters than this."""
    max_age_s: Seconds = 86_400.0
    """Read no pages of articles older than this."""
    max_waiting: Annotated[int, Field(ge=1, le=100)] = 20
    """Most articles of one feed that wait for their page. Any further ones are counted as over_limit."""
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    """Most attempts at one page. Errors such as 404 or a robots.txt rule are final."""
    retry_s: Seconds = 600.0
    """Wait after the first failed attempt. Each further wait is three times as long."""
    host_spacing_s: Annotated[float, Field(ge=0)] = 5.0
    """Shortest pause between two requests to one host. A longer Crawl-delay, up to a minute, takes precedence."""
    concurrency: Annotated[int, Field(ge=1, le=50)] = 4
    """Most pages read at once."""
    timeout_s: Seconds = 20.0
    """Longest time for one page, including redirects and body."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 5_000_000
    """Largest page, after decompression."""
    extract_timeout_s: Seconds = 10.0
    """Most processor time for extracting the text from one page."""
