"""The network guard: what may be dialled, in every spelling an address has."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsmon.net.guard import parse_networks, refusal

REFUSED = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "169.254.169.254",
    "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "fc00::1",
    "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:db8::1", "2002:a00:1::1", "3fff::1", "5f00::1", "100::1", "2001::1",
]  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert refusal(address) is not None


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "151.101.0.81", "2606:4700:4700::1111", "2a00:1450:4001::8a", "::ffff:8.8.8.8"])
def test_public_addresses_are_dialled(address: str) -> None:
    assert refusal(address) is None


def test_an_allowed_range_opens_itself_only_and_never_link_local() -> None:
    allowed = parse_networks(["10.0.0.0/8", "127.0.0.1/32", "169.254.0.0/16", "fe80::/10", "fd00::/8"])
    assert refusal("10.9.9.9", allowed) is None
    assert refusal("127.0.0.1", allowed) is None
    assert refusal("::ffff:127.0.0.1", allowed) is None
    assert refusal("fd00::5", allowed) is None
    assert refusal("127.0.0.2", allowed) is not None
    assert refusal("192.168.0.1", allowed) is not None
    for open_to_all in (allowed, parse_networks(["0.0.0.0/0", "::/0"])):
        assert refusal("169.254.169.254", open_to_all) is not None
        assert refusal("::ffff:169.254.169.254", open_to_all) is not None
        assert refusal("fe80::1", open_to_all) is not None


PRIVATE = ["127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.0.1", "100.64.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255"]


@pytest.mark.parametrize("inside", PRIVATE)
@pytest.mark.parametrize(
    "spelling", ["::ffff:{}", "64:ff9b::{}", "::{}", "64:ff9b:1::{}", "2002:{hex}::1", "::ffff:0:{}"],
    ids=["mapped", "NAT64", "compatible", "local NAT64", "6to4", "translated"],
)  # fmt: skip
def test_no_ipv6_spelling_leads_to_an_ipv4_address_inside(inside: str, spelling: str) -> None:
    number = int(ipaddress.IPv4Address(inside))
    address = spelling.format(inside, hex=f"{number >> 16:x}:{number & 0xFFFF:x}")
    assert refusal(address) is not None


@pytest.mark.parametrize("inside", PRIVATE)
def test_opening_ipv6_altogether_opens_nothing_of_ipv4(inside: str) -> None:
    number = int(ipaddress.IPv4Address(inside))
    every_v6 = parse_networks(["::/0"])
    for address in (f"::ffff:{inside}", f"64:ff9b::{inside}", f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1"):
        assert refusal(address, every_v6) is not None
    assert refusal("64:ff9b::8.8.8.8", every_v6) is None


@pytest.mark.parametrize("address", ["169.254.169.254", "169.254.170.2", "100.100.100.200", "fd00:ec2::254", "fe80::a9fe:a9fe"])
def test_where_clouds_keep_credentials_is_opened_by_no_setting(address: str) -> None:
    assert refusal(address, parse_networks(["0.0.0.0/0", "::/0"])) is not None


@pytest.mark.parametrize(
    "address",
    ["64:ff9b::a00:1", "fec0::1", "5f00::1", "192.88.99.1", "::127.0.0.1", "224.0.0.1", "2002:a00:1::1", "64:ff9b:1::1", "192.0.0.8"],
)
def test_what_some_pythons_call_global_is_refused_all_the_same(address: str) -> None:
    """`is_global` says yes to these on one Python or another (3.11.7, 3.12.1, 3.13.0)."""
    assert refusal(address) is not None


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address))
def test_ipv6_is_dialled_inside_2000_3_only(address: ipaddress.IPv6Address) -> None:
    if refusal(str(address)) is None:
        assert address in ipaddress.IPv6Network("2000::/3") or address.ipv4_mapped is not None


@settings(max_examples=100, deadline=None)
@given(st.ip_addresses())
def test_nothing_python_calls_private_is_ever_dialled(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        assert refusal(str(address)) is not None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_what_is_no_address_is_refused(text: str) -> None:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        assert refusal(text) is not None
