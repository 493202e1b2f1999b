"""Where everything is stored, and who is told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, field_validator, model_validator

from newsmon.settings.base import Port, Section, Slug
from newsmon.settings.routing import RoutingSettings


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


class FeedsOutSettings(Section):
    """Alerts as RSS, Atom and JSON Feed, per theme and all together, served by the store; whoever reaches the port may read them."""

    bind: str = "127.0.0.1"
    """Address to listen on."""
    port: Port | None = None
    """Port, e.g. 9645; 0: any free one; without it no feeds are served."""
    public_url: str | None = None
    """Address readers use, where it is another (behind a proxy), e.g. `https://news.example`."""
    entries: Annotated[int, Field(ge=1, le=1_000)] = 100
    """Newest alerts in a feed."""


class AckSettings(Section):
    """A link in each alert's message that says: seen. Served by the delivery stage; it shows a page, and only its button acknowledges."""

    public_url: Annotated[str, Field(max_length=500)] | None = None
    """Address people reach the links under, e.g. `https://news.example`; without it messages have none."""
    bind: str = "127.0.0.1"
    """Address to listen on."""
    port: Port | None = None
    """Port, e.g. 9646; 0: any free one. Set it wherever `public_url` is."""
    secret_files: tuple[Path, ...] = ()
    """Files with one `whsec_` secret each, newest first: that one signs new links, all are honoured."""
    secret_env: str | None = None
    """Environment variable with one or more secrets, separated by spaces."""
    valid_days: Annotated[float, Field(gt=0, le=365)] = 7.0
    """How long a link holds."""

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"^https?://[^/@\s?#]+(/[^\s?#]*)?$", value):
            raise ValueError("must be an http(s) address without user name, password, query or fragment")
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> AckSettings:
        given = (self.public_url is not None, self.port is not None, bool(self.secret_files) or self.secret_env is not None)
        if any(given) and not all(given):
            raise ValueError('links need all of public_url = "https://...", port, and secret_files = ["FILE"] or secret_env = "VARIABLE"')
        return self


class ReceiverSettings(RoutingSettings):
    """One receiver: a webhook, or services behind Apprise. All its secrets sign, the newest first, so that they can be rotated."""

    id: Slug
    """Name in logs, metrics and commands."""
    kind: Literal["webhook", "apprise"] = "webhook"
    """`webhook`: signed POSTs to `url`. `apprise`: messages to the services in `url_files` and `url_env`."""
    url: str | None = None
    """Where a webhook's alerts are posted."""
    format: Literal["standard", "cloudevents", "alertmanager"] = "standard"
    """Body of a webhook: ours, the same inside a structured CloudEvent 1.0, or what Alertmanager (version 4) posts."""
    url_files: tuple[Path, ...] = ()
    """Files with one Apprise address each, `slack://...` or `mailto://...`: secrets. PagerDuty resolves if `notify_closed`."""
    url_env: str | None = None
    """Environment variable with one or more Apprise addresses, separated by spaces."""
    secret_files: tuple[Path, ...] = ()
    """Files with one secret each, newest first: `whsec_...` is HMAC (v1), `whsk_...` by Ed25519 (v1a, `newsmon receivers new-key`)."""
    secret_env: str | None = None
    """Environment variable with one or more secrets, separated by spaces."""
    old_secrets_expire_at: AwareDatetime | None = None
    """From then on only the newest secret of each kind signs; without it all of them do for ever."""
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 15.0
    """Total time of one attempt; of one message, where an alert becomes several."""
    concurrency: Annotated[int, Field(ge=1, le=100)] = 4
    """Attempts at once; messages through Apprise go one after the other."""
    disable_after_days: Annotated[float, Field(ge=1, le=365)] = 5.0
    """A receiver that has accepted nothing for so long, though tried, is disabled."""
    allow_private: tuple[str, ...] = ()
    """Private address ranges (CIDR) this receiver may live in; link-local ones never."""

    @field_validator("url")
    @classmethod
    def _http_only(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"^https?://[^/@\s]+(/\S*)?$", value):
            raise ValueError("must be an http(s) address without user name or password in it")
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> ReceiverSettings:
        if self.kind == "webhook":
            if self.url is None:
                raise ValueError('missing address: give url = "https://..."')
            if not self.secret_files and self.secret_env is None:
                raise ValueError('missing secret: give secret_files = ["FILE"] or secret_env = "VARIABLE"')
            if self.url_files or self.url_env is not None:
                raise ValueError('url_files and url_env are for kind = "apprise"')
        else:
            if not self.url_files and self.url_env is None:
                raise ValueError('missing addresses: give url_files = ["FILE"] or url_env = "VARIABLE"')
            if self.url is not None:
                raise ValueError("the address of an Apprise service is a secret: give it in url_files or url_env, not in url")
            if self.format != "standard" or self.secret_files or self.secret_env is not None:
                raise ValueError('format and secrets are for kind = "webhook"')
        return self
