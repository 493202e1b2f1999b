"""A webhook receiver that does what a good one should: verify the signature, drop repeats by webhook-id, answer at once.

In: POSTs. Out: `deliveries`, and `on_delivery` for each. I/O: one listening socket. For `newsmon listen`, the demo and the tests.
"""

from __future__ import annotations

import json
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from aiohttp import web

from newsmon.net.listening import authority
from sinks.message.asymmetric_keys import verifier_of
from sinks.message.signature import ID_HEADER, SchemeCheck, Verdict, check

MAX_BODY_BYTES = 256 * 1024  # our webhooks stay below 20 kB
REMEMBERED_IDS = 100_000  # webhook-ids kept to drop repeats: far more than a sender repeats within its retry schedule
KEPT_DELIVERIES = 100_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The response to one POST. `status` None follows the verdict: 204 or 401."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """One POST. `repeat`: the same webhook-id was verified and accepted before."""

    webhook_id: str
    verdict: Verdict
    repeat: bool
    payload: dict[str, Any] | None  # None if the body is not a JSON object
    body: bytes
    headers: Mapping[str, str]
    received_at: datetime
    status: int  # of our response
    schemes: Mapping[str, SchemeCheck] = field(default_factory=dict)  # the result of each signature

    @property
    def verified(self) -> bool:
        return self.verdict is Verdict.VERIFIED

    @property
    def accepted(self) -> bool:
        """Verified and answered with 2xx, so the sender will not retry."""
        return self.verified and 200 <= self.status < 300


class VerifyingReceiver:
    """`async with VerifyingReceiver(secret) as receiver:` listens on `receiver.url` and fills `receiver.deliveries`.

    `secret` is one key or several, all active: secrets (`whsec_`), public keys (`whpk_`), or private keys (`whsk_`), of which the
    public half is used. One valid signature is enough, as the specification says. `answers` go to the first POSTs, one each; later
    POSTs are answered by the verdict: 204 if verified, 401 if not.
    """

    def __init__(
        self, secret: str | Iterable[str], host: str = "127.0.0.1", port: int = 0, *,
        answers: Iterable[Answer] = (), on_delivery: Callable[[Received], None] | None = None,
    ) -> None:  # fmt: skip
        texts = [secret] if isinstance(secret, str) else list(secret)
        self._verifiers = [verifier_of(text) for text in texts]
        self._host = host
        self._port = port
        self._answers = deque(answers)
        self._on_delivery = on_delivery
        self._accepted: OrderedDict[str, None] = OrderedDict()
        self._runner: web.AppRunner | None = None
        self.deliveries: list[Received] = []

    @property
    def port(self) -> int:
        """The actual port, once it listens."""
        return self._port

    @property
    def url(self) -> str:
        return f"http://{authority(self._host, self._port)}/"

    def answer_next(self, *answers: Answer) -> None:
        """Give these answers to the next POSTs."""
        self._answers.extend(answers)

    async def __aenter__(self) -> VerifyingReceiver:
        application = web.Application(client_max_size=MAX_BODY_BYTES)
        application.router.add_post("/{path:.*}", self._receive)
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        now = datetime.now(UTC)
        checked = check(self._verifiers, request.headers, body, now_s=now.timestamp())
        verdict = checked.verdict
        answer = self._answers.popleft() if self._answers else Answer()
        status = answer.status or (204 if verdict is Verdict.VERIFIED else 401)
        webhook_id = request.headers.get(ID_HEADER, "")
        received = Received(
            webhook_id=webhook_id, verdict=verdict, repeat=webhook_id in self._accepted, payload=_json_object(body), body=body,
            headers=dict(request.headers), received_at=now, status=status, schemes=checked.schemes,
        )  # fmt: skip
        self._remember(received)
        return web.Response(status=status, headers=answer.headers)

    def _remember(self, received: Received) -> None:
        if received.accepted:
            self._accepted[received.webhook_id] = None
            if len(self._accepted) > REMEMBERED_IDS:
                self._accepted.popitem(last=False)
        self.deliveries.append(received)
        if len(self.deliveries) > KEPT_DELIVERIES:
            del self.deliveries[: KEPT_DELIVERIES // 10]
        if self._on_delivery is not None:
            self._on_delivery(received)


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
