"""One damaged element, repaired step by step until it is well formed: references first, then tags.

CDATA sections and comments are left as they are, except those that are never closed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html.entities import html5
from xml.parsers import expat

UNREADABLE = "\ufffd"
_XML_NAMES = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))
_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_SECTION = re.compile(rb"<!\[CDATA\[|<!--")
_SECTION_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}
_PAIR = re.compile(rb"&#(?:x(d[89ab][0-9a-f]{2})|(5[56]\d{3}));?&#(?:x(d[c-f][0-9a-f]{2})|(5[67]\d{3}));?", re.IGNORECASE)
_NUMBER = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|(\d+));?")
_AMPERSAND = re.compile(rb"&(?:#(?:x[0-9a-fA-F]{1,6}|\d{1,7});|([A-Za-z][A-Za-z0-9]{0,31});)?")
_BARE_LESS = re.compile(rb"<(?![A-Za-z_/!?])|</(?![A-Za-z_])|<!(?!\[CDATA\[|--)|<\?")
_TAG = re.compile(rb"<([A-Za-z_][\w.:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)>")
_ATTRIBUTE = re.compile(rb"([A-Za-z_][\w.:-]*)(?:\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]++)))?")
_CLOSING = re.compile(rb"</([A-Za-z_][\w.:-]*)\s*>")

_ANY_TAG = re.compile(rb"<(/?)([A-Za-z_][\w.:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)>")
_VOID = frozenset((b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"meta", b"param", b"track", b"wbr"))
_FIELDS = frozenset(
    (b"title", b"link", b"guid", b"id", b"description", b"summary", b"content:encoded", b"pubDate", b"published", b"updated", b"dc:date",
     b"dc:creator", b"category", b"comments", b"enclosure", b"loc", b"lastmod")
)  # fmt: skip
MAX_DEPTH = 200  # of elements in one entry: deeper ones are not worth a repair


def sections(element: bytes) -> list[bytes]:
    """Markup and closed CDATA sections or comments in turn, beginning and ending with markup."""
    pieces: list[bytes] = []
    begin = at = 0
    unclosed = set[bytes]()  # nothing ends these any more: looked for once
    while (found := _SECTION.search(element, at)) is not None:
        at = found.end()
        if found[0] in unclosed:
            continue
        end = element.find(_SECTION_ENDS[found[0]], at)
        if end < 0:
            unclosed.add(found[0])
            continue
        at = end + 3
        pieces += [element[begin : found.start()], element[found.start() : at]]
        begin = at
    return [*pieces, element[begin:]]


def is_well_formed(document: bytes) -> bool:
    """True if a strict parser reads the whole document."""
    try:
        expat.ParserCreate("utf-8", " ").ParseFile(io.BytesIO(document))
    except expat.ExpatError:
        return False
    return True


def repaired(element: bytes, fits: Callable[[bytes], bool]) -> bytes | None:
    """The element with as few repairs as it needs to fit; None if none of them helps."""
    if fits(element):
        return element
    for step in (_sound_characters, _closed_sections, _escaped_ampersands, written_tags, _balanced):
        element = step(element)
        if fits(element):
            return element
    return None


def _sound_characters(element: bytes) -> bytes:
    """Without characters that XML forbids, and without references to any."""
    return outside_sections(_NOT_XML.sub(b"", element), sound_references)


def sound_references(text: bytes) -> bytes:
    """Each pair of references to surrogates is the character they mean; a reference to no character is U+FFFD."""
    return _NUMBER.sub(_one_character, _PAIR.sub(_of_pair, text))


def _of_pair(found: re.Match[bytes]) -> bytes:
    high = int(found[1], 16) if found[1] else int(found[2])
    low = int(found[3], 16) if found[3] else int(found[4])
    if not (0xD800 <= high <= 0xDBFF and 0xDC00 <= low <= 0xDFFF):
        return found[0]
    return b"&#%d;" % (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _one_character(found: re.Match[bytes]) -> bytes:
    digits = found[1] or found[2]
    number = int(digits, 16 if found[1] else 10) if len(digits.lstrip(b"0")) <= 7 else -1
    if number in (9, 10, 13) or 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number <= 0x10FFFF:
        return b"&#%d;" % number
    return b"" if 0 < number < 0x20 else UNREADABLE.encode()


def _closed_sections(element: bytes) -> bytes:
    """A CDATA section without an end ends with the element it is in; the mark of a comment without an end is dropped."""
    pieces = sections(element)
    for place in range(0, len(pieces), 2):
        text = pieces[place].replace(b"<!--", b"")
        begin = text.find(b"<![CDATA[")
        if begin >= 0:
            opened = re.findall(rb"<([A-Za-z_][\w.:-]*)[^<>]*>\s*$", text[:begin])
            end = text.find(b"</" + opened[-1], begin) if opened else -1
            if end < 0:
                closing = _CLOSING.search(text, begin)
                end = closing.start() if closing else len(text)
            text = text[:end] + b"]]>" + text[end:]
        pieces[place] = text
    return b"".join(pieces)


def _escaped_ampersands(element: bytes) -> bytes:
    return outside_sections(element, lambda text: _AMPERSAND.sub(_reference, text))


def _reference(found: re.Match[bytes]) -> bytes:
    """A reference that XML reads: HTML's names become numbers, and an ampersand that begins no reference is escaped."""
    name = found[1]
    if name is None:
        return found[0] if len(found[0]) > 1 else b"&amp;"
    if name in _XML_NAMES:
        return found[0]
    meant = html5.get(name.decode("ascii") + ";")
    return b"".join(b"&#%d;" % ord(character) for character in meant) if meant else b"&amp;" + found[0][1:]


def written_tags(element: bytes) -> bytes:
    """Every start tag is written again, with each attribute once and quoted; a `<` that begins no tag is escaped."""
    return outside_sections(element, lambda text: _TAG.sub(_tag, _BARE_LESS.sub(lambda found: b"&lt;" + found[0][1:], text)))


def _tag(found: re.Match[bytes]) -> bytes:
    inner = found[2].rstrip()
    slash = b"/" if inner.endswith(b"/") and not inner.endswith(b"=/") else b""
    attributes: dict[bytes, bytes] = {}
    for one in _ATTRIBUTE.finditer(inner.removesuffix(b"/") if slash else inner):
        value = next((part for part in one.groups()[1:] if part is not None), one[1])
        attributes.setdefault(one[1], value.replace(b"<", b"&lt;").replace(b'"', b"&quot;"))
    return b"<" + found[1] + b"".join(b' %s="%s"' % pair for pair in attributes.items()) + slash + b">"


def _balanced(element: bytes) -> bytes:
    """Every element ends within the one it began in, and a field of an entry where the next begins; end tags of nothing are gone."""
    written: list[bytes] = []
    opened: list[bytes] = []

    def close_down_to(depth: int) -> None:
        while len(opened) > depth:
            written.append(b"</" + opened.pop() + b">")

    for place, piece in enumerate(sections(element)):
        at = len(piece) if place % 2 else 0
        written.append(piece[:at])
        for found in _ANY_TAG.finditer(piece, at):
            written.append(piece[at : found.start()])
            at = found.end()
            name = found[2]
            if found[1]:
                depth = next((depth for depth in range(len(opened) - 1, -1, -1) if opened[depth] == name), None)
                if depth is not None:
                    close_down_to(depth)
            elif found[3].endswith(b"/"):
                written.append(found[0])
            elif name.lower() in _VOID:
                written.append(found[0][:-1] + b"/>")
            else:
                if name in _FIELDS:
                    close_down_to(next((depth for depth, other in enumerate(opened) if other in _FIELDS), len(opened)))
                opened.append(name)
                written.append(found[0])
            if len(opened) > MAX_DEPTH:
                return element
        written.append(piece[at:])
    close_down_to(0)
    return b"".join(written)


def outside_sections(element: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The element with a change to all of it but its CDATA sections and comments."""
    pieces = sections(element)
    pieces[::2] = [change(piece) for piece in pieces[::2]]
    return b"".join(pieces)
