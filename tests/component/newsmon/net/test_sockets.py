"""The unit tier may not reach out."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError


def test_the_unit_tier_cannot_reach_another_machine() -> None:
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
