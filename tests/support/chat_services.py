"""Stand-ins for chat and paging services that enforce their real limits: what they take they keep, what is too long they refuse whole."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from support import apprise_child

CHILD = str(Path(apprise_child.__file__))
TOO_LONG = 400


@dataclass
class Service:
    """One stand-in. `judge` reads a request's JSON: the texts in it and None, or why it is refused."""

    name: str
    host: str  # the vendor's, written into the plug-in
    address: str  # Apprise's
    judge: Callable[[Any], tuple[str, str | None]]
    good: int = 200
    refused: int = TOO_LONG
    answer: Any = None
    port: int = 0
    taken: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    next_answers: list[web.Response] = field(default_factory=list)
    requests: int = 0

    def command(self) -> tuple[str, ...]:
        return (sys.executable, CHILD, f"{self.host}={self.port}")

    async def serve(self, request: web.Request) -> web.Response:
        self.requests += 1
        said = await request.json() if request.content_type == "application/json" else dict(await request.post())
        if self.next_answers:
            return self.next_answers.pop(0)
        text, why = self.judge(said)
        if why is not None:
            self.refusals.append(why)
            return web.json_response({"error": why}, status=self.refused)
        self.taken.append(text)
        self.bodies.append(said)
        if self.good == 204:
            return web.Response(status=204)
        return web.Response(text=self.answer) if isinstance(self.answer, str) else web.json_response(self.answer or {}, status=self.good)


@asynccontextmanager
async def serving(service: Service) -> AsyncIterator[Service]:
    application = web.Application(client_max_size=4 * 1024 * 1024)
    application.router.add_route("*", "/{path:.*}", service.serve)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.port = int(runner.addresses[0][1])
    try:
        yield service
    finally:
        await runner.cleanup()


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _slack(said: Any) -> tuple[str, str | None]:
    """Attachments' text and sections of blocks: 3,000 characters as they travel (escaped); the whole message about 13,000."""
    attached = said.get("attachments", [])
    texts = [one["text"] for one in attached if "text" in one]
    texts += [block["text"]["text"] for one in attached for block in one.get("blocks", []) if "text" in block]
    titles = [one["title"] for one in attached if "title" in one]
    if any(len(text) > 3_000 for text in texts) or any(len(title) > 150 for title in titles) or sum(map(len, texts)) > 13_000:
        return "", "msg_blocks_too_long"
    return "\n".join(titles + texts).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), None if texts else "no_text"


def _discord(said: Any) -> tuple[str, str | None]:
    content = said.get("content", "")
    embeds = said.get("embeds", [])
    if utf16(content) > 2_000 or any(utf16(one.get("title", "")) > 256 or utf16(one.get("description", "")) > 4_096 for one in embeds):
        return "", "BASE_TYPE_BAD_LENGTH"
    return "\n".join([content, *(one.get("description", "") for one in embeds)]), None if content or embeds else "empty message"


def _telegram(said: Any) -> tuple[str, str | None]:
    text = said["text"]
    if said.get("parse_mode") == "HTML":
        import html
        import re

        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    return text, "message is too long" if utf16(text) > 4_096 else None


def _ntfy(said: Any) -> tuple[str, str | None]:
    message = said.get("message", "")
    return f"{said.get('title', '')}\n{message}", "message too large" if len(message.encode()) > 4_096 else None


def _teams(said: Any) -> tuple[str, str | None]:
    """The card's bytes as Teams counts them: a fifth more than were sent."""
    import json

    size = len(json.dumps(said)) * 28_897 // 24_453
    blocks = said["attachments"][0]["content"]["body"]
    return "\n".join(_texts(blocks)), "message too large" if size > 28_672 else None


def _texts(blocks: Any) -> list[str]:
    found = []
    for one in blocks:
        found += [one["text"]] if "text" in one else []
        found += _texts(one.get("items", [])) + _texts(one.get("columns", []))
    return found


def _pagerduty(said: Any) -> tuple[str, str | None]:
    import json

    if said["event_action"] == "resolve":
        return "", None if said.get("dedup_key") else "a resolve without dedup_key"
    summary = said["payload"]["summary"]
    text = said["payload"]["custom_details"]["text"]
    why = "summary too long" if len(summary) > 1_024 else "dedup_key too long" if len(said.get("dedup_key", "")) > 255 else None
    if len(json.dumps(said)) > 512_000:
        why = "event too large"
    return text, why


def _mattermost(said: Any) -> tuple[str, str | None]:
    return said["text"], "post too long" if len(said["text"]) > 16_383 else None


def _any(_said: Any) -> tuple[str, str | None]:
    return "", None


def other_services() -> dict[str, Service]:
    """Services without limits of their own here: what they are sent is what counts."""
    long, room = "a" * 80, "rockets://webhooka/webhookb@rocket.example/#general"
    return {
        one.name: one
        for one in (
            Service("gotify", "gotify.example", "gotifys://gotify.example/token12345678901?format=markdown", _any),
            Service("pushover", "api.pushover.net", f"pover://{'u' * 30}@{'t' * 30}?format=html", _any, answer={"status": 1}),
            Service("google chat", "chat.googleapis.com", "gchat://workspace/key/token", _any),
            Service("webex", "api.ciscospark.com", f"wxteams://{long}", _any),
            Service("rocket chat", "rocket.example", room, _any, answer={"success": True}),
            Service("zulip", "org.zulipchat.com", f"zulip://bot@org/{'a' * 32}/news", _any, answer={"result": "success"}),
            Service("nextcloud talk", "cloud.example", "nctalks://user:pass@cloud.example/room1", _any, good=201),
            Service("ntfy markdown", "ntfy.sh", "ntfy://alerts-of-the-desk?format=markdown", _any),
            Service(
                "telegram markdown",
                "api.telegram.org",
                "tgram://123456789:abcdefg_hijklmnop/12315544/?format=markdown",
                _any,
                answer={"ok": True},
            ),
            Service("discord embeds", "discord.com", "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js?format=markdown", _any, good=204),
        )
    }


def services() -> dict[str, Service]:
    """A fresh stand-in per service, with an address of the right shape."""
    flow = "0123456789abcdef0123456789abcdef"
    return {
        one.name: one
        for one in (
            Service("slack", "hooks.slack.com", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/", _slack, answer="ok"),
            Service("discord", "discord.com", "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", _discord, good=204),
            Service("telegram", "api.telegram.org", "tgram://123456789:abcdefg_hijklmnop/12315544/", _telegram, answer={"ok": True}),
            Service("ntfy", "ntfy.sh", "ntfy://alerts-of-the-desk", _ntfy, refused=413),
            Service("teams", "flows.example", f"workflows://flows.example:443/{flow}/signature", _teams, good=202, refused=413),
            Service(
                "pagerduty", "events.pagerduty.com", "pagerduty://A1BRTD4JDTIiajkdnlazk@R1BRTD4JDTIiajkdnlazkcOXr", _pagerduty, good=202
            ),
            Service("mattermost", "chat.example", "mmosts://chat.example/3ccdd113474722377935511fc85d3dd4", _mattermost, answer="ok"),
        )
    }
