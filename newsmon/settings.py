"""Settings: one TOML file plus `NEWSMON_*` environment variables, read once into a frozen, fully checked value.

An unknown key, a wrong type or a missing secret is refused, and all problems are reported at once as `file:key`.
An environment variable spells the key's path with double underscores: `NEWSMON_KAFKA__BOOTSTRAP_SERVERS=a:9092,b:9092`
is `kafka.bootstrap_servers`; its value is TOML where that parses (numbers, booleans, lists), text otherwise.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from newsmon import paths
from newsmon.errors import Problem, SettingsError

ENV_PREFIX = "NEWSMON_"
SLUG = r"^[a-z0-9_-]{1,64}$"
PROCESS_VARIABLES = frozenset({"NEWSMON_CONFIG"})  # read by the command line, not settings

Slug = Annotated[str, Field(pattern=SLUG)]
Seconds = Annotated[float, Field(gt=0)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class KafkaSettings(Section):
    """Which Kafka; without `bootstrap_servers` newsmon starts a real broker of its own on loopback."""

    bootstrap_servers: tuple[str, ...] = ()
    """Addresses `host:port` of a cluster of yours, a list or one string with commas."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How to talk to the brokers."""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    """SASL mechanism, with a SASL protocol."""
    sasl_username: str | None = None
    """SASL user."""
    sasl_password: SecretStr | None = None
    """SASL password; better in the environment or in `sasl_password_file`."""
    sasl_password_file: Path | None = None
    """File with the SASL password."""
    ssl_ca_file: Path | None = None
    """Certificate authorities to trust; the system's if not given."""
    ssl_cert_file: Path | None = None
    """Client certificate."""
    ssl_key_file: Path | None = None
    """Key of the client certificate."""
    topic_prefix: Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]{0,64}$")] = ""
    """Put before every topic name, so that several monitors can share a cluster."""
    group_prefix: Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]{1,64}$")] = "newsmon"
    """First part of every consumer group's name."""
    replication: Annotated[int, Field(ge=1, le=9)] = 1
    """Replicas of each topic newsmon creates; 3 on a real cluster."""
    session_timeout_s: Annotated[float, Field(ge=6, le=300)] = 15.0
    """How long a silent consumer keeps its partitions."""
    heap_mb: Annotated[int, Field(ge=256, le=65536)] = 512
    """Java heap of the broker newsmon starts itself."""

    @field_validator("bootstrap_servers", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _sasl_is_whole(self) -> KafkaSettings:
        if self.security_protocol.startswith("SASL"):
            if self.sasl_mechanism is None or self.sasl_username is None:
                raise ValueError("SASL needs sasl_mechanism and sasl_username")
            if self.sasl_password is None and self.sasl_password_file is None:
                raise ValueError("missing secret: SASL needs sasl_password_file or sasl_password")
        return self


class ProducerSettings(Section):
    """How feeds are polled."""

    feeds_file: Path = Field(default_factory=lambda: paths.seeds() / "feeds.toml")
    """The list of feeds."""
    interval_s: Seconds = 300.0
    """Interval of a feed that says nothing else and has no rhythm yet."""
    min_interval_s: Seconds = 60.0
    """Never poll a feed more often."""
    max_interval_s: Seconds = 86_400.0
    """Never poll a feed more seldom, however often it failed."""
    timeout_s: Seconds = 30.0
    """Total time of one fetch, redirects and body included."""
    connect_timeout_s: Seconds = 10.0
    """Time to connect."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 15_000_000
    """Largest body, after decompression."""
    max_entries: Annotated[int, Field(ge=1)] = 2_000
    """Most entries taken from one poll; those beyond are counted as rejected."""
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 5
    """Most redirects followed."""
    concurrency: Annotated[int, Field(ge=1, le=500)] = 20
    """Fetches at once."""
    host_spacing_s: Annotated[float, Field(ge=0)] = 2.0
    """Least time between two requests to one host."""
    user_agent: str = "newsmon/0.1 (+feed monitor; set producer.user_agent to say who you are)"
    """What servers are told about us; put a contact in it."""
    allow_private: tuple[str, ...] = ()
    """Private address ranges (CIDR) feeds may live in; link-local ones never."""
    max_revisions: Annotated[int, Field(ge=1)] = 24
    """Revisions one article may make; later edits are counted and ignored."""
    parse_timeout_s: Seconds = 20.0
    """Time for parsing one feed in the worker process."""


class ThemeSettings(Section):
    """What to watch for."""

    directory: Path = Field(default_factory=lambda: paths.seeds() / "themes")
    """Folder of theme files."""


class ProcessorSettings(Section):
    """How articles are classified and grouped."""

    runner: Literal["faust", "plain"] = "faust"
    """The stream library, or the plain consumer loop that passes the same tests."""
    batch_size: Annotated[int, Field(ge=1, le=5_000)] = 200
    """Most records handled together."""
    batch_wait_s: Annotated[float, Field(gt=0, le=5)] = 0.05
    """Longest wait for a batch to fill: a delay every alert pays."""
    commit_interval_s: Annotated[float, Field(gt=0, le=60)] = 1.0
    """How often consumed offsets are committed; what is redone after a crash."""
    record_deadline_s: Seconds = 20.0
    """Longest time for one record."""
    stall_exit_s: Seconds = 120.0
    """Work waiting but nothing committed for so long: the worker exits hard and is started again."""


class StorySettings(Section):
    """How matches become stories."""

    idle_close_s: Seconds = 72 * 3600.0
    """A story without a new report for so long is closed."""
    max_stories_per_theme: Annotated[int, Field(ge=10)] = 5_000
    """Open stories kept in memory; the oldest are closed first."""
    max_members_per_theme: Annotated[int, Field(ge=100)] = 10_000
    """Articles of open stories kept in memory."""


class AlertSettings(Section):
    """When a story becomes an alert."""

    max_age_s: Seconds = 48 * 3600.0
    """An article published longer ago opens no alert."""
    update_at_sources: tuple[int, ...] = (3, 5, 10, 20, 40)
    """An alert is updated when its story reaches so many independent sources."""


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


class MonitoringSettings(Section):
    """Where each process serves /metrics, /healthz and /readyz. A port left out: the usual one, or any free one; 0: any free one."""

    bind: str = "127.0.0.1"
    """Address to listen on."""
    run_port: Port | None = None
    """Port of `newsmon run` (usually 9640)."""
    producer_port: Port | None = None
    """Port of the producer (usually 9641)."""
    processor_port: Port | None = None
    """Port of the processor (usually 9642)."""
    store_port: Port | None = None
    """Port of the store (usually 9643)."""
    deliver_port: Port | None = None
    """Port of the delivery stage (usually 9644)."""


class LogSettings(Section):
    """What is logged, to stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level."""
    format: Literal["auto", "json", "console"] = "auto"
    """`auto`: JSON lines unless stderr is a terminal."""


class Settings(Section):
    """Everything the user can set."""

    state_dir: Path = Field(default_factory=paths.default_state_dir)
    """Kafka's log, the SQLite database and the lock of the one that runs."""
    kafka: KafkaSettings = KafkaSettings()
    producer: ProducerSettings = Field(default_factory=ProducerSettings)
    themes: ThemeSettings = Field(default_factory=ThemeSettings)
    processor: ProcessorSettings = ProcessorSettings()
    stories: StorySettings = StorySettings()
    alerts: AlertSettings = AlertSettings()
    database: DatabaseSettings = DatabaseSettings()
    receivers: tuple[ReceiverSettings, ...] = ()
    monitoring: MonitoringSettings = MonitoringSettings()
    log: LogSettings = LogSettings()

    @property
    def starts_own_kafka(self) -> bool:
        return not self.kafka.bootstrap_servers


def load_settings(file: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The checked settings, or `SettingsError` naming every problem as `file:key`.

    Relative paths in the file are relative to the file, not to the working directory.
    """
    environ = os.environ if environ is None else environ
    data, where = _read_file(file)
    from_env = _from_environment(environ)
    _merge(data, from_env)
    try:
        settings = Settings.model_validate(_anchored(data, file))
    except ValidationError as error:
        raise SettingsError(_problems(error, where, from_env)) from error
    _check_whole(settings, where)
    return settings


def _read_file(file: Path | None) -> tuple[dict[str, Any], str]:
    if file is None:
        return {}, "settings"
    try:
        return tomllib.loads(file.read_text("utf-8")), str(file)
    except FileNotFoundError as error:
        raise SettingsError([Problem(str(file), "no such file")]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([Problem(str(file), f"cannot be read: {error}")]) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([Problem(str(file), f"not valid TOML: {error}")]) from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name in sorted(environ):
        if not name.startswith(ENV_PREFIX) or name in PROCESS_VARIABLES:
            continue
        keys = name.removeprefix(ENV_PREFIX).lower().split("__")
        node = tree
        for key in keys[:-1]:
            child = node.setdefault(key, {})
            if not isinstance(child, dict):
                raise SettingsError([Problem(f"environment:{name}", "contradicts another NEWSMON_ variable")])
            node = child
        node[keys[-1]] = _toml_value(environ[name])
    return tree


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


_PATH_KEYS = frozenset(
    {"state_dir", "feeds_file", "directory", "sasl_password_file", "ssl_ca_file", "ssl_cert_file", "ssl_key_file", "url_file"}
)


def _anchored(data: dict[str, Any], file: Path | None) -> dict[str, Any]:
    base = file.resolve().parent if file else Path.cwd()

    def anchor(node: Any, key: str = "") -> Any:
        if isinstance(node, dict):
            return {name: anchor(child, name) for name, child in node.items()}
        if isinstance(node, list):
            return [anchor(child, key) for child in node]
        if isinstance(node, str) and (key in _PATH_KEYS or key == "secret_files"):
            return str(base / Path(node).expanduser())
        return node

    anchored: dict[str, Any] = anchor(data)
    return anchored


def _problems(error: ValidationError, where: str, from_env: Mapping[str, Any]) -> list[Problem]:
    found = []
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"]) or "(whole file)"
        if _has_key(from_env, item["loc"]):
            key = ENV_PREFIX + key.upper().replace(".", "__")
            source = "environment"
        else:
            source = where
        message = "unknown setting" if item["type"] == "extra_forbidden" else item["msg"].removeprefix("Value error, ")
        found.append(Problem(f"{source}:{key}", message))
    return found


def _has_key(tree: Any, loc: tuple[Any, ...]) -> bool:
    for part in loc:
        if not isinstance(tree, Mapping) or part not in tree:
            return False
        tree = tree[part]
    return bool(loc)


def _check_whole(settings: Settings, where: str) -> None:
    problems = []
    seen: set[str] = set()
    for index, receiver in enumerate(settings.receivers):
        if receiver.id in seen:
            problems.append(Problem(f"{where}:receivers.{index}.id", f"two receivers are called {receiver.id!r}"))
        seen.add(receiver.id)
    producer = settings.producer
    if not producer.min_interval_s <= producer.interval_s <= producer.max_interval_s:
        problems.append(Problem(f"{where}:producer.interval_s", "must lie between min_interval_s and max_interval_s"))
    if problems:
        raise SettingsError(problems)
