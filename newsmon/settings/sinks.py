"""Where everything is stored, and who is told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from newsmon.settings.base import Section, Slug


class DatabaseSettings(Section):
    """Where everything is stored."""

    url: str | None = None
    """SQLAlchemy address, e.g. `postgresql+psycopg://user@host/newsmon`; without it SQLite in the state directory."""
    url_file: Path | None = None
    """File with the address, when it holds a password."""
    batch_size: Annotated[int, Field(ge=1, le=10_000)] = 500
    """Most records in one transaction."""
    batch_wait_s: Annotated[float, Field(gt=0, le=10)] = 0.2
    """Longest wait for a transaction to fill."""


class ReceiverSettings(Section):
    """One webhook receiver. Secrets are `whsec_` strings; all of them sign, the newest first, so that they can be rotated."""

    id: Slug
    """Name in logs, metrics and commands."""
    url: str
    """Where alerts are posted."""
    secret_files: tuple[Path, ...] = ()
    """Files with one secret each, newest first."""
    secret_env: str | None = None
    """Environment variable with one or more secrets, separated by spaces."""
    themes: tuple[Slug, ...] = ()
    """Only these themes; empty means all."""
    min_severity: Literal["notice", "urgent", "flash"] = "notice"
    """Nothing below this."""
    notify_closed: bool = False
    """Also say when a story has closed."""
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 15.0
    """Total time of one attempt."""
    concurrency: Annotated[int, Field(ge=1, le=100)] = 4
    """Attempts at once."""
    allow_private: tuple[str, ...] = ()
    """Private address ranges (CIDR) this receiver may live in; link-local ones never."""

    @field_validator("url")
    @classmethod
    def _http_only(cls, value: str) -> str:
        if not re.match(r"^https?://[^/@\s]+(/\S*)?$", value):
            raise ValueError("must be an http(s) address without user name or password in it")
        return value

    @model_validator(mode="after")
    def _has_secret(self) -> ReceiverSettings:
        if not self.secret_files and self.secret_env is None:
            raise ValueError('missing secret: give secret_files = ["FILE"] or secret_env = "VARIABLE"')
        return self
