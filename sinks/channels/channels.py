"""The channel of a receiver's kind."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from newsmon.settings import ReceiverSettings
from sinks.channels.apprise_channel import AppriseChannel
from sinks.channels.webhook import Webhook
from sinks.message.signature import Signer
from sinks.policy.attempt import Channel


def open_channel(
    receiver: ReceiverSettings, secrets: tuple[Signer, ...], addresses: tuple[str, ...]
) -> AbstractAsyncContextManager[Channel]:  # fmt: skip
    """A webhook, or a child process that speaks to the receiver's Apprise services; use it as an async context manager."""
    if receiver.kind == "apprise":
        return AppriseChannel(receiver, addresses)
    return Webhook(receiver, secrets)
