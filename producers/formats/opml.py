"""Lists of feeds as OPML 2.0 (opml.org/spec2.opml), read and written, and as `[[feed]]` tables.

Our ids, tiers and zones, for which OPML has no attribute, go into a namespace of our own, which other readers ignore. Our own code:
it is forty lines on lxml, and it reads damaged lists as far as possible.
"""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec
from lxml import etree

from newsmon.records import Feed

NAMESPACE = "urn:newsmon:opml"
MAX_TEXT_CHARS = 200
MAX_SLUG_CHARS = 64
_OURS = f"{{{NAMESPACE}}}"
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")
_CYRILLIC = dict(
    zip(
        "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэъё",
        "a b v h g d e ie zh z y i i i k l m n o p r s t u f kh ts ch sh shch _ iu ia y e _ e".split(),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of an OPML list; `extra` has our own attributes, by the names of the feed's fields."""

    url: str
    title: str
    site: str
    language: str
    extra: Mapping[str, str]


class NotOpmlError(ValueError):
    """The bytes are not OPML."""


def read_opml(body: bytes) -> tuple[Outline, ...]:
    """Every outline with an xmlUrl, in document order, nested or not. Damaged XML is read as far as possible."""
    found: list[Outline] = []
    is_opml = False
    try:
        options: dict[str, Any] = {"recover": True, "resolve_entities": False, "no_network": True, "load_dtd": False}
        for _event, element in etree.iterparse(io.BytesIO(body), events=("start",), **options):
            name = str(element.tag).rpartition("}")[2].lower()
            is_opml = is_opml or name == "opml"
            if name == "outline":
                outline = _outline({str(key): str(value) for key, value in element.attrib.items()})
                found += [outline] if outline.url else []
    except etree.XMLSyntaxError as error:
        if not is_opml:
            raise NotOpmlError(str(error)) from error
    if not is_opml:
        raise NotOpmlError("no <opml> element")
    return tuple(found)


def write_opml(feeds: Iterable[Feed], *, title: str) -> bytes:
    """The feeds as OPML. The same list always gives the same bytes."""
    root = etree.Element("opml", {"version": "2.0"}, nsmap={"newsmon": NAMESPACE})
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for feed in feeds:
        text = f"{feed.source} ({feed.feed_id})"
        attributes = {"type": "rss", "text": text, "title": text, "xmlUrl": feed.url}
        if feed.language:
            attributes["language"] = feed.language
        attributes |= {_OURS + key: _attribute(value) for key, value in fields_of(feed).items() if key not in ("url", "language")}
        etree.SubElement(body, "outline", {key: _printable(value) for key, value in attributes.items()})
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return written


def fields_of(feed: Feed) -> dict[str, Any]:
    """The keys and values of the feed's `[[feed]]` table, without defaults."""
    fields = {field.name: (getattr(feed, field.name), field.default) for field in msgspec.structs.fields(feed)}
    kept = {name: value for name, (value, default) in fields.items() if value != default and name != "feed_id"}
    return {"id": feed.feed_id, **kept}


def table_of(row: Mapping[str, Any]) -> str:
    """A `[[feed]]` table in TOML."""
    lines = [f"{key} = {_toml(value)}" for key, value in row.items() if value is not None]
    return "\n[[feed]]\n" + "\n".join(lines) + "\n"


def slug_of(title: str, url: str, taken: Iterable[str]) -> str:
    """An unused id from the title, or else from the address, in plain Latin letters."""
    parts = urlsplit(url)
    base = _slug(title) or _slug(f"{(parts.hostname or '').removeprefix('www.')} {parts.path}") or "feed"
    used = set(taken)
    for candidate in _numbered(base):
        if candidate not in used:
            return candidate
    raise AssertionError("unreachable: numbers do not end")


def _numbered(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base[: MAX_SLUG_CHARS - len(str(number)) - 1]}-{number}"
        number += 1


def _slug(text: str) -> str:
    latin = "".join(_CYRILLIC.get(letter, letter) for letter in text.casefold())
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode("ascii").replace("_", "")
    return _NOT_SLUG.sub("-", plain).strip("-")[:MAX_SLUG_CHARS].strip("-")


def _outline(attributes: Mapping[str, str]) -> Outline:
    plain = {key.lower(): _printable(value).strip() for key, value in attributes.items() if not key.startswith("{")}
    extra = {key.removeprefix(_OURS): _printable(value).strip() for key, value in attributes.items() if key.startswith(_OURS)}
    title = plain.get("title") or plain.get("text") or ""
    return Outline(plain.get("xmlurl", ""), title[:MAX_TEXT_CHARS], plain.get("htmlurl", ""), plain.get("language", "").lower(), extra)


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text)


def _attribute(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _toml(value: Any) -> str:
    return json.dumps(_printable(value) if isinstance(value, str) else value, ensure_ascii=False)
