"""The interface of a channel, and the channel for each kind of receiver."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from newsmon.settings import ReceiverSettings
from sinks.channels.apprise_channel import AppriseChannel
from sinks.channels.webhook import Webhook
from sinks.message.signature import Signer
from sinks.policy.attempt import Outcome


class Channel(Protocol):
    """The way to one receiver."""

    @property
    def concurrency(self) -> int:
        """Attempts that may run at once."""

    @property
    def attempt_s(self) -> float:
        """The longest one attempt may take."""

    async def post(self, *, webhook_id: str, body: bytes) -> Outcome:
        """Send the body (JSON, see `sinks.message.alert_payload`) to the receiver once. Raises nothing but cancellation."""


def open_channel(
    receiver: ReceiverSettings, secrets: tuple[Signer, ...], addresses: tuple[str, ...]
) -> AbstractAsyncContextManager[Channel]:  # fmt: skip
    """A webhook, or a child process for the receiver's Apprise services; use it as an async context manager."""
    if receiver.kind == "apprise":
        return AppriseChannel(receiver, addresses)
    return Webhook(receiver, secrets)
