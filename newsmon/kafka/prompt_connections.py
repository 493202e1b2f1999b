"""Bounds how long both client libraries wait for a connection, so that they notice soon when a broker is back.

While a broker stands still its kernel takes connections, until too many wait, and then leaves further ones unanswered; the sender asks
again after 1, 2, 4, 8 ... s. A client that waits for such a connection finds the broker up to half a minute after its return, one that
begins anew finds it at once. kafka-python hides the setting, aiokafka has none and uses its request time-out, a minute and more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")

CONNECT_WITHIN_S = 5.0  # with TLS, SASL and the first question about versions


def prompt_client(**config: Any) -> Any:
    """The network client of a kafka-python client: pass it as `kafka_client`."""
    from kafka.net.compat import KafkaNetClient

    limit_ms = int(CONNECT_WITHIN_S * 1000)
    return KafkaNetClient(**config | {"socket_connection_setup_timeout_ms": limit_ms, "socket_connection_setup_timeout_max_ms": limit_ms})


def constructed(kind: Callable[..., T], config: Mapping[str, Any]) -> T:
    """A kafka-python client. A constructor that fails leaves nothing behind.

    kafka-python's own leaves a thread that goes on connecting: minutes without a broker would cost hundreds of sockets.
    """
    made: list[Any] = []

    def remembered(**options: Any) -> Any:
        made.append(config["kafka_client"](**options))
        return made[-1]

    try:
        return kind(**{**config, "kafka_client": remembered})
    except BaseException:
        for client in made:
            client.close()
            client._net.stop()  # noqa: SLF001 - as KafkaAdminClient.close does
        raise


def make_aiokafka_prompt() -> None:
    """Bound the connections of every aiokafka client of this process, Faust's too."""
    import aiokafka.client
    from aiokafka.conn import create_conn

    async def create_promptly(*where: Any, **config: Any) -> Any:
        return await asyncio.wait_for(create_conn(*where, **config), CONNECT_WITHIN_S)  # its callers expect a TimeoutError

    aiokafka.client.create_conn = create_promptly
