"""WebSub: hubs push to us what feeds publish."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from newsmon.settings.base import Port, Seconds, Section


class WebSubSettings(Section):
    """WebSub (W3C): feeds that name a hub are subscribed to, so that their news comes within seconds. Off without `callback_url`."""

    callback_url: str | None = None
    """Public http(s) address under which hubs reach `bind` and `port`; each replica of the producer has its own."""
    bind: str = "127.0.0.1"
    """Address the callback server listens on."""
    port: Port = 9650
    """Port the callback server listens on."""
    secret_file: Path | None = None
    """File with a secret of at least 32 characters, from which each subscription's own is derived."""
    secret_env: str | None = None
    """Environment variable with that secret."""
    lease_s: Annotated[float, Field(ge=300, le=90 * 86_400)] = 10 * 86_400.0
    """Lease to ask for; the hub decides. It is renewed when four fifths of it have passed."""
    safety_poll_s: Seconds = 86_400.0
    """A feed whose hub delivers is still polled this often; one its hub has kept something from is polled as usual."""

    @field_validator("callback_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None and (not value.startswith(("http://", "https://")) or any(sign in value for sign in "?# ")):
            raise ValueError("must be an http(s) address without a query")
        return value.rstrip("/") if value is not None else None

    @model_validator(mode="after")
    def _has_secret(self) -> WebSubSettings:
        if self.callback_url is not None and self.secret_file is None and self.secret_env is None:
            raise ValueError('missing secret: give secret_file = "FILE" or secret_env = "VARIABLE"')
        return self
