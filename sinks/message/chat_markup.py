"""Escapes text so that a chat service shows it as it is: no link, picture, mention, heading or tag comes from the text of a feed.

In: lines of a message, and the links in it that newsmon puts there. Out: the same lines in the service's markup. Links keep their addresses
unchanged; everything else is escaped. What each service receives was observed with Apprise 2.3's plug-ins and a local server.

A backslash escapes a character where the service knows Markdown's escapes. A zero-width space after a character breaks up what services
recognise even in plain text, whatever their dialect: `@everyone`, `<!channel>`, `](`, `https://`, `:emoji:`, `#tag`, `/command`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from enum import StrEnum
from html import escape
from urllib.parse import quote

BREAK = "\u200b"


class Markup(StrEnum):
    """How a service reads a text."""

    PLAIN = "plain"  # as it stands: mail, pagers, push messages
    GUARDED = "guarded"  # unknown: shown as it stands, or read as some kind of markup
    MARKDOWN = "markdown"
    CARD = "card"  # the Markdown of Teams' cards, which does not link bare addresses
    HTML = "html"


# By Apprise's schema, for services that read texts in another way than the format Apprise declares.
OURS: dict[str, Markup] = {
    "discord": Markup.MARKDOWN,
    "mmost": Markup.MARKDOWN,
    "mmosts": Markup.MARKDOWN,
    "workflow": Markup.CARD,
    "workflows": Markup.CARD,
} | dict.fromkeys(("gotify", "gotifys", "json", "jsons", "mailto", "mailtos", "ntfy", "ntfys", "pagerduty", "pover"), Markup.PLAIN)
DECLARED = {"markdown": Markup.MARKDOWN, "html": Markup.HTML}

# What services turn into a mention, a link, a tag or a picture. Each match is followed by a BREAK.
CALLS = re.compile(r"[@#]|(?<!\S)/(?=[a-z])|:(?=//)|:(?=[\w+'-]{1,64}:)|\bwww(?=\.)", re.IGNORECASE)
TAGS = re.compile(r"[<\]]|&(?=[#a-z])", re.IGNORECASE)
SPECIAL = re.compile(r"[\\`*_~|\[\]]")
LINE_START = re.compile(r"(\s*)([-+=>]|\d{1,9}(?=[.)]))?(.*)", re.DOTALL)
WEB = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)
UNSAFE = re.compile(r"[\s<>\"`\\^{|}]")  # no address needs them as they are (RFC 3986), and some markup ends at them


def markup_of(schema: str, declared: str) -> Markup:
    """How the service reads a text; `declared` is the format in which Apprise sends it."""
    return OURS.get(schema) or DECLARED.get(declared, Markup.GUARDED)


def title_markup(markup: Markup) -> Markup:
    """The same for a title in a field of its own, which services show as it stands; cards are all Markdown."""
    return markup if markup in (Markup.PLAIN, Markup.CARD) else Markup.GUARDED


def link_of(url: object) -> str | None:
    """The web address, usable in any markup: only characters that no address has are encoded. None for anything else."""
    if not isinstance(url, str) or WEB.match(url) is None:
        return None
    return "".join(quote(letter) if UNSAFE.match(letter) or not letter.isprintable() else letter for letter in url)


def rendered(text: str, markup: Markup, links: Collection[str] = ()) -> str:
    """The text in the markup, line by line; `links` are the addresses in it to link, each from `link_of`."""
    if markup is Markup.PLAIN:
        return text
    found = re.compile("|".join(re.escape(link) for link in sorted(links, key=len, reverse=True))) if links else None
    return "\n".join(_line(line, markup, found) for line in text.split("\n"))


def _line(line: str, markup: Markup, links: re.Pattern[str] | None) -> str:
    words, link = WRITERS[markup]
    if links is None:
        return words(line)
    made, end = [], 0
    for match in links.finditer(line):
        before = line[end : match.start()]
        made += [words(before) if end == 0 else words_within(before, words), link(match.group())]
        end = match.end()
    rest = line[end:]
    return "".join([*made, words(rest) if end == 0 else words_within(rest, words)])


def words_within(text: str, words: Callable[[str], str]) -> str:
    """The words, escaped as the continuation of a line: characters that are special only at the start of a line stay as they are."""
    return words(f".{text}")[1:]


def _guarded(text: str) -> str:
    return TAGS.sub(_broken, CALLS.sub(_broken, text))


def _broken(match: re.Match[str]) -> str:
    return match.group() + BREAK


def _markdown(text: str) -> str:
    start = LINE_START.match(text)
    assert start is not None, "it matches any text"
    indent, marker, rest = start[1], start[2] or "", start[3]
    if len(indent) > 3:
        indent = "\u00a0" * len(indent)  # four spaces would begin a block of code
    if marker.isdigit():
        marker, rest = f"{marker}\\{rest[0]}", rest[1:]
    elif marker:
        marker = f"\\{marker}"
    return indent + marker + SPECIAL.sub(_escaped, _guarded(rest))


def _escaped(match: re.Match[str]) -> str:
    return "\\" + match.group()


def _html(text: str) -> str:
    return escape(_guarded(text), quote=False)


def _bare(url: str) -> str:
    """The address, without what a service that reads Markdown would take for a link or picture inside it."""
    return url.replace("](", "]%28")


def _in_brackets(url: str) -> str:
    return f"<{url}>"


def _named(url: str) -> str:
    """A link whose text is its address, the only form that every client knows in cards; a parenthesis would end it."""
    address = url.replace("(", "%28").replace(")", "%29")
    return f"[{SPECIAL.sub(_escaped, url)}]({address})"


def _html_link(url: str) -> str:
    return escape(url, quote=False)


WRITERS: dict[Markup, tuple[Callable[[str], str], Callable[[str], str]]] = {
    Markup.GUARDED: (_guarded, _bare),
    Markup.MARKDOWN: (_markdown, _in_brackets),
    Markup.CARD: (_markdown, _named),
    Markup.HTML: (_html, _html_link),
}
