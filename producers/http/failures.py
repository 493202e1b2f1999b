"""Why a fetch failed, in words for operators. In: an exception. Out: one sentence without the address, which may hold a secret."""

from __future__ import annotations

import ssl

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from newsmon.net.trust import why_untrusted
from producers.answers.decompress import BadEncodingError

MAX_CHARS = 400

_TLS = {
    "WRONG_VERSION_NUMBER": "the server does not speak TLS at this port",
    "HTTP_REQUEST": "the server does not speak TLS at this port",
    "UNSUPPORTED_PROTOCOL": "the server offers only outdated versions of TLS",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the server and newsmon have no version of TLS in common",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "the server and newsmon have no TLS cipher in common, or it serves other host names only",
    "TLSV1_UNRECOGNIZED_NAME": "the server has no certificate for this host name",
    "DH_KEY_TOO_SMALL": "the server offers only outdated TLS keys",
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": "the server offers only an outdated, unsafe form of TLS",
}


def why_failed(error: BaseException) -> str:
    """The reason, or the error's own words where there are no better ones."""
    return (why_untrusted(error) or _known(error) or f"{type(error).__name__}: {error}")[:MAX_CHARS]


def _known(error: BaseException) -> str | None:
    match error:
        case BadEncodingError():
            return f"the body cannot be unpacked: {error}"
        case aiohttp.ClientPayloadError() if isinstance(error.__cause__, (HttpProcessingError, OSError)):
            return "the body is not complete: the server closed the connection before its end"
        case aiohttp.ClientPayloadError():
            return f"the body cannot be read: {error}"
        case aiohttp.ClientResponseError():
            return f"the server's answer cannot be read: {error.message}"
        case aiohttp.ServerDisconnectedError():
            return "the server closed the connection without an answer"
        case aiohttp.ClientConnectorDNSError():
            return f"its host name leads nowhere: {error.os_error.strerror or error.os_error}"
        case aiohttp.ClientConnectorError():
            return _not_connected(error.os_error)
        case ConnectionResetError() | aiohttp.ClientOSError():
            return "the server broke off the connection"
    return None


def _not_connected(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return _TLS.get(error.reason or "", f"no TLS connection: {error.reason or error}")
    if isinstance(error, ConnectionRefusedError):
        return "no server accepts connections at this host and port"
    if isinstance(error, ConnectionResetError):
        return "the server broke off the connection while it was made"
    return f"no connection: {error.strerror or error}"
