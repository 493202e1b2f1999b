"""Adds feeds to a feeds file: checks them like the file itself, keeps its comments, and names duplicates.

I/O: the file, which is replaced as a whole or not at all.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from newsmon.records import Feed
from newsmon.settings.feeds import FeedRow, load_feeds, same_address
from producers.formats.opml import Outline, slug_of, table_of

# A list from elsewhere must not name a local file: its content would be sent to that feed's server.
NEVER_IMPORTED = frozenset({"id", "url", "credentials_file"})
SECRET_PART = re.compile(r"(?<=://)[^/?#]*@")


class Added(StrEnum):
    """The result for one feed of a list."""

    ADDED = "added"
    DUPLICATE = "duplicate"  # its address is in the file, or earlier in the list
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Import:
    """One feed of the list; a user name and password in `url` are masked.

    `detail` is its new id, the id of the feed with the same address, or the mistake."""

    url: str
    result: Added
    detail: str
    table: str = ""


def merged(outlines: Iterable[Outline], present: Iterable[Feed]) -> tuple[Import, ...]:
    """The import of each feed of the list into a file that has `present`, in the list's order."""
    ids = {feed.feed_id for feed in present}
    addresses = {same_address(feed.url): feed.feed_id for feed in present}
    found = []
    for outline in outlines:
        one = _imported(outline, ids, addresses)
        if one.result is Added.ADDED:
            ids.add(one.detail)
            addresses[same_address(one.url)] = one.detail
        found.append(one)
    return tuple(found)


def _imported(outline: Outline, ids: set[str], addresses: dict[str, str]) -> Import:
    url = _web(outline.url)
    try:
        owner = addresses.get(same_address(url))
    except ValueError as error:
        return Import(_masked(url), Added.INVALID, str(error))
    if owner is not None:
        return Import(url, Added.DUPLICATE, owner)
    wanted = outline.extra.get("id", "")
    row: dict[str, Any] = {"id": slug_of(wanted or outline.title, url, ids), "url": url, "source": outline.title or _host(url)}
    row |= {key: value for key, value in outline.extra.items() if key in FeedRow.model_fields and key not in NEVER_IMPORTED}
    language = outline.language.partition("-")[0]
    if language:
        row.setdefault("language", language)
    try:
        checked = FeedRow.model_validate(row)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg'].removeprefix('Value error, ')}" for item in error.errors())
        return Import(_masked(url), Added.INVALID, wrong)
    values = checked.model_dump(exclude_defaults=True)
    return Import(url, Added.ADDED, checked.id, table_of(values))


def append_to(file: Path, imports: Iterable[Import]) -> None:
    """Append the tables to the file. The new file is loaded before it replaces the old one: SettingsError when it is invalid."""
    text = file.read_text("utf-8") if file.exists() else "# Feeds; see `newsmon feeds import`.\n"
    text = text.rstrip("\n") + "\n" + "".join(one.table for one in imports if one.result is Added.ADDED)
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".toml", dir=file.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        load_feeds(draft)
        draft.chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _web(url: str) -> str:
    """The address with http(s), where the list has the scheme `feed:`."""
    for prefix in ("feed://", "feed:"):
        if url.startswith(prefix):
            rest = url.removeprefix(prefix)
            return rest if rest.startswith(("http://", "https://")) else f"https://{rest.lstrip('/')}"
    return url


def _masked(url: str) -> str:
    return SECRET_PART.sub("***@", url)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].removeprefix("www.")[:200] or "unknown"
