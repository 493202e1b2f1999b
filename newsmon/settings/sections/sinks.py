"""[database], [feeds_out], [ack] and [[receivers]]: where everything is stored and who gets the alerts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, field_validator, model_validator

from newsmon.settings.sections.base import Port, Section, Slug
from newsmon.settings.sections.routing import RoutingSettings

# Long enough that a story which moves all morning makes a handful of messages, short enough that each update is still news.
PEOPLE_WAIT_S = 3_600.0


class DatabaseSettings(Section):
    """The database. Set `url` to use PostgreSQL instead of the SQLite file in the state directory."""

    url: str | None = None
    """SQLAlchemy address, for example `postgresql+psycopg://user@host/newsmon`. Default: SQLite in the state directory."""
    url_file: Path | None = None
    """File with the address. Use this if the address contains a password."""
    batch_size: Annotated[int, Field(ge=1, le=10_000)] = 500
    """Most records in one transaction."""
    batch_wait_s: Annotated[float, Field(gt=0, le=10)] = 0.2
    """Longest wait for a transaction to fill up."""
    hold_older_than_s: Annotated[float, Field(ge=0, le=30 * 86_400)] = 4 * 3600.0
    """After the database was lost or restored to an older state: hold alerts and notices older than this if nothing on
    `news.deliveries` says whether they were sent. `newsmon deliveries release` sends them."""


class FeedsOutSettings(Section):
    """Alerts as RSS, Atom and JSON Feed, for each theme and for all, served by the store. Set `port` to turn this on; anyone who reaches
    the port can read the feeds."""

    bind: str = "127.0.0.1"
    """Address to listen on."""
    port: Port | None = None
    """Port, for example 9645. 0: any free port. Unset: off."""
    public_url: str | None = None
    """Public address, if readers use a different one, as behind a proxy: `https://news.example`."""
    entries: Annotated[int, Field(ge=1, le=1_000)] = 100
    """Number of newest alerts in a feed."""


class AckSettings(Section):
    """A link in each alert message that opens a page with an acknowledge button, served by deliver. To turn this on, set `public_url`,
    `port` and a secret."""

    public_url: Annotated[str, Field(max_length=500)] | None = None
    """Address of the links, as people reach it: `https://news.example`. Unset: no links."""
    bind: str = "127.0.0.1"
    """Address to listen on."""
    port: Port | None = None
    """Port, for example 9646. 0: any free port. Required with `public_url`."""
    secret_files: tuple[Path, ...] = ()
    """Files with one `whsec_` secret each, newest first. The newest signs new links; links signed with any of them are valid."""
    secret_env: str | None = None
    """Environment variable with one or more secrets, separated by spaces."""
    valid_days: Annotated[float, Field(gt=0, le=365)] = 7.0
    """How long a link is valid."""

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
    """One receiver of alerts: a webhook, or chat, mail and pager services through Apprise. Add one table per receiver; without any,
    alerts are stored but not sent."""

    id: Slug
    """Name of the receiver in logs, metrics and commands."""
    kind: Literal["webhook", "apprise"] = "webhook"
    """`webhook`: signed POSTs to `url`. `apprise`: messages to the services in `url_files` and `url_env`."""
    url: str | None = None
    """Address of the webhook."""
    format: Literal["standard", "cloudevents", "alertmanager"] = "standard"
    """Webhook body: newsmon's own, the same in a structured CloudEvent 1.0, or that of Alertmanager webhooks (version 4)."""
    url_files: tuple[Path, ...] = ()
    """Files with one Apprise address each, such as `slack://...` or `mailto://...`. PagerDuty incidents resolve with `notify_closed`."""
    url_env: str | None = None
    """Environment variable with one or more Apprise addresses, separated by spaces."""
    secret_files: tuple[Path, ...] = ()
    """Files with one signing secret each, newest first; all of them sign. `whsec_...`: HMAC (v1). `whsk_...`: Ed25519 (v1a)."""
    secret_env: str | None = None
    """Environment variable with one or more secrets, separated by spaces."""
    old_secrets_expire_at: AwareDatetime | None = None
    """When to stop signing with all but the newest secret of each kind. Unset: never."""
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 15.0
    """Longest time for one attempt; for one message if an alert takes several."""
    concurrency: Annotated[int, Field(ge=1, le=100)] = 4
    """Most attempts at once. Apprise messages are sent one at a time."""
    disable_after_days: Annotated[float, Field(ge=1, le=365)] = 5.0
    """Disable the receiver after this many days of failed attempts."""
    allow_private: tuple[str, ...] = ()
    """Private address ranges (CIDR) where this receiver is allowed. Link-local addresses never are."""

    @property
    def updates_wait_s(self) -> float:
        """`group_interval_s`, or the default of the receiver's kind: people read an inbox, programs read every message."""
        if self.group_interval_s is not None:
            return self.group_interval_s
        return PEOPLE_WAIT_S if self.kind == "apprise" else 0.0

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
                raise ValueError('missing address: set url = "https://..."')
            if not self.secret_files and self.secret_env is None:
                raise ValueError('missing secret: set secret_files = ["FILE"] or secret_env = "VARIABLE"')
            if self.url_files or self.url_env is not None:
                raise ValueError('url_files and url_env are for kind = "apprise"')
        else:
            if not self.url_files and self.url_env is None:
                raise ValueError('missing addresses: set url_files = ["FILE"] or url_env = "VARIABLE"')
            if self.url is not None:
                raise ValueError("an Apprise address is a secret: put it in url_files or url_env, not in url")
            if self.format != "standard" or self.secret_files or self.secret_env is not None:
                raise ValueError('format and secrets are for kind = "webhook"')
        return self
