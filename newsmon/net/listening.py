"""Listening sockets: opened here, or handed over by the supervisor.

In: an address and port, or the variable NEWSMON_LISTEN_FD. Out: a socket that listens, or Taken.

A port that another program holds is not a mistake in the settings: it may be free in a moment, so callers try again. The supervisor
opens the sockets of its stages once and hands them over: nobody can take a port in between, and it stays the same when a stage is
started again.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import MutableMapping
from dataclasses import dataclass

from newsmon.errors import Problem, SettingsError

USUAL_PORTS = {"run": 9640, "producer": 9641, "processor": 9642, "store": 9643, "deliver": 9644}
HANDED_OVER = "NEWSMON_LISTEN_FD"
RETRY_S = 2.0
BACKLOG = 64
# Time does not heal these: a port below 1024 without the right to it, a name that does not exist, an address family the kernel lacks.
LASTING = frozenset(
    {errno.EACCES, errno.EPERM, errno.EAFNOSUPPORT, socket.EAI_NONAME, socket.EAI_FAMILY, socket.EAI_SERVICE}
)  # fmt: skip

_handed: list[int] = []  # the descriptor that `handed_over` found


@dataclass(frozen=True, slots=True)
class Taken:
    """The reason why a port cannot be listened on now; it may work later."""

    reason: str


def family_of(bind: str) -> socket.AddressFamily:
    """The address family of a socket that listens on that address."""
    return socket.AF_INET6 if ":" in bind else socket.AF_INET


def authority(bind: str, port: int) -> str:
    """Address and port as written in a URL."""
    return f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}"


def listen_on(bind: str, port: int, *, key: str) -> socket.socket | Taken:
    """A socket that listens there (0: on any free port). SettingsError names `key` if waiting cannot help."""
    try:
        made = socket.create_server((bind, port), family=family_of(bind), backlog=BACKLOG)
    except OSError as error:
        why = f"cannot listen on {authority(bind, port)}: {(error.strerror or str(error)).partition(' (while')[0]}"
        if error.errno in LASTING:
            raise SettingsError([Problem(f"settings:{key}", why)]) from error
        return Taken(f"another program listens on {authority(bind, port)}" if error.errno == errno.EADDRINUSE else why)
    made.settimeout(0)  # a connection that is gone again must not block the thread that accepts
    return made


def listen_on_usual(bind: str, process: str, *, key: str, avoid: frozenset[int] = frozenset()) -> socket.socket | Taken:
    """A socket on the usual port of the process, else on any free port; never on one of `avoid`."""
    usual = USUAL_PORTS[process]
    if usual not in avoid:
        found = listen_on(bind, usual, key=key)
        if not isinstance(found, Taken):
            return found
    return listen_on_any(bind, key=key, avoid=avoid)


def listen_on_any(bind: str, *, key: str, avoid: frozenset[int] = frozenset()) -> socket.socket | Taken:
    """A socket on a port that the kernel chooses; never on one of `avoid`."""
    refused = []  # kept open until another is found, so that the kernel does not offer them again
    try:
        while not isinstance(found := listen_on(bind, 0, key=key), Taken) and port_of(found) in avoid:
            refused.append(found)
        return found
    finally:
        for one in refused:
            one.close()


def port_of(listening: socket.socket) -> int:
    """The port that the socket listens on."""
    port: int = listening.getsockname()[1]
    return port


def handed_over(environ: MutableMapping[str, str] | None = None) -> socket.socket | None:
    """The socket that the supervisor opened for this process, or None. A second call finds none: the variable is removed."""
    number = (os.environ if environ is None else environ).pop(HANDED_OVER, "")
    if not number.isdecimal():
        return None
    try:
        found = socket.socket(fileno=int(number))
        listens = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError:  # inherited from a process that is not our supervisor
        return None
    if not listens:
        found.detach()
        return None
    found.set_inheritable(False)
    found.settimeout(0)
    _handed.append(found.fileno())
    return found


def hand_on() -> dict[str, str]:
    """The variable that gives the socket that was handed over to the program that takes this one's place; empty if there was none."""
    if not _handed:
        return {}
    os.set_inheritable(_handed[-1], True)  # noqa: FBT003 - it takes no keywords
    return {HANDED_OVER: str(_handed[-1])}
