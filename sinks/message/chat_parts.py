"""Splits a message into as many numbered parts as the service's limits require; nothing is cut off.

In: a ChatMessage, ChatLimits. Out: parts in the service's markup; together, without their numbers, they contain the whole message.
The text is split before it is escaped and measured afterwards, so that no part ends inside an escape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sinks.message.alert_body import joined
from sinks.message.chat_limits import ChatLimits
from sinks.message.chat_markup import rendered, title_markup
from sinks.message.chat_text import ChatMessage

LONGEST_NUMBER = "(999/999) "


@dataclass(frozen=True, slots=True)
class Part:
    """One message as the service gets it."""

    title: str
    body: str


def parts(message: ChatMessage, limits: ChatLimits) -> tuple[Part, ...]:
    """At least one part; each of several starts with its number, `(2/5) `, in the title if it has one."""
    title, text = message.title, message.text

    def as_title(words: str) -> str:
        return rendered(words, title_markup(limits.markup))

    def as_text(words: str) -> str:
        return rendered(words, limits.markup, message.links)

    def title_size(words: str) -> int:
        return limits.size(as_title(words))

    def text_size(words: str) -> int:
        return limits.size(as_text(words))

    if limits.beside:
        return (Part("", as_text(next(_pieces(title, limits.body, text_size)))),)
    number_room = limits.size(LONGEST_NUMBER)
    if limits.title == 0 or title_size(title) + number_room > limits.title:
        text = message.whole
        # A title that is too long is cut in its place, and stands in full at the start of the text.
        title = "" if limits.title == 0 else next(_pieces(title, limits.title - number_room, title_size))
    title = as_title(title)
    room = limits.body - number_room
    words = list(_by_lines(text if text.strip() else message.title, room, text_size, limits.lines))
    bodies = [as_text(one) for one in words] or ["-"]  # no service accepts a message without text
    count = len(bodies)
    if count == 1:
        return (Part(title, bodies[0]),)
    numbered = (f"({number}/{count}) " for number in range(1, count + 1))
    if title:
        return tuple(Part(number + title, body) for number, body in zip(numbered, bodies, strict=True))
    return tuple(Part("", number + body) for number, body in zip(numbered, bodies, strict=True))


def _by_lines(text: str, room: int, size: Callable[[str], int], most_lines: int) -> Iterator[str]:
    """The text split between lines; a line that is too long is split between words."""
    held: list[str] = []
    held_size = 0
    for line in text.split("\n"):
        for piece in _pieces(line, room, size):
            piece_size = size(piece) + size("\n")
            if held and (held_size + piece_size > room or (most_lines and len(held) >= most_lines)):
                if (full := "\n".join(held)).strip():
                    yield full
                held, held_size = [], 0
            held.append(piece)
            held_size += piece_size
    if (rest := "\n".join(held)).strip():
        yield rest


def _pieces(line: str, room: int, size: Callable[[str], int]) -> Iterator[str]:
    """The line in pieces of at most `room`, split at a space if one is near, never between a letter and its accents."""
    while size(line) > room:
        low, high = 1, len(line)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if size(line[:middle]) <= room else (low, middle - 1)
        end = low
        while end > 1 and joined(line[end - 1], line[end]):
            end -= 1
        if end == 1:
            end = low  # accents without end: hostile text, split anyway
        space = line.rfind(" ", 0, end + 1)
        if space > end * 0.5:
            end = space + 1
        yield line[:end].rstrip(" ") or line[:end]
        line = line[end:]
    yield line
