"""A receiver reached through Apprise: its child process, the parts of each message, and which of them were accepted.

In: webhook-id and JSON body. Out: an Outcome. I/O: a child process (`sinks.channels.apprise_child`), killed when a message takes too
long. While this process lives it remembers which parts each service accepted, and a retry sends the rest. After a crash a message
starts again at its first part, with the same alert id and revision in its last line.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any

from newsmon.logs import get_logger
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import ReceiverSettings
from sinks.message.chat_limits import ChatLimits, limits_of
from sinks.message.chat_parts import Part, parts
from sinks.message.chat_text import ChatMessage, chat_message
from sinks.policy.attempt import Outcome, reason_of_status

COMMAND = (sys.executable, "-Im", "sinks.channels.apprise_child")
START_WITHIN_S = 30.0
ATTEMPT_S = 120.0  # the longest one attempt may take, however many parts; the next attempt sends the rest
REMEMBERED = 1_000  # messages of which some parts were accepted
MAX_LINE_BYTES = 64 * 1024
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")

log = get_logger(__name__)


class Child:
    """A running `sinks.channels.apprise_child`; use it from one event loop, one message at a time."""

    def __init__(self, process: asyncio.subprocess.Process, services: list[dict[str, Any]]) -> None:
        self._process = process
        self.pauses_s = [float(service["pause_s"]) for service in services]
        self.limits: list[ChatLimits] = [
            limits_of(
                one["schema"], body=one["body"], title=one["title"], lines=one["lines"], incidents=one["incidents"], declared=one["format"]
            )
            for one in services
        ]

    @classmethod
    async def start(cls, command: Sequence[str], opening: dict[str, Any]) -> Child:
        """Start the process; ChildError when it does not start, or does not recognise an address."""
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            limit=MAX_LINE_BYTES, env={name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ},
        )  # fmt: skip
        child = cls(process, [])
        try:
            answer = await child._ask(opening, START_WITHIN_S)
        except BaseException:
            await child.end()
            raise
        if "problem" in answer:
            await child.end()
            raise ChildError(str(answer["problem"]))
        return cls(process, answer["services"])

    async def send(self, order: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        """The child's answer to one order; after TimeoutError or ChildError the child must not be used again."""
        return await self._ask(order, timeout_s)

    async def end(self) -> None:
        """Kill the process."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    @property
    def ended(self) -> bool:
        return self._process.returncode is not None

    async def _ask(self, order: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(timeout_s):
            try:
                self._process.stdin.write(json.dumps(order).encode() + b"\n")
                await self._process.stdin.drain()
                line = await self._process.stdout.readline()
            except (OSError, ValueError) as error:
                raise ChildError(type(error).__name__) from error
        if not line:
            raise ChildError("the process ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


class ChildError(Exception):
    """The child process failed, and with it the attempt."""


class AppriseChannel:
    """One receiver's services; an async context manager. The child starts with the first message, and again after it failed."""

    def __init__(self, receiver: ReceiverSettings, addresses: Sequence[str], *, command: Sequence[str] = COMMAND) -> None:
        self._receiver = receiver
        self._command = command
        self._opening = {
            "addresses": list(addresses), "allow_private": list(receiver.allow_private), "timeout_s": receiver.timeout_s,
        }  # fmt: skip
        self._child: Child | None = None
        self._accepted: OrderedDict[str, set[tuple[int, int]]] = OrderedDict()

    async def __aenter__(self) -> AppriseChannel:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        await self._drop_child()

    @property
    def concurrency(self) -> int:
        return 1

    @property
    def attempt_s(self) -> float:
        return ATTEMPT_S + START_WITHIN_S

    async def post(self, *, webhook_id: str, body: bytes) -> Outcome:
        """Send the parts not accepted yet. Every ending is an Outcome; nothing is raised but cancellation."""
        started = time.monotonic()
        done = self._accepted.get(webhook_id, set())
        try:
            failure = await self._send_all(chat_message(body), done, deadline=started + ATTEMPT_S)
        except TimeoutError:
            failure = Outcome(DeliveryReason.TIMED_OUT, 0.0)
        except ChildError as error:
            failure = Outcome(DeliveryReason.CHANNEL_FAILED, 0.0, detail=str(error))
        finally:
            self._remember(webhook_id, done)
        took_s = time.monotonic() - started
        if failure is None:
            self._accepted.pop(webhook_id, None)
            return Outcome(DeliveryReason.ACCEPTED, took_s)
        if failure.reason in (DeliveryReason.TIMED_OUT, DeliveryReason.CHANNEL_FAILED):
            await self._drop_child()
        return Outcome(failure.reason, took_s, failure.status, failure.retry_after_s, failure.detail)

    async def _send_all(self, message: ChatMessage, done: set[tuple[int, int]], *, deadline: float) -> Outcome | None:
        """Send each service its parts in order; a service that fails gets no more for now. Returns the last failure."""
        child = await self._running()
        last: Outcome | None = None
        for service, limits in enumerate(child.limits):
            for number, order in enumerate(_orders(service, message, limits)):
                if (service, number) in done:
                    continue
                if time.monotonic() >= deadline:
                    raise TimeoutError
                answer = await child.send(order, self._receiver.timeout_s + child.pauses_s[service])
                if not answer["ok"]:
                    last = _failure(answer)
                    break
                done.add((service, number))
        return last

    async def _running(self) -> Child:
        if self._child is None or self._child.ended:
            await self._drop_child()
            self._child = await Child.start(self._command, self._opening)
        return self._child

    async def _drop_child(self) -> None:
        if self._child is not None:
            child, self._child = self._child, None
            await child.end()

    def _remember(self, webhook_id: str, done: set[tuple[int, int]]) -> None:
        if done:
            self._accepted[webhook_id] = done
            self._accepted.move_to_end(webhook_id)
            if len(self._accepted) > REMEMBERED:
                self._accepted.popitem(last=False)


def _orders(service: int, message: ChatMessage, limits: ChatLimits) -> Iterator[dict[str, Any]]:
    """The orders for a message; a service that keeps incidents gets one more for each alert the message closes."""
    pieces = parts(message, limits)
    if not (limits.incidents and message.closes):
        for part in pieces:
            yield _order(service, part, message, key=message.key, closes=message.closes)
    if limits.incidents:
        for key in message.over:
            yield _order(service, pieces[0], message, key=key, closes=True)


def _order(service: int, part: Part, message: ChatMessage, *, key: str, closes: bool) -> dict[str, Any]:
    return {
        "service": service, "title": part.title, "body": part.body, "severity": message.severity, "key": key,
        "text": message.whole, "closes": closes,
    }  # fmt: skip


def _failure(answer: dict[str, Any]) -> Outcome:
    status = answer["status"]
    if answer["refused"] is not None:
        return Outcome(DeliveryReason.BLOCKED_ADDRESS, 0.0, detail=answer["refused"])
    reason = DeliveryReason.ACCEPTED if status is None else reason_of_status(status)
    if reason is DeliveryReason.ACCEPTED:  # a 2xx whose body says that it failed
        reason = DeliveryReason.CHANNEL_FAILED
    elif reason is DeliveryReason.GONE:  # from a chat, 410 does not mean that the receiver wants nothing more
        reason = DeliveryReason.CLIENT_ERROR
    return Outcome(reason, 0.0, status, answer["retry_after_s"], answer["error"])
