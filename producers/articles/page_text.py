"""The article in a web page, extracted by trafilatura (never its downloader) and cleaned like an entry.

It runs in a worker process, because a hostile page can keep any HTML parser busy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import escape, unescape

from newsmon import ids
from newsmon.records import Article, PageResult
from newsmon.text import identify_language
from producers.addresses.sites import site_of
from producers.addresses.urls import canonical_url
from producers.articles.draft import LANGUAGE_SAMPLE_CHARS
from producers.articles.entry_text import lead_and_body
from producers.formats.entry import Entry
from producers.identity.of_entry import is_front_page

GAIN = 1.2  # the page must have this much more text than the feed
TITLE_SHARE = 1 / 3  # of the title's longer words must be on the page
LEAST_CHARS = 200
HEAD_BYTES = 300_000
_LINK_TAG = re.compile(r"<link\s[^<>]{1,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]{1,40})\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""")
_WORD = re.compile(r"\w{4,}")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_HTML_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class PageJob:
    """One fetched page and its article."""

    article: Article
    body: bytes
    content_type: str
    url: str


@dataclass(frozen=True, slots=True)
class PageText:
    """Lead and body in plain text when `result` is EXTRACTED; otherwise they are empty."""

    result: PageResult
    lead: str = ""
    body: str = ""
    language: str = ""
    canonical: str | None = None  # the canonical address that the page names for itself


def extract_page(job: PageJob) -> PageText:
    """The article's text in the page, or the reason why there is none worth publishing; and the page's canonical address."""
    text = _text_of_page(job)
    if text.result in (PageResult.NOT_HTML, PageResult.UNRELATED):
        return text
    return replace(text, canonical=_canonical_link(job))


def _canonical_link(job: PageJob) -> str | None:
    """The address in `<link rel="canonical">`, of the same site; None for a front page, which stands for no article."""
    head = job.body[:HEAD_BYTES].decode("utf-8", "replace")
    for tag in _LINK_TAG.finditer(head):
        attributes = {name.lower(): value.strip("\"' ") for name, value in _ATTRIBUTE.findall(tag[0])}
        if "canonical" in attributes.get("rel", "").lower().split():
            address = canonical_url(unescape(attributes.get("href", "")), job.url)
            is_article = address is not None and not is_front_page(address) and site_of(address) == site_of(job.url)
            return address if is_article else None
    return None


def _text_of_page(job: PageJob) -> PageText:
    kind = job.content_type.partition(";")[0].strip().lower()
    if (kind and kind not in _HTML_TYPES) or (not kind and b"<" not in job.body[:1_000]):
        return PageText(PageResult.NOT_HTML)
    from trafilatura.core import extract  # imported here, because it is slow and only workers need it

    markup = _decoded(job.body, job.content_type)
    text = extract(markup, fast=True, favor_precision=True, include_comments=False, include_tables=False)
    if not text:
        return PageText(PageResult.NO_TEXT)
    lines = [line for line in text.split("\n") if line.strip()]
    if lines and ids.normalised(lines[0]) == ids.normalised(job.article.title):
        lines = lines[1:]
    content = "".join(f"<p>{escape(line)}</p>" for line in lines)
    lead, body = lead_and_body(Entry(None, None, "", escape(job.article.lead), content, None))
    return _judged(job.article, lead, body)


def _judged(article: Article, lead: str, body: str) -> PageText:
    if len(body) < LEAST_CHARS:
        return PageText(PageResult.NO_TEXT)
    words = set(_WORD.findall(ids.normalised(article.title)))
    there = set(_WORD.findall(ids.normalised(f"{lead} {body}"))) if words else set()
    if len(words) >= 3 and len(words & there) < TITLE_SHARE * len(words):
        return PageText(PageResult.UNRELATED)
    if len(lead) + len(body) < GAIN * (len(article.lead) + len(article.body)):
        return PageText(PageResult.NO_GAIN)
    language = identify_language(f"{article.title}. {body}"[:LANGUAGE_SAMPLE_CHARS], prior=article.language).code
    return PageText(PageResult.EXTRACTED, lead, body, language)


def _decoded(body: bytes, content_type: str) -> str | bytes:
    """The page decoded by the charset in the Content-Type; without one, the bytes, and the extractor looks for a charset."""
    stated = _CHARSET.search(content_type)
    if stated is None:
        return body
    try:
        return body.decode(stated[1], "replace")
    except (LookupError, UnicodeError):
        return body
