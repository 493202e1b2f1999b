"""Words from feeds reach every channel as words: channels x hostile strings, through Apprise's real plug-ins to a local server.

What each service was sent is read as that service reads it: Markdown by markdown-it, HTML by the standard library, Slack by its own rule.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from support.alerts import SAMPLE, alert
from support.chat_services import Service, other_services, services, serving
from support.receivers import LOOPBACK

from newsmon.settings import ReceiverSettings
from sinks.channels.apprise_channel import AppriseChannel
from sinks.message.alert_body import payload_bytes
from sinks.message.chat_markup import BREAK, Markup, link_of, rendered

OUR_LINK = "https://www.youtube.com/@Channel4News/a_b_c~d?x=1&y=*2*&copy=3#part_1"
HOSTILE = (
    "[BBC](https://evil.example)", "![x](https://track.example/p.png)", "[BBC][1]", "[1]: https://evil.example", "<https://evil.example|click>",
    "<https://evil.example>", "https://evil.example/p.png", "www.evil.example", "mailto:a@evil.example", "tg://resolve?domain=evil", "<mailto:a@evil.example>",
    "<!channel>", "<!everyone>", "<@U123>", "<@&99>", "<#C1>", "<at>all</at>", '<at user_id="all">all</at>', "@everyone", "@here", "@channel", "@all", "@**all**", "@room",
    "<b>bold</b>", "<a href='https://evil.example'>x</a>", "<img src=https://track.example/p.png>", "<script>alert(1)</script>", "&lt;b&gt;", "&#60;!channel&#62;", "<!-- x -->",
    "`code`", "```block", "*bold*", "**bold**", "_it_", "__it__", "~gone~", "~~gone~~", "||spoiler||", "# heading", "## heading", "> quote", ">>> quote", "- item", "+ item",
    "1. item", "2) item", "| a | b |", "---", "===", "***", "    code", ":emoji:", "#tag", "/command", "\\*bold\\*", "\\[BBC\\](https://evil.example)", "a\\",
    "<tg-spoiler>x</tg-spoiler>", "{{x}}", "$PATH", "%s", "R&D", "5 < 6 > 4", "10:30 - 11:30", "C# & F#",
)  # fmt: skip
INVISIBLE = "\u202eevil\u202c \u200bx\u200b \x1b[2Jred\x07 a\r\nBcc: b@evil.example\u2028next\ttab"


class Seen(HTMLParser):
    """The tags and the text of HTML, as a browser or Telegram reads it."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data


def tokens_of(tokens: list[Token] | None) -> Iterator[Token]:
    for token in tokens or ():
        yield token
        yield from tokens_of(token.children)


def read_as_markdown(source: str) -> tuple[list[str], str]:
    """The links, and the text with line breaks; anything but paragraphs, text and links fails."""
    links, text = [], ""
    for token in tokens_of(MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(source)):
        if token.type == "link_open":
            links.append(str(token.attrs["href"]))
        elif token.type in ("text", "text_special"):
            text += token.content
        elif token.type in ("softbreak", "hardbreak", "paragraph_close"):
            text += "\n"
        else:
            assert token.type in ("paragraph_open", "inline", "link_close"), (token.type, token.content, source)
    return links, text


def read_as_slack(source: str) -> str:
    assert not re.search(r"<[^>]*>", source), source
    return source.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def shown_by(name: str, said: Any) -> tuple[list[str] | None, str]:
    """The links a reader can follow (None: the service finds them in the bare text) and the text that is shown."""
    match name:
        case "slack":
            [one] = said["attachments"]
            assert (said["unfurl_links"], said["unfurl_media"]) == (False, False)
            return None, f"{read_as_slack(one['title'])}\n{read_as_slack(one['text'])}"
        case "discord" | "discord embeds":
            assert said["allowed_mentions"] == {"parse": [], "users": [], "roles": []}
            assert (said["flags"] & 4, said.get("embeds")) == (4, None)
            return read_as_markdown(said["content"])
        case "telegram" | "telegram markdown":
            assert (said["parse_mode"], said["disable_web_page_preview"]) == ("HTML", True)
            seen = Seen(said["text"])
            assert seen.tags == []
            return None, seen.text
        case "teams":
            title, body = (block["text"] for block in said["attachments"][0]["content"]["body"])
            (no_links, shown_title), (links, shown) = read_as_markdown(title), read_as_markdown(body)
            assert no_links == []
            return links, f"{shown_title}\n{shown}"
        case "mattermost" | "rocket chat":
            return read_as_markdown(said["text"])
        case "webex":
            return read_as_markdown(said["markdown"])
        case "google chat":
            links = re.findall(r"<([a-z]+:[^>]*)>", said["text"])
            return [html.unescape(link) for link in links], html.unescape(re.sub(r"<([a-z]+:[^>]*)>", r"\1", said["text"])).replace(
                "\\", ""
            )
        case "pagerduty":
            return None, said["payload"]["custom_details"]["text"]
        case "zulip":
            return None, f"{said['topic']}\n{said['content']}"
    if name == "gotify":
        assert "extras" not in said  # no Markdown
    if name == "pushover":
        assert "html" not in said
    return None, f"{said.get('title', '')}\n{said['message']}"


PLAIN = ("gotify", "pushover", "ntfy", "ntfy markdown", "pagerduty")  # show what they get, and know no mentions
ALL = services() | other_services()


def readable(text: str) -> str:
    return re.sub(r"[\s\u200b\\]", "", text)


@asynccontextmanager
async def sending_to(service: Service) -> AsyncIterator[Callable[[bytes], Awaitable[list[Any]]]]:
    """A function that sends a body through the plug-in and returns what the service was sent."""
    settings = ReceiverSettings(id="chat", kind="apprise", url_env="CHAT", allow_private=LOOPBACK, timeout_s=60.0)
    async with serving(service), AppriseChannel(settings, [service.address], command=service.command()) as channel:

        async def send(body: bytes) -> list[Any]:
            service.bodies.clear()
            outcome = await channel.post(webhook_id="msg_1", body=body)
            assert outcome.accepted, (outcome, service.refusals)
            return list(service.bodies)

        yield send


def hostile_alert(title: str, lead: str) -> bytes:
    first = msgspec.structs.replace(SAMPLE.articles[0], url=OUR_LINK, title=title, source=title)
    evidence = msgspec.structs.replace(SAMPLE.evidence[0], text=title, clause=title)
    return payload_bytes(alert(1, title=title, lead=lead, theme_label=title, articles=(first,), evidence=(evidence,)))


def test_an_address_with_characters_that_no_address_has_is_linked_with_these_written_out() -> None:
    odd = 'https://e.example/it\'s (a) <b>|c d\u202e/?q=[1]&r="x"'
    assert link_of(odd) == "https://e.example/it's%20(a)%20%3Cb%3E%7Cc%20d%E2%80%AE/?q=[1]&r=%22x%22"
    assert [link_of(one) for one in (OUR_LINK, "javascript:alert(1)", "//evil.example", "https://", None)] == [
        OUR_LINK,
        None,
        None,
        None,
        None,
    ]


def test_an_address_cannot_hide_a_picture_in_a_service_that_links_bare_addresses() -> None:
    link = link_of("https://evil.example/![x](https://track.example/p.png)")
    assert link is not None
    assert rendered(link, Markup.GUARDED, [link]) == "https://evil.example/![x]%28https://track.example/p.png)"


LINKING = {"discord", "discord embeds", "teams", "mattermost", "rocket chat", "webex", "google chat"}
CALLS = (
    r"@(everyone|here|channel|all\b|room|\*\*)",
    r"<[!@#a-z/]",
    r"\]\(",
    r"[a-z]://",
    r"\bwww\.",
    r":emoji:",
    r"#tag",
    r"(?m)(^|\s)/command",
)


def check(name: str, said: list[Any], words: str, link: str | None) -> None:
    links: set[str] = set()
    text = ""
    for one in said:
        found, shown = shown_by(name, one)
        links.update(found or ())
        text += f"{shown}\n"
    if name in LINKING:
        assert links == ({link} if link else set()), (name, words)
    assert link is None or link in text, (name, text)
    if name not in PLAIN:
        for call in CALLS:
            assert not re.search(call, text.replace(OUR_LINK, "")), (name, call, text)
    assert readable(words) in readable(text), (name, words, text)


@pytest.mark.parametrize("name", ALL)
async def test_every_channel_shows_hostile_words_as_words_and_links_only_where_we_do(name: str) -> None:
    """Each string begins a line of its own, as the lead does, and stands within the title, the evidence and a notice."""
    async with sending_to((services() | other_services())[name]) as send:
        for number in range(0, len(HOSTILE), 9):
            strings = HOSTILE[number : number + 9]
            title = " ".join(strings)
            check(name, await send(hostile_alert(title, title)), title, OUR_LINK)
            for one in strings:
                check(name, await send(hostile_alert("x", one)), one, OUR_LINK)
            details = {"title": "Notice", "text": title, "details": {one: one for one in strings}}
            check(name, await send(msgspec.json.encode({"type": "newsmon.notice", "data": details})), title, None)


@pytest.mark.parametrize("name", ["slack", "discord", "telegram", "teams", "ntfy"])
async def test_no_channel_gets_characters_that_hide_or_turn_words(name: str) -> None:
    async with sending_to(services()[name]) as send:
        said = await send(hostile_alert(INVISIBLE, INVISIBLE))
    assert not set(json.dumps(said, ensure_ascii=False)) & set("\u202e\u202c\x1b\x07\u2028")
    text = "".join(shown_by(name, one)[1] for one in said).replace(BREAK, "")
    assert [line for line in text.splitlines() if line.startswith("Bcc")] == []  # a title is one line
