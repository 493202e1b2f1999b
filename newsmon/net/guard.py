"""Decides which addresses newsmon may connect to, when connecting, on the address that is then used.

For feeds, pages and webhooks. Python's `is_global` accepts several ranges that lead inside (such as 64:ff9b::/96), so the list is
explicit; IPv6 is allowed inside 2000::/3 only. Operators may allow private ranges, but never link-local ones.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from newsmon.errors import NewsmonError
from newsmon.net.trust import client_context

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Link-local ranges and the metadata services of clouds, which hand out credentials: no setting opens these.
NEVER = tuple(ipaddress.ip_network(text) for text in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32"))
DENIED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
# IPv6 addresses that lead to an IPv4 address: the embedded address is checked too.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
COMPATIBLE = ipaddress.IPv6Network("::/96")
GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")


class RefusedAddress(NewsmonError):
    """The guard refused: this fetch or delivery ends here. The message names the address, not the URL, which may hold a secret.

    Not an OSError: aiohttp would take it for a failed connection and try the next address.
    """


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The CIDR ranges that an operator allows; ValueError for an invalid one."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def refusal(address: str, allowed: Sequence[Network] = ()) -> str | None:
    """The reason not to connect to the address, or None if newsmon may.

    An allowed IPv6 range does not open the IPv4 addresses behind it: NAT64 to 10.0.0.1 needs 10.0.0.0/8 as well.
    """
    try:
        parsed: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address} is not an address"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if _within(parsed, NEVER):
        return f"{parsed} is link-local"
    behind = _behind(parsed)
    if behind is not None and (why := refusal(str(behind), allowed)) is not None:
        return f"{parsed}: {why}"
    if _within(parsed, allowed):
        return None
    if _within(parsed, DENIED) or (isinstance(parsed, ipaddress.IPv6Address) and parsed not in GLOBAL_V6):
        return f"{parsed} is not a public address"
    return None


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)


def _behind(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address embedded in this IPv6 address, if any."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address in NAT64 or (address in COMPATIBLE and int(address) > 0xFFFF):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def worded(why: str, setting: str) -> str:
    """The refusal, with the setting that can lift it if there is one."""
    return f"{why}; if you trust it, allow its range in {setting}" if why.endswith("is not a public address") else why


def guarded_connector(
    allow_private: Iterable[str] = (), *, setting: str, kind: type[aiohttp.TCPConnector] = aiohttp.TCPConnector, **options: Any
) -> aiohttp.TCPConnector:
    """A connector that connects only to public addresses and the allowed ranges, and trusts the CAs that the system does.

    Any other address raises `RefusedAddress`. `setting` is the key that `allow_private` comes from; the error names it.
    """
    allowed = parse_networks(allow_private)

    def dial(info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = info
        why = refusal(str(address[0]), allowed)
        if why is not None:
            raise RefusedAddress(worded(why, setting))
        return socket.socket(family=family, type=kind, proto=protocol)

    return kind(socket_factory=dial, resolver=_AllOrNothing(allowed, setting), ssl=client_context(), **options)


class _AllOrNothing(AbstractResolver):
    """Refuses a host name if any of its addresses is refused: a mixed answer is a sign of DNS rebinding."""

    def __init__(self, allowed: Sequence[Network], setting: str) -> None:
        self._allowed = allowed
        self._setting = setting
        self._inner: AbstractResolver | None = None

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        self._inner = self._inner or ThreadedResolver()
        found = await self._inner.resolve(host, port, family)
        for answer in found:
            why = refusal(answer["host"], self._allowed)
            if why is not None:
                raise RefusedAddress(worded(why, self._setting))
        return found

    async def close(self) -> None:
        if self._inner is not None:
            await self._inner.close()
