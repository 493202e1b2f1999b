"""The secrets that feeds ask for, from files: a user name and password, or headers of their own.

In: the feeds file. Out: Credentials by feed id. They are no part of a Feed, and so of no record, list, log line or error.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from newsmon.errors import Problem, SettingsError
from newsmon.settings.feeds import feed_rows

MAX_FILE_BYTES = 16_384
HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)")
OURS = frozenset({"host", "content-length", "connection", "transfer-encoding", "accept-encoding", "if-none-match", "if-modified-since"})
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Credentials:
    """One feed's secret headers, and the address they are for."""

    url: str
    headers: Mapping[str, str] = field(repr=False)

    def headers_for(self, url: str) -> Mapping[str, str]:
        """The headers if the address is at the feed's own host; none for any other, wherever a redirect leads.

        The same host by https instead of http is the same; another port, or http instead of https, is not.
        """
        own, asked = urlsplit(self.url), urlsplit(url)
        origins = [(one.scheme, one.hostname, one.port or _PORTS.get(one.scheme)) for one in (own, asked)]
        is_upgrade = origins == [("http", own.hostname, 80), ("https", own.hostname, 443)]
        return self.headers if origins[0] == origins[1] or is_upgrade else {}


def load_credentials(file: Path) -> dict[str, Credentials]:
    """The credentials of the feeds that have some; SettingsError lists every problem and shows no secret. The feeds must be valid."""
    found: dict[str, Credentials] = {}
    problems: list[Problem] = []
    for number, row in enumerate(feed_rows(file)):
        headers: dict[str, str] = {}
        for key, named, read in (("auth_file", row.auth_file, _basic), ("headers_file", row.headers_file, _headers)):
            if named is None:
                continue
            path = file.resolve().parent / named.expanduser()
            try:
                headers |= read(_lines(path))
            except (OSError, ValueError) as error:
                why = error.strerror if isinstance(error, OSError) else "is not text" if isinstance(error, UnicodeDecodeError) else error
                problems.append(Problem(f"{file}:feed.{number}.{key}", f"{path}: {why}"))
        if headers:
            found[row.id] = Credentials(row.url, headers)
    if problems:
        raise SettingsError(problems)
    return found


def _lines(path: Path) -> list[str]:
    with path.open("rb") as opened:
        text = opened.read(MAX_FILE_BYTES).decode("utf-8")
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def _basic(lines: Sequence[str]) -> dict[str, str]:
    if len(lines) != 1 or ":" not in lines[0]:
        msg = "must hold one line, user:password"
        raise ValueError(msg)
    return {"Authorization": f"Basic {base64.b64encode(lines[0].encode()).decode()}"}


def _headers(lines: Sequence[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        match = HEADER.fullmatch(line)
        if match is None:
            msg = f"header {number} is not of the form Name: value"
            raise ValueError(msg)
        if match[1].lower() in OURS:
            msg = f"header {number}: {match[1]} is newsmon's own to set"
            raise ValueError(msg)
        headers[match[1]] = match[2]
    if not headers:
        msg = "must hold one header a line, Name: value"
        raise ValueError(msg)
    return headers
