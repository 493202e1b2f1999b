"""A record on news.quarantine: the untouched bytes, with who, when, what and where in the headers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from newsmon.errors import RecordError
from newsmon.kafka.limits import MAX_RECORD_BYTES

MAX_ERROR_CHARS = 2_000
# Kept of a record that is too large to be quarantined whole. What others write may be far larger than what we may send: a client
# measures records before it compresses them.
KEPT_OF_TOO_LARGE_BYTES = MAX_RECORD_BYTES // 16


class Stage(StrEnum):
    """The stage that read a record; also the `stage` label of metrics and logs."""

    PRODUCER = "producer"
    CLASSIFY = "classify"
    GROUP = "group"
    STORE = "store"
    DELIVER = "deliver"


class QuarantineReason(StrEnum):
    """The reason a record is in quarantine: one of `errors.RecordFault`, or a fault in our own code."""

    EMPTY = "empty"
    NOT_JSON = "not_json"
    NO_RECORD_TAG = "no_record_tag"
    OTHER_RECORD = "other_record"
    UNKNOWN_VERSION = "unknown_version"
    WRONG_SHAPE = "wrong_shape"
    HANDLER_FAILED = "handler_failed"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One record in quarantine; `value` is exactly what was read (None for a tombstone)."""

    stage: Stage
    reason: QuarantineReason
    topic: str
    partition: int
    offset: int
    error: str
    at: datetime
    worker: str
    key: bytes | None
    value: bytes | None

    def headers(self) -> list[tuple[str, bytes]]:
        """Kafka headers in a fixed order; text is UTF-8, the time RFC 3339 in UTC."""
        fields = {
            "newsmon-stage": self.stage.value,
            "newsmon-reason": self.reason.value,
            "newsmon-topic": self.topic,
            "newsmon-partition": str(self.partition),
            "newsmon-offset": str(self.offset),
            "newsmon-error": self.error[:MAX_ERROR_CHARS],
            "newsmon-at": self.at.astimezone(UTC).isoformat(),
            "newsmon-worker": self.worker,
        }
        return [(name, value.encode("utf-8", "replace")) for name, value in fields.items()]

    @property
    def sent_key(self) -> bytes | None:
        """The key on the quarantine topic. Clients refuse a record with neither key nor value, though others may have written just that:
        an empty key replaces the missing one."""
        return b"" if self.key is None and self.value is None else self.key

    def cut(self) -> Quarantined:
        """The record with only its first bytes and a note that says so: one that is too large for Kafka must not stop the flow."""
        value = self.value or b""
        error = f"only the first {KEPT_OF_TOO_LARGE_BYTES} of {len(value)} bytes kept: too large to quarantine whole; {self.error}"
        return replace(self, error=error, key=None, value=value[:KEPT_OF_TOO_LARGE_BYTES])


def reason_of(error: BaseException) -> QuarantineReason:
    """The fault of the record where there is one, otherwise of the handler."""
    return QuarantineReason(error.reason.value) if isinstance(error, RecordError) else QuarantineReason.HANDLER_FAILED
