"""A guarded client connects to no private address, however the address is spelt or resolved."""

from __future__ import annotations

import socket

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from newsmon.net import guard as netguard
from newsmon.net.guard import RefusedAddress, guarded_connector


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "0x7f000001",
        "0x7f.1",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "127.1",
        "0",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
    ],
)
async def test_no_spelling_of_loopback_is_dialled(host: str, unused_port: int) -> None:
    async with aiohttp.ClientSession(connector=guarded_connector(setting="producer.allow_private")) as session:
        with pytest.raises((RefusedAddress, aiohttp.InvalidURL, aiohttp.ClientConnectorDNSError)):
            await session.get(f"http://{host}:{unused_port}/", timeout=aiohttp.ClientTimeout(total=10))


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


async def test_a_name_with_a_public_and_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is how rebinding looks; the clean address is not tried."""
    monkeypatch.setattr(netguard, "ThreadedResolver", lambda: _Answers("93.184.215.14", "10.0.0.1"))
    async with aiohttp.ClientSession(connector=guarded_connector(setting="producer.allow_private")) as session:
        with pytest.raises(RefusedAddress, match=r"10\.0\.0\.1"):
            await session.get("http://mixed.example/")


class _Answers(AbstractResolver):
    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0) for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is open."""
