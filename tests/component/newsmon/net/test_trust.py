"""A company's own certificate authority, given as OpenSSL and requests know it, is trusted by every connection newsmon makes."""

from __future__ import annotations

import hashlib
import ssl
import subprocess
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme
from support.fetching import fetched
from support.receivers import LOOPBACK, SECRET, receiver_settings
from support.waiting import joined

from newsmon.errors import DependencyError, SettingsError
from newsmon.kafka.broker.jar_lock import Jar, JarLock
from newsmon.kafka.broker.jars import ensure_jars
from newsmon.net.trust import VARIABLES, client_context, trusted_from
from newsmon.records import FetchResult
from newsmon.settings import ReceiverSettings
from sinks.channels.apprise_channel import AppriseChannel
from sinks.channels.webhook import Webhook
from sinks.policy.attempt import Outcome

BODY = b"<rss version='2.0'><channel><title>t</title></channel></rss>"
LOCK = JarLock("9.9.9", (Jar("org.example:part:1.0", "part-1.0.jar", len(BODY), hashlib.sha256(BODY).hexdigest()),))


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(404 if self.path.endswith(".sha1") else 200, BODY)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, b"{}")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Silence."""


class Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up because it does not trust us is what these tests want."""


class Company:
    """An HTTPS server with a certificate of the company's own authority, for `localhost` or another name."""

    def __init__(self, directory: Path, name: str) -> None:
        self.authority = trustme.CA()
        self.bundle = directory / "company.pem"
        self.authority.cert_pem.write_to_path(str(self.bundle))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(name).configure_cert(context)
        self.server = Quiet(("127.0.0.1", 0), Answering)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"https://localhost:{self.server.server_address[1]}"

    def hashed_directory(self, directory: Path) -> Path:
        """A directory of certificates as OpenSSL wants them, by hash of the subject."""
        directory.mkdir()
        asked = subprocess.run(
            ["openssl", "x509", "-hash", "-noout", "-in", self.bundle], capture_output=True, text=True, check=True, timeout=60
        )
        (directory / f"{asked.stdout.strip()}.0").write_bytes(self.bundle.read_bytes())
        return directory


def serving(directory: Path, name: str) -> Iterator[Company]:
    made = Company(directory, name)
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    joined(thread)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    yield from serving(tmp_path, "localhost")


@pytest.fixture
def misnamed(tmp_path: Path) -> Iterator[Company]:
    yield from serving(tmp_path, "news.example")


class NoProgress:
    def fetching(self, kafka_version: str, file_count: int, size_bytes: int) -> nullcontext[None]:
        return nullcontext()

    def received(self, size_bytes: int) -> None:
        """Do nothing."""


async def of_jars(company: Company, directory: Path) -> str:
    config = directory / "jgo.conf"
    config.write_text(f"[repositories]\ncentral = {company.address}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JGO_CONFIG_FILE", str(config))
        try:
            ensure_jars(directory / "cache", lock=LOCK, progress=NoProgress())
        except DependencyError as error:
            return str(error)
    return "ok"


async def of_a_feed(company: Company, _directory: Path) -> str:
    found = await fetched(f"{company.address}/feed")
    return "ok" if found.result is FetchResult.OK else str(found.detail)


async def of_a_webhook(company: Company, _directory: Path) -> str:
    async with Webhook(receiver_settings("desk", f"{company.address}/hook", timeout_s=60.0), (SECRET,)) as webhook:
        return said(await webhook.post(webhook_id="msg_1", body=b"{}"))


async def of_a_chat(company: Company, _directory: Path) -> str:
    from support.alerts import alert

    from sinks.message.alert_body import payload_bytes

    receiver = ReceiverSettings(id="chat", kind="apprise", url_env="CHAT", allow_private=LOOPBACK, timeout_s=60.0)
    async with AppriseChannel(receiver, [company.address.replace("https://", "jsons://")]) as channel:
        return said(await channel.post(webhook_id="msg_1", body=payload_bytes(alert(1))))


def said(outcome: Outcome) -> str:
    return "ok" if outcome.accepted else str(outcome.detail)


CONNECTIONS = (of_jars, of_a_feed, of_a_webhook, of_a_chat)
Connection = Callable[[Company, Path], Awaitable[str]]


@pytest.mark.parametrize("connection", CONNECTIONS)
@pytest.mark.parametrize("variable", VARIABLES)
async def test_a_company_s_authority_is_trusted(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, connection: Connection, variable: str
) -> None:
    monkeypatch.setenv(variable, str(company.hashed_directory(tmp_path / "certs") if variable == "SSL_CERT_DIR" else company.bundle))
    assert await connection(company, tmp_path) == "ok"


@pytest.mark.parametrize("connection", CONNECTIONS)
async def test_an_unknown_authority_is_refused_and_the_error_says_by_which_store_and_how_to_add_it(
    company: Company, tmp_path: Path, connection: Connection
) -> None:
    answer = await connection(company, tmp_path)
    assert "certificate is not trusted" in answer
    assert trusted_from({}) in answer
    assert "update-ca-certificates" in answer
    assert "SSL_CERT_FILE" in answer
    assert "to the network" not in answer, "the network is there"


@pytest.mark.parametrize("connection", CONNECTIONS)
async def test_a_trusted_certificate_for_another_host_is_refused(
    misnamed: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, connection: Connection
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(misnamed.bundle))
    answer = await connection(misnamed, tmp_path)
    assert "not valid: Hostname mismatch" in answer
    assert "SSL_CERT_FILE" not in answer, "another authority would not help"


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_that_names_nothing_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "/nowhere/at/all")
    with pytest.raises(SettingsError, match=f"environment:{variable}"):
        client_context()


def test_a_file_without_certificates_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing here\n")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "empty.pem"))
    with pytest.raises(SettingsError, match="holds no certificates"):
        client_context()
