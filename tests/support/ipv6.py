"""For tests that need IPv6's loopback address."""

from __future__ import annotations

import socket

import pytest


def has_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as attempt:
            attempt.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_loopback(), reason="this machine has no IPv6 loopback address")
