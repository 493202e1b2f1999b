"""The user name and password, or the headers, that a feed requires. Each such feed has a file for them.

In: the feeds file. Out: `FeedCredentials` by feed id. I/O: the credentials files. Nothing here shows a secret: not in errors, not in repr.
"""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from newsmon.errors import Problem, SettingsError
from newsmon.settings.feeds import credential_files
from newsmon.settings.problems import words_of

NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")  # a token, RFC 9110 section 5.6.2
VALUE = re.compile(r"[\x20-\x7e\xa0-\xff]+\Z")
OURS = frozenset({  # the client sets these itself, or they would ask for less than the whole feed
    "accept-encoding", "connection", "content-length", "host", "if-modified-since", "if-none-match", "range", "te", "transfer-encoding",
    "upgrade",
})  # fmt: skip
DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_FILE_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class FeedCredentials:
    """Headers for one origin (RFC 6454: scheme, host and port); no other origin ever gets them.

    The one exception is the same host with TLS: a server that redirects `http:` to `https:` gets them, both on the default port.
    """

    origin: tuple[str, str, int]
    headers: Mapping[str, str] = field(repr=False)

    def headers_for(self, url: str) -> Mapping[str, str]:
        """The headers to send to the address: none if it is on another origin, for example after a redirect."""
        return self.headers if origin_of(url) in (self.origin, _with_tls(self.origin)) else {}


class CredentialsFile(BaseModel):
    """One credentials file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    username: str | None = Field(default=None, min_length=1, repr=False)
    password: str | None = Field(default=None, repr=False)
    headers: dict[str, str] = Field(default_factory=dict, repr=False)

    @model_validator(mode="after")
    def _whole(self) -> CredentialsFile:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together")
        if self.username is not None and ":" in self.username:
            raise ValueError("username must not contain a colon")
        if self.username is None and not self.headers:
            raise ValueError("needs username and password, or headers")
        for name, value in self.headers.items():
            if not NAME.match(name) or name.lower() in OURS:
                raise ValueError(f"headers.{name[:40]!r}: newsmon cannot send a header with this name")
            if not VALUE.match(value):
                raise ValueError(f"headers.{name}: the value is empty or contains a line break or another invalid character")
        if self.username is not None and any(name.lower() == "authorization" for name in self.headers):
            raise ValueError("headers.Authorization contradicts username and password: give only one of them")
        return self

    def all_headers(self) -> dict[str, str]:
        """The headers as sent. Basic authentication is RFC 7617, in UTF-8."""
        if self.username is None:
            return dict(self.headers)
        token = base64.b64encode(f"{self.username}:{self.password}".encode()).decode("ascii")
        return {**self.headers, "Authorization": f"Basic {token}"}


def _with_tls(origin: tuple[str, str, int]) -> tuple[str, str, int]:
    scheme, host, port = origin
    return ("https", host, DEFAULT_PORTS["https"]) if (scheme, port) == ("http", DEFAULT_PORTS["http"]) else origin


def origin_of(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port or DEFAULT_PORTS.get(parts.scheme.lower(), 0)


def load_credentials(feeds_file: Path) -> dict[str, FeedCredentials]:
    """The credentials of the feeds that have some, by feed id; SettingsError lists every problem as `file:feed.N.credentials_file`.

    A relative path is relative to the feeds file.
    """
    loaded: dict[str, FeedCredentials] = {}
    problems: list[Problem] = []
    for where, feed, name in credential_files(feeds_file):
        path = feeds_file.parent / name
        try:
            loaded[feed.feed_id] = FeedCredentials(origin_of(feed.url), _read(path).all_headers())
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(where, f"{path}: {getattr(error, 'strerror', None) or 'not text'}"))
        except tomllib.TOMLDecodeError:  # its message may quote the line
            problems.append(Problem(where, f"{path}: is not valid TOML; text must be in quotes"))
        except ValidationError as error:
            problems += [Problem(where, f"{path}: {_words(item)}") for item in error.errors()]
    if problems:
        raise SettingsError(problems)
    return loaded


def _read(path: Path) -> CredentialsFile:
    with path.open("rb") as file:
        return CredentialsFile.model_validate(tomllib.loads(file.read(MAX_FILE_BYTES).decode("utf-8")))


def _words(item: object) -> str:
    found = words_of(item, CredentialsFile, "key")  # type: ignore[arg-type]
    key = ".".join(str(part) for part in item["loc"])  # type: ignore[index]
    return f"{key} {found}" if key else found
