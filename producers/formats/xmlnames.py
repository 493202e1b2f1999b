"""What an element of a feed means, by namespace and name, as feedparser 6.0.14 has it; what may mislead it is a hazard. [pure]"""

from __future__ import annotations

from enum import Enum, auto
from functools import lru_cache
from typing import Any

from feedparser.mixin import _FeedParserMixin

XML = "{http://www.w3.org/XML/1998/namespace}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_PREFIX_OF_NAMESPACE: dict[str, str] = {uri.lower(): prefix for uri, prefix in _FeedParserMixin.namespaces.items()}
_PREFIXES = frozenset(("content", "dc", "dcterms", "itunes", "media", "xhtml"))  # those in the table below


class Kind(Enum):
    """What we read of an entry or a channel."""

    TITLE = auto()
    MEDIA_TITLE = auto()
    LINK = auto()
    GUID = auto()
    DESCRIPTION = auto()
    CONTENT = auto()
    PUBLISHED = auto()
    UPDATED = auto()
    CREATED = auto()
    ENTRY = auto()
    APART = auto()  # image, text input, source: what stands in them is not the entry's
    HAZARD = auto()  # feedparser may take it for one of the above: it shall decide
    OTHER = auto()


_KINDS: dict[tuple[str, str], Kind] = {
    ("", "title"): Kind.TITLE,
    ("dc", "title"): Kind.TITLE,
    ("media", "title"): Kind.MEDIA_TITLE,
    ("", "link"): Kind.LINK,
    ("", "guid"): Kind.GUID,
    ("", "id"): Kind.GUID,
    ("content", "encoded"): Kind.CONTENT,
    ("", "content"): Kind.CONTENT,
    ("", "fullitem"): Kind.CONTENT,
    ("", "item"): Kind.ENTRY,
    ("", "entry"): Kind.ENTRY,
}
_KINDS |= {(prefix, "description"): Kind.DESCRIPTION for prefix in ("", "dc", "media")}
_KINDS |= {(prefix, "summary"): Kind.DESCRIPTION for prefix in ("", "itunes")}
_KINDS |= dict.fromkeys((("", "published"), ("", "issued"), ("", "pubdate"), ("dcterms", "issued")), Kind.PUBLISHED)
_KINDS |= dict.fromkeys((("", "updated"), ("", "modified"), ("", "lastbuilddate"), ("dc", "date"), ("dcterms", "modified")), Kind.UPDATED)
_KINDS |= dict.fromkeys((("", "created"), ("dcterms", "created")), Kind.CREATED)
_KINDS |= {("", name): Kind.APART for name in ("image", "textinput", "source")}
# Unprefixed names that write where the above write (feedparser's synonyms), or that change how what follows is read.
_HAZARDS = "abstract body date date_parsed links items feed rss channel href summary_detail title_detail content_detail svg math where"
_KINDS |= {("", name): Kind.HAZARD for name in _HAZARDS.split()} | {("xhtml", "body"): Kind.HAZARD}


def kind_of(element: Any) -> Kind:
    """The element's kind. HAZARD too for an element whose namespace says nothing, so that its bare name would count."""
    return _kind_of(element.tag, element.prefix)


@lru_cache(maxsize=4_096)
def _kind_of(tag: str, given: str | None) -> Kind:
    uri, _, name = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
    prefix = _PREFIX_OF_NAMESPACE.get(uri.lower())
    if prefix is not None:
        return _KINDS.get((prefix, name.lower()), Kind.OTHER)
    # A namespace feedparser does not know leaves the prefix as written: `dc:title` in any namespace is a title to it.
    harmless = given not in _PREFIXES if given else ("", name.lower()) not in _KINDS
    return Kind.OTHER if harmless and "userland" not in uri.lower() else Kind.HAZARD


def local_name(element: Any) -> str:
    name: str = element.tag
    return name.rpartition("}")[2].lower()


def attributes(element: Any) -> dict[str, str]:
    """By name in lower case, without those of a known namespace; the values of `rel` and `type` are in lower case too."""
    found: dict[str, str] = {}
    for name, value in element.attrib.items():
        uri, _, bare = name[1:].rpartition("}") if name[0] == "{" else ("", "", name)
        if not _PREFIX_OF_NAMESPACE.get(uri.lower()):
            lowered = bare.lower()
            found[lowered] = value.lower() if lowered in ("rel", "type") else value
    return found


def prefixes_are_usual(element: Any) -> bool:
    """Whether no prefix of another namespace is declared here under one of the well-known names."""
    return all(
        prefix not in _PREFIXES or _PREFIX_OF_NAMESPACE.get(uri.lower(), "") == prefix for prefix, uri in element.nsmap.items() if prefix
    )
