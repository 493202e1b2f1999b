"""Decides which certificate authorities newsmon trusts, and says which those are when a certificate fails.

Trusted are the system's, as curl, git and apt trust them, so a company's own CA that the system knows needs no setting here.
`SSL_CERT_FILE` and `SSL_CERT_DIR` replace them, `REQUESTS_CA_BUNDLE` adds to them. In: the environment. Out: SSL contexts, words for
errors. I/O: the certificate files.
"""

from __future__ import annotations

import os
import re
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import truststore

from newsmon.errors import Problem, SettingsError

# Where distributions keep the bundle, for a Python whose own OpenSSL looks elsewhere. The list is truststore's.
BUNDLES = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
HASHED_NAME = re.compile(r"[0-9a-f]{8}\.\d", re.IGNORECASE)
VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
# X509_V_ERR_*: the chain ends at a certificate that nobody here vouches for. Another CA mends that, and nothing else does.
UNKNOWN_AUTHORITY = frozenset({2, 18, 19, 20, 21})
NO_ISSUER = frozenset({20, 21})

_injecting = threading.Lock()


def client_context() -> ssl.SSLContext:
    """A context that verifies certificate and host name against the trusted CAs, for aiohttp.

    SettingsError for a variable that names no certificates. Not truststore's context: that reads the whole store again at each
    connection (12 ms and more, on the event loop); on Linux the store is files, which one context loads once.
    """
    problems = trust_problems(os.environ)
    if problems:
        raise SettingsError(problems)
    return _context(*(os.environ.get(name) for name in VARIABLES))


@contextmanager
def requests_trust_the_system() -> Iterator[None]:
    """Within the block `requests` trusts the system's CAs, by default it knows only its own list. Contexts made meanwhile by other
    threads do too, so keep the block to a download."""
    with _injecting:
        truststore.inject_into_ssl()
        try:
            yield
        finally:
            truststore.extract_from_ssl()


def trust_problems(environ: Mapping[str, str]) -> list[Problem]:
    """The variables that name nothing readable: OpenSSL would ignore them in silence and then trust nobody."""
    found = []
    for name in VARIABLES:
        value = environ.get(name)
        if not value:
            continue
        named = value.split(os.pathsep) if name == "SSL_CERT_DIR" else [value]  # OpenSSL takes several directories
        if not any(os.access(one, os.R_OK) for one in named):
            found.append(Problem(f"environment:{name}", f"{value} cannot be read; it must name the certificates of the CAs to trust"))
    return found


def trusted_from(environ: Mapping[str, str]) -> str:
    """Where the trusted CAs come from, for people."""
    named = [f"{name}={environ[name]}" for name in VARIABLES[:2] if environ.get(name)]
    added = [f"{name}={environ[name]}" for name in VARIABLES[2:] if environ.get(name)]
    if not named:
        paths = ssl.get_default_verify_paths()
        system = paths.cafile or (paths.capath if paths.capath and _has_certificates(paths.capath) else None) or _bundle()
        named = [f"the system's {system}" if system else "no store at all: install your system's ca-certificates"]
    return " and ".join(named + added)


def why_untrusted(error: BaseException) -> str | None:
    """What is wrong with the server's certificate, by which store, and how to add a CA; None if the error is something else."""
    # aiohttp's own error is of that class too, without its attributes
    refused = next((one for one in _causes(error) if isinstance(one, ssl.SSLCertVerificationError) and hasattr(one, "verify_code")), None)
    if refused is None:
        return None
    if refused.verify_code not in UNKNOWN_AUTHORITY:
        return f"the server's certificate is not valid: {refused.verify_message}"
    perhaps = " (or the server sends no intermediate one)" if refused.verify_code in NO_ISSUER else ""
    return (
        f"the server's certificate is not trusted: {refused.verify_message}{perhaps}. Trusted CAs come from {trusted_from(os.environ)}. "
        "If a proxy or the server has a CA of its own, add it to the system's (update-ca-certificates or update-ca-trust), or name a "
        "bundle that holds it in SSL_CERT_FILE"
    )


@lru_cache(maxsize=4)
def _context(_cert_file: str | None, _cert_dir: str | None, added: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()  # OpenSSL reads SSL_CERT_FILE and SSL_CERT_DIR itself
    paths = ssl.get_default_verify_paths()
    if not paths.cafile and not (paths.capath and _has_certificates(paths.capath)) and (bundle := _bundle()) is not None:
        context.load_verify_locations(cafile=bundle)
    if added:
        try:
            context.load_verify_locations(**({"capath": added} if Path(added).is_dir() else {"cafile": added}))
        except ssl.SSLError as error:
            raise SettingsError([Problem("environment:REQUESTS_CA_BUNDLE", f"{added} holds no certificates ({error.reason})")]) from error
    return context


def _bundle() -> str | None:
    return next((path for path in BUNDLES if Path(path).is_file()), None)


def _has_certificates(directory: str) -> bool:
    return Path(directory).is_dir() and any(HASHED_NAME.fullmatch(file.name) for file in Path(directory).iterdir())


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all it was made from: libraries keep the certificate's error in their arguments, causes and attributes."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
