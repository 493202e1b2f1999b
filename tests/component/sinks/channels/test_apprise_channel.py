"""Receivers behind Apprise: each service's limits kept in numbered parts, its rate answers obeyed, its failures nobody else's."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiosmtpd.smtp import SMTP
from support.alerts import alert, wide_alert
from support.chat_services import CHILD, Service, services, serving
from support.receivers import LOOPBACK, SECRET, drips_its_head, hangs, raw_receiver, says
from support.samples import NOON

from newsmon import ids
from newsmon.errors import SettingsError
from newsmon.records import AlertReason, AlertState
from newsmon.records.delivery_reasons import DeliveryReason
from newsmon.settings import ReceiverSettings
from sinks.channels.apprise_channel import COMMAND, AppriseChannel
from sinks.channels.secrets import load_addresses
from sinks.message.ack_links import AckLinks
from sinks.message.alert_body import payload_bytes
from sinks.message.chat_text import chat_message
from sinks.policy.attempt import Outcome

NAMES = sorted(services())
NUMBER = re.compile(r"\((\d+)/(\d+)\) ")
BODY = payload_bytes(alert(1))
ACK = AckLinks("https://news.example", (SECRET,), timedelta(days=7)).link(ids.delivery_id("alert", 1, "chat"), now=NOON)


def settings_of(**changes: Any) -> ReceiverSettings:
    return ReceiverSettings(**{"id": "chat", "kind": "apprise", "url_env": "CHAT", "allow_private": LOOPBACK, "timeout_s": 20.0} | changes)


@asynccontextmanager
async def channel_to(service: Service, *more: str, **changes: Any) -> AsyncIterator[AppriseChannel]:
    async with AppriseChannel(settings_of(**changes), [service.address, *more], command=service.command()) as channel:
        yield channel


def letters(text: str) -> str:
    return re.sub(r"[\s\\\u200b]", "", text)


@pytest.mark.parametrize("name", NAMES)
async def test_each_service_takes_every_part_and_the_parts_hold_the_whole_alert(name: str) -> None:
    texts = ("Zażółć gęślą jaźń, Київ — ", "R&D <b>costs</b> up, says M&S. ", "👩‍👩‍👧 🇺🇦 ")
    async with serving(services()[name]) as service, channel_to(service) as channel:
        for number, text in enumerate(texts):
            body = payload_bytes(wide_alert(14, text=text), ack=ACK)
            outcome = await channel.post(webhook_id=f"msg_{number}", body=body)
            assert outcome.reason is DeliveryReason.ACCEPTED, (outcome, service.refusals)
            taken, service.taken = service.taken, []
            if len(taken) > 1:
                numbers = [NUMBER.search(one) for one in taken]
                assert [(int(one[1]), int(one[2])) for one in numbers if one] == [(n, len(taken)) for n in range(1, len(taken) + 1)]
            assert sum(ACK in one.replace("\\", "") for one in taken) == 1  # whole: a link divided leads nowhere
            told = letters("".join(taken))
            for line in chat_message(body).text.split("\n"):
                for word in line.split(" "):
                    assert letters(word) in told, word
    assert service.refusals == []


@pytest.mark.parametrize("name", NAMES)
async def test_the_stand_in_refuses_what_the_service_would(name: str) -> None:
    """The limits are enforced: a text as one part, too long, is refused whole."""
    service = services()[name]
    async with serving(service):
        judge = service.judge
        too_long = {
            "slack": {"attachments": [{"title": "t", "text": "x" * 3_001}]}, "discord": {"content": "x" * 2_001},
            "telegram": {"text": "👍" * 2_049}, "ntfy": {"message": "ж" * 2_049},
            "teams": {"attachments": [{"content": {"body": [{"text": "x" * 25_000}]}}]},
            "pagerduty": {"event_action": "trigger", "payload": {"summary": "x" * 1_025, "custom_details": {"text": ""}}}, "mattermost": {"text": "x" * 16_384},
        }  # fmt: skip
        assert judge(too_long[name])[1] is not None


@pytest.mark.parametrize("blocks", ["no", "yes"])
async def test_slack_has_something_to_show_on_a_locked_screen(blocks: str) -> None:
    async with serving(services()["slack"]) as service:
        service.address += f"?blocks={blocks}"
        async with channel_to(service) as channel:
            assert (await channel.post(webhook_id="msg_1", body=payload_bytes(alert(1, title="Steel <b> & tin")))).accepted
            assert (await channel.post(webhook_id="msg_2", body=payload_bytes(wide_alert(14)))).accepted
    assert service.refusals == []
    fallbacks = [one["fallback"] for body in service.bodies for one in body["attachments"]]
    assert "Steel &lt;" in fallbacks[0]
    assert "&amp; tin" in fallbacks[0]
    assert all(fallbacks)
    assert [number for number, one in enumerate(fallbacks[1:], 1) if f"({number}/{len(fallbacks) - 1}) " in one]
    assert all("text" not in body for body in service.bodies)  # it would be shown above the message, a second time


async def test_a_short_alert_is_one_message_without_a_number() -> None:
    async with serving(services()["discord"]) as service, channel_to(service) as channel:
        assert (await channel.post(webhook_id="msg_1", body=BODY)).accepted
    [text] = service.taken
    assert text.startswith("NOTICE  ukraine peacekeeping: alert 1\n")


@pytest.mark.parametrize(
    ("name", "answer", "seconds"),
    [
        ("slack", lambda: web.Response(status=429, headers={"Retry-After": "37"}), 37),
        ("discord", lambda: web.json_response({"retry_after": 1.5}, status=429, headers={"X-RateLimit-Reset-After": "2.5"}), 2.5),
        ("telegram", lambda: web.json_response({"ok": False, "parameters": {"retry_after": 41}}, status=429), 41),
        ("ntfy", lambda: web.json_response({"code": 42901}, status=429), None),
        ("teams", lambda: web.Response(status=503, headers={"Retry-After": "12"}), 12),
    ],
)
async def test_a_service_that_asks_for_a_pause_is_asked_once_and_its_wait_is_handed_on(
    name: str, answer: Any, seconds: float | None
) -> None:
    async with serving(services()[name]) as service, channel_to(service) as channel:
        service.next_answers = [answer()]
        outcome = await channel.post(webhook_id="msg_1", body=BODY)
    assert outcome.reason is (DeliveryReason.SERVER_ERROR if name == "teams" else DeliveryReason.THROTTLED)
    assert outcome.retry_after_s == seconds
    assert service.requests == 1


async def test_a_retry_sends_only_the_parts_that_were_not_accepted() -> None:
    body = payload_bytes(wide_alert(10))
    async with serving(services()["discord"]) as service, channel_to(service) as channel:
        service.next_answers = [web.Response(status=204), web.Response(status=204), web.Response(status=500)]
        assert (await channel.post(webhook_id="msg_1", body=body)).status == 500
        assert service.taken == []
        assert (await channel.post(webhook_id="msg_1", body=body)).accepted
        [first, *_rest] = service.taken
        assert NUMBER.match(first)[1] == "3"  # type: ignore[index]
        sent = service.requests
        assert (await channel.post(webhook_id="msg_2", body=body)).accepted  # another alert begins at its first part
    assert service.requests - sent == len(service.taken) - (sent - 3)


async def test_of_several_services_the_one_that_fails_is_tried_again_alone() -> None:
    good, bad = services()["discord"], services()["ntfy"]
    async with serving(good), serving(bad):
        command = (*good.command(), f"{bad.host}={bad.port}")
        async with AppriseChannel(settings_of(), [bad.address, good.address], command=command) as channel:
            bad.next_answers = [web.Response(status=500)]
            assert not (await channel.post(webhook_id="msg_1", body=BODY)).accepted
            assert len(good.taken) == 1
            assert (await channel.post(webhook_id="msg_1", body=BODY)).accepted
    assert (len(good.taken), len(bad.taken)) == (1, 1)


async def test_pagerduty_gets_one_incident_per_alert_with_the_whole_text_beside_the_summary() -> None:
    async with serving(services()["pagerduty"]) as service, channel_to(service) as channel:
        for revision in (1, 2):
            assert (await channel.post(webhook_id=f"msg_{revision}", body=payload_bytes(alert(1, revision=revision)))).accepted
    keys = {said["dedup_key"] for said in service.bodies}
    assert keys == {alert(1).alert_id}
    assert "https://wire.example/1" in service.taken[0]


def over(number: int, *also: int) -> bytes:
    """The message that tells the end of an alert, and of those that end with it."""
    said = json.loads(payload_bytes(alert(number, revision=2, state=AlertState.CLOSED, reason=AlertReason.STORY_CLOSED)))
    merged = (payload_bytes(alert(one, revision=2, state=AlertState.CLOSED, reason=AlertReason.STORY_CLOSED)) for one in also)
    names = ("alert_id", "revision", "state", "reason", "severity", "theme", "story", "score", "evidence", "evidence_omitted")
    said["data"]["also_alerts"] = [{name: json.loads(one)["data"][name] for name in names} for one in merged]
    return json.dumps(said).encode()


def events(service: Service) -> list[tuple[str, str]]:
    return [(said["event_action"], said["dedup_key"]) for said in service.bodies]


async def test_every_incident_that_pagerduty_opened_is_resolved_by_the_message_that_ends_them_together() -> None:
    keys = [alert(number).alert_id for number in (1, 2, 3)]
    async with serving(services()["pagerduty"]) as service, channel_to(service) as channel:
        for number in (1, 2):  # two came by themselves; the third was told of within the first and has no incident of its own
            assert (await channel.post(webhook_id=f"msg_{number}", body=payload_bytes(alert(number)))).accepted
        service.next_answers = [web.Response(status=202), web.Response(status=503)]
        assert not (await channel.post(webhook_id="msg_3", body=over(1, 2, 3))).accepted
        assert (await channel.post(webhook_id="msg_3", body=over(1, 2, 3))).accepted
    assert events(service) == [("trigger", keys[0]), ("trigger", keys[1]), ("resolve", keys[1]), ("resolve", keys[2])]
    assert service.requests == 6  # the first's end was taken before the service failed, and is not said again


async def test_a_digest_is_told_and_resolves_what_it_says_is_over() -> None:
    shared = {"revision": 2, "reason": "story_closed", "severity": "notice", "themes": ["a", "b"], "title": "t", "source": "s"}
    lines = [shared | {"alert_id": "al_1", "also_alert_ids": ["al_2"], "state": "closed"}, shared | {"alert_id": "al_3", "state": "opened"}]
    notices = [{"notice_id": "no_1", "state": "resolved", "text": "well again"}, {"notice_id": "no_2", "state": "raised", "text": "ill"}]
    digest = {"type": "newsmon.digest", "data": {"reason": "digest", "alerts": lines, "notices": notices}}
    async with serving(services()["pagerduty"]) as service, channel_to(service) as channel:
        assert (await channel.post(webhook_id="msg_1", body=json.dumps(digest).encode())).accepted
    assert events(service) == [("trigger", "newsmon.digest"), ("resolve", "al_1"), ("resolve", "al_2"), ("resolve", "no_1")]


async def test_whose_address_says_what_pagerduty_is_to_do_has_it_so() -> None:
    service = services()["pagerduty"]
    service.address += "?action=trigger"
    async with serving(service), channel_to(service) as channel:
        assert (await channel.post(webhook_id="msg_1", body=over(1, 2))).accepted
    assert events(service) == [("trigger", alert(1).alert_id)]


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"pagerduty"}))
async def test_where_no_incidents_are_kept_an_end_is_one_message(name: str) -> None:
    async with serving(services()[name]) as service, channel_to(service) as channel:
        assert (await channel.post(webhook_id="msg_1", body=over(1, 2))).accepted
    assert len(service.taken) == 1


@pytest.mark.parametrize("behaviour", [hangs, drips_its_head])
async def test_a_service_that_never_ends_its_answer_is_cut_off_and_the_next_message_gets_through(behaviour: Any) -> None:
    service = services()["discord"]
    async with raw_receiver(behaviour) as bad, serving(service):
        address = f"json://127.0.0.1:{bad.port}/"
        async with AppriseChannel(settings_of(timeout_s=1.0), [address], command=(sys.executable, CHILD)) as channel:
            started = time.monotonic()
            outcome = await channel.post(webhook_id="msg_1", body=BODY)
            assert outcome.reason in (DeliveryReason.TIMED_OUT, DeliveryReason.CHANNEL_FAILED)
            assert time.monotonic() - started < 60
        async with channel_to(service) as channel:
            assert (await channel.post(webhook_id="msg_2", body=BODY)).accepted


async def test_an_endless_answer_is_not_kept_and_a_redirect_not_followed() -> None:
    async def floods(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    async with raw_receiver(floods) as endless, raw_receiver(says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as target:
        redirect = says(f"HTTP/1.1 307 Elsewhere\r\nLocation: {target.url}\r\nContent-Length: 0\r\n\r\n".encode())
        async with raw_receiver(redirect) as elsewhere:
            for port, reason in ((endless.port, DeliveryReason.ACCEPTED), (elsewhere.port, DeliveryReason.REDIRECTED)):
                address = f"json://127.0.0.1:{port}/"
                async with AppriseChannel(settings_of(), [address], command=(sys.executable, CHILD)) as channel:
                    assert (await channel.post(webhook_id="msg_1", body=BODY)).reason is reason
        assert target.requests == []


@pytest.mark.parametrize(
    "address",
    ["json://127.0.0.1:9/", "json://localhost:9/", "json://169.254.169.254/", "json://[::1]:9/", "mailto://user:pass@127.0.0.1:25?from=a@e.example&to=b@e.example",
     "syslog://127.0.0.1/?mode=remote", "rsyslog://127.0.0.1:9/"],
)  # fmt: skip
async def test_no_service_reaches_the_local_network_unless_allowed(address: str) -> None:
    """The real child: what is refused is refused by the interpreter, whichever library dials."""
    async with AppriseChannel(settings_of(allow_private=()), [address], command=COMMAND) as channel:
        outcome = await channel.post(webhook_id="msg_1", body=BODY)
    assert not outcome.accepted
    assert outcome.reason in (DeliveryReason.BLOCKED_ADDRESS, DeliveryReason.CHANNEL_FAILED)
    if address.startswith(("json", "mailto")):
        assert outcome.reason is DeliveryReason.BLOCKED_ADDRESS
        assert ("allow_private" in str(outcome.detail)) is not ("169.254" in address)


async def test_a_child_that_is_killed_fails_one_attempt_and_is_started_again() -> None:
    async with serving(services()["discord"]) as service, channel_to(service) as channel:
        assert (await channel.post(webhook_id="msg_1", body=BODY)).accepted
        assert channel._child is not None
        os.kill(channel._child._process.pid, signal.SIGKILL)
        outcomes = [await channel.post(webhook_id="msg_2", body=BODY) for _ in range(2)]
        assert outcomes[-1].accepted
    assert len(service.taken) == 2


async def test_an_address_apprise_does_not_know_fails_and_is_not_repeated_in_the_outcome() -> None:
    async with AppriseChannel(settings_of(), ["discord://s3cr3t"], command=COMMAND) as channel:
        outcome = await channel.post(webhook_id="msg_1", body=BODY)
    assert outcome.reason is DeliveryReason.CHANNEL_FAILED
    assert "address 1" in (outcome.detail or "")
    assert "s3cr3t" not in repr(outcome)


class Mailbox:
    """Keeps what a real SMTP server took."""

    def __init__(self) -> None:
        self.mails: list[email.message.EmailMessage] = []
        self.refuse_next = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refuse_next:
            self.refuse_next = False
            return "451 later"
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        return "250 OK"


@asynccontextmanager
async def mail_server() -> AsyncIterator[tuple[Mailbox, int]]:
    mailbox = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(mailbox, enable_SMTPUTF8=True), "127.0.0.1", 0)
    async with server:
        yield mailbox, server.sockets[0].getsockname()[1]


async def test_mail_arrives_whole_through_a_real_smtp_server_and_a_refused_one_is_tried_again() -> None:
    async with mail_server() as (mailbox, port):
        address = f"mailto://127.0.0.1:{port}?from=newsmon@desk.example&to=editor@desk.example&mode=insecure&smtp=127.0.0.1"
        async with AppriseChannel(settings_of(), [address], command=(sys.executable, CHILD)) as channel:
            body = payload_bytes(wide_alert(5, text="Київ & Łódź <b> ", repeat=3), ack=ACK)
            mailbox.refuse_next = True
            assert not (await channel.post(webhook_id="msg_1", body=body)).accepted
            assert (await channel.post(webhook_id="msg_1", body=body)).accepted
    [mail] = mailbox.mails
    assert mail["To"].addresses[0].addr_spec == "editor@desk.example"
    assert "NOTICE" in mail["Subject"]
    shown = mail.get_body(("plain", "html"))
    assert shown is not None
    assert shown.get_content_type() == "text/plain"
    told = letters(shown.get_content())
    for line in chat_message(body).text.split("\n"):
        assert letters(line) in told
    assert ACK in shown.get_content().split()


async def test_the_loop_goes_on_while_a_service_hangs() -> None:
    async with (
        raw_receiver(hangs) as hung,
        AppriseChannel(settings_of(timeout_s=5.0), [f"json://127.0.0.1:{hung.port}/"], command=(sys.executable, CHILD)) as channel,
    ):
        waiting: asyncio.Task[Outcome] = asyncio.create_task(channel.post(webhook_id="msg_1", body=BODY))
        turns = 0
        while not waiting.done():
            turns += 1
            await asyncio.sleep(0.01)
    assert turns > 5  # a loop that was held up would have turned once or twice


def test_addresses_come_from_files_and_the_environment_and_problems_never_show_them(tmp_path: Path) -> None:
    file = tmp_path / "chat.url"
    file.write_text("discord://123/s3cr3t\n")
    both = settings_of(url_files=(file,), url_env="CHAT")
    found = load_addresses([both], {"CHAT": "ntfy://topic mailto://a@e.example"})
    assert found == {"chat": ("discord://123/s3cr3t", "ntfy://topic", "mailto://a@e.example")}
    file.write_text("hook-s3cr3t\n")
    with pytest.raises(SettingsError) as raised:
        load_addresses([both, settings_of(id="none"), settings_of(id="gone", url_files=(tmp_path / "gone",), url_env=None)], {})
    assert [problem.where for problem in raised.value.problems] == [
        "settings:receivers.chat", "settings:receivers.none", "settings:receivers.gone.url_files", "settings:receivers.gone",
    ]  # fmt: skip
    assert "s3cr3t" not in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url_env": None}, "missing addresses"),
        ({"url": "https://e.example/"}, "is a secret"),
        ({"secret_env": "X"}, "are for kind"),
        ({"format": "cloudevents"}, "are for kind"),
        ({"kind": "webhook", "url_env": None}, "missing address"),
        ({"kind": "webhook", "url": "https://e.example/", "secret_env": "X"}, "url_env are for kind"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        settings_of(**changes)
