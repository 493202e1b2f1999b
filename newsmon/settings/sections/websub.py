"""[websub]: news pushed by hubs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from newsmon.settings.sections.base import Port, Seconds, Section


class WebSubSettings(Section):
    """WebSub (W3C): subscribe to feeds that name a hub, so that their news arrives within seconds. Needs a public address that hubs can
    reach; off without `callback_url`."""

    callback_url: str | None = None
    """Public http(s) address where hubs reach this producer's `bind` and `port`. Each replica needs its own."""
    bind: str = "127.0.0.1"
    """Address to listen on."""
    port: Port = 9650
    """Port to listen on."""
    secret_file: Path | None = None
    """File with a secret of at least 32 characters. The secret of each subscription is derived from it."""
    secret_env: str | None = None
    """Environment variable with the secret."""
    lease_s: Annotated[float, Field(ge=300, le=90 * 86_400)] = 10 * 86_400.0
    """Lease to request; the hub decides. It is renewed after four fifths of its time."""
    safety_poll_s: Seconds = 86_400.0
    """How often to poll a feed whose hub delivers. A feed whose hub has missed an article is polled as usual."""

    @field_validator("callback_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None and (not value.startswith(("http://", "https://")) or any(sign in value for sign in "?# ")):
            raise ValueError("must be an http(s) address without a query")
        return value.rstrip("/") if value is not None else None

    @model_validator(mode="after")
    def _has_secret(self) -> WebSubSettings:
        if self.callback_url is not None and self.secret_file is None and self.secret_env is None:
            raise ValueError('missing secret: set secret_file = "FILE" or secret_env = "VARIABLE"')
        return self
