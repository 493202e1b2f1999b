"""Writes words so that a chat service shows them as they are: no link, picture, mention, heading or tag comes from the words of a feed.

In: lines of a message, and the links in it that are newsmon's own. Out: the same lines in the service's markup. The links keep their
addresses to the letter; everything else is words. What each service is sent was read off Apprise 2.3's plug-ins on a local server.

A backslash makes a character plain where the service knows Markdown's escapes. A zero-width space after a character breaks what
services find in plain words as well, whatever their dialect: `@everyone`, `<!channel>`, `](`, `https://`, `:emoji:`, `#tag`, `/command`.
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
    GUARDED = "guarded"  # nobody knows: shown as it stands, or read as some kind of markup
    MARKDOWN = "markdown"
    CARD = "card"  # the Markdown of Teams' cards, which links no bare address
    HTML = "html"


# By Apprise's schema, where the format Apprise declares does not say how the service reads its texts.
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
    """How the service reads what it is sent; `declared` is the format in which Apprise sends it."""
    return OURS.get(schema) or DECLARED.get(declared, Markup.GUARDED)


def title_markup(markup: Markup) -> Markup:
    """The same for a title in a field of its own, which services show as it stands; cards are all Markdown."""
    return markup if markup in (Markup.PLAIN, Markup.CARD) else Markup.GUARDED


def link_of(url: object) -> str | None:
    """The web address as it can stand in any markup: to the letter, but for characters that no address has; None for anything else."""
    if not isinstance(url, str) or WEB.match(url) is None:
        return None
    return "".join(quote(letter) if UNSAFE.match(letter) or not letter.isprintable() else letter for letter in url)


def rendered(text: str, markup: Markup, links: Collection[str] = ()) -> str:
    """The text in the markup, line by line; `links` are the addresses in it that are ours, each from `link_of`."""
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
    """Words that do not begin their line: what only counts at the start of a line is left alone."""
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
    """The address as it is, but for what a service that reads Markdown would take for a link or picture inside it."""
    return url.replace("](", "]%28")


def _in_brackets(url: str) -> str:
    return f"<{url}>"


def _named(url: str) -> str:
    """A link under its own address, the only form that every reader of cards knows; a parenthesis would end it."""
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
