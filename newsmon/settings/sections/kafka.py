"""[kafka]: the cluster, or the local broker."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from newsmon.settings.sections.base import Section


class KafkaSettings(Section):
    """The Kafka cluster. Without `bootstrap_servers`, `newsmon run` starts its own broker on this machine; set this section to use
    yours."""

    bootstrap_servers: tuple[str, ...] = ()
    """Addresses (`host:port`) of your cluster: a list, or one string with commas."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """Protocol of the brokers."""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    """SASL mechanism; required with a SASL protocol."""
    sasl_username: str | None = None
    """SASL user name."""
    sasl_password: SecretStr | None = None
    """SASL password. Prefer the environment or `sasl_password_file`."""
    sasl_password_file: Path | None = None
    """File with the SASL password."""
    ssl_ca_file: Path | None = None
    """File with the certificate authorities to trust. Default: those of the system."""
    ssl_cert_file: Path | None = None
    """File with the client certificate."""
    ssl_key_file: Path | None = None
    """File with the key of the client certificate."""
    topic_prefix: Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]{0,64}$")] = ""
    """Prefix of every topic name, so that several monitors can share a cluster."""
    group_prefix: Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]{1,64}$")] = "newsmon"
    """Prefix of every consumer group name."""
    replication: Annotated[int, Field(ge=1, le=9)] = 1
    """Number of replicas of each topic that newsmon creates. Use 3 on a production cluster."""
    session_timeout_s: Annotated[float, Field(ge=6, le=300)] = 15.0
    """How long a consumer that stops responding keeps its partitions."""
    heap_mb: Annotated[int, Field(ge=256, le=65536)] = 512
    """Largest Java heap of newsmon's own broker, in MiB. It starts with 32 and grows with the load."""

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
