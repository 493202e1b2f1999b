"""The list of feeds: a TOML file of `[[feed]]` tables, validated strictly, with all problems reported at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from newsmon.errors import Problem, SettingsError
from newsmon.records import Feed
from newsmon.settings import SLUG
from newsmon.settings.problems import words_of


class FeedRow(BaseModel):
    """One `[[feed]]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=SLUG)]
    url: str
    source: Annotated[str, Field(min_length=1, max_length=200)]
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2,3}$")] | None = None
    tier: Annotated[int, Field(ge=1, le=4)] = 3
    default_zone: str | None = None
    interval_s: Annotated[int, Field(ge=1)] | None = None
    full_text: bool = False
    websub: bool = True
    credentials_file: Annotated[str, Field(min_length=1)] | None = None

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if re.match(r"^https?://[^\s/?#]*@", value):
            raise ValueError("must not contain a user name or password: put them in a file and name that file in credentials_file")
        if not re.match(r"^https?://[^\s/@]+(/\S*)?$", value):
            raise ValueError("must be an http(s) address")
        try:
            _ = urlsplit(value).port
        except ValueError as error:  # a port above 65535, half an IPv6 address
            raise ValueError(f"must be an http(s) address: {error}") from error
        return value

    @field_validator("default_zone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        if value is not None and value not in available_timezones():
            raise ValueError("is not a time zone such as Australia/Sydney")
        return value


def load_feeds(file: Path) -> tuple[Feed, ...]:
    """The feeds in file order; SettingsError lists every problem as `file:feed.N.key`, where N counts from 0."""
    return tuple(feed for feed, _row in _checked(file))


def credential_files(file: Path) -> Iterator[tuple[str, Feed, str]]:
    """`file:feed.N.credentials_file`, the feed and the path as written, for each feed that names one; SettingsError as in `load_feeds`."""
    for number, (feed, row) in enumerate(_checked(file)):
        if row.credentials_file is not None:
            yield f"{file}:feed.{number}.credentials_file", feed, row.credentials_file


def _checked(file: Path) -> list[tuple[Feed, FeedRow]]:
    rows = _rows(file)
    problems: list[Problem] = []
    feeds: list[tuple[Feed, FeedRow]] = []
    seen_ids: dict[str, int] = {}
    seen_urls: dict[str, int] = {}
    for number, row in enumerate(rows):
        where = f"{file}:feed.{number}"
        try:
            parsed = FeedRow.model_validate(row)
        except ValidationError as error:
            problems += [_problem(where, item) for item in error.errors()]
            continue
        for value, seen, key in ((parsed.id, seen_ids, "id"), (same_address(parsed.url), seen_urls, "url")):
            if value in seen:
                problems.append(Problem(f"{where}.{key}", f"{value!r} is already used by feed.{seen[value]}"))
            seen.setdefault(value, number)
        feeds.append((Feed(feed_id=parsed.id, **parsed.model_dump(exclude={"id", "credentials_file"})), parsed))
    if not rows and not problems:
        problems.append(Problem(str(file), "contains no [[feed]]"))
    if problems:
        raise SettingsError(problems)
    return feeds


def same_address(url: str) -> str:
    """The address without scheme, `www.`, case of the host and trailing slash: equal for two spellings of one feed address."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}{query}"


def _problem(where: str, item: ErrorDetails) -> Problem:
    key = ".".join(str(part) for part in item["loc"])
    return Problem(f"{where}.{key}" if key else where, words_of(item, FeedRow, "key"))


def _rows(file: Path) -> list[object]:
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise SettingsError([Problem(str(file), "no such file (producer.feeds_file)")]) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError([Problem(str(file), f"cannot be read: {error}")]) from error
    strangers = [Problem(f"{file}:{key}", "unknown key; feeds are [[feed]] tables") for key in data if key != "feed"]
    if strangers:
        raise SettingsError(strangers)
    rows = data.get("feed", [])
    if not isinstance(rows, list):
        raise SettingsError([Problem(f"{file}:feed", "must be [[feed]] tables")])
    return rows
