"""`newsmon feeds discover`: the feeds and news sitemaps behind a web page."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import click

from newsmon.app.cli import EXIT_NO
from newsmon.app.cli.options import config_option, settings_from
from producers.lists.discover import discover


@click.command(name="discover", short_help="Find the feeds and news sitemaps of a web page.")
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines instead of the table.")
@click.argument("url")
def discover_command(config_file: Path | None, as_json: bool, url: str) -> None:
    """Find the feeds and news sitemaps of the page at URL. Tries what the page links to, then the usual paths, and parses each.

    Exit code 1 if it finds none.
    """
    settings = settings_from(config_file)
    result = asyncio.run(discover(url if "://" in url else f"https://{url}", settings.producer))
    for one in result.found:
        newest = one.newest_at.isoformat(timespec="minutes") if one.newest_at else None
        if as_json:
            click.echo(
                json.dumps({"url": one.url, "kind": one.kind, "entry_count": one.entry_count, "newest_at": newest, "example": one.example},
                           ensure_ascii=False)
            )  # fmt: skip
        else:
            click.echo(f"{one.kind:<8} {one.entry_count:>5} entries  newest {newest or 'unknown':<22}  {one.url}")
    if not as_json:
        for address, why in result.tried:
            click.echo(f"no feed: {address} ({why})", err=True)
        if result.left_out_count:
            click.echo(f"{result.left_out_count} further links were not tried", err=True)
    sys.exit(0 if result.found else EXIT_NO)
