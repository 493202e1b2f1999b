"""The stored body of a message, parsed: the only place that parses one, and each at most once.

In: the bytes that were fixed when the message was made. Out: its fields, or the alert or notice in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from sinks.message.alert_payload import Payload, PayloadType
from sinks.message.other_payloads import NoticePayload

_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True)
class StoredBody:
    """`body` is what travels; everything else is read from it on demand and kept."""

    body: bytes

    @cached_property
    def fields(self) -> dict[str, Any]:
        """The JSON object as it stands."""
        return _decode(self.body)

    @property
    def data(self) -> dict[str, Any]:
        return self.fields.get("data") or {}

    @cached_property
    def alert(self) -> Payload:
        """The body of an alert or escalation; msgspec.ValidationError when it is something else."""
        return msgspec.convert(self.fields, Payload)

    @cached_property
    def notice(self) -> NoticePayload:
        return msgspec.convert(self.fields, NoticePayload)

    @property
    def closes_alert(self) -> bool:
        return self.fields.get("type") == PayloadType.CLOSED.value
