"""An article page and the article that leads to it."""

from __future__ import annotations

import msgspec

from newsmon.records import Article
from producers.articles.comparison import compare
from support.drafts import FEED, draft, stamp

TITLE = "Rada ratifies the harbour agreement"
TEXT = [
    f"Deputies in paragraph {number} said the harbour agreement, which the Rada ratified on Tuesday, would bring new jobs."
    for number in range(8)
]


def article(title: str = TITLE, lead: str = "The Rada voted on Tuesday.") -> Article:
    (made,) = compare([draft(1)], None, FEED, stamp()).articles
    return msgspec.structs.replace(made, title=title, lead=lead, body="")


def page(*paragraphs: str, extra: str = "") -> bytes:
    inner = "".join(f"<p>{text}</p>" for text in paragraphs)
    return f"""<!doctype html><html lang="en"><head><title>{TITLE} | Desk</title><meta charset="utf-8"></head><body><nav><a href="/">Home</a>
    <a href="/world">World</a></nav><article><h1>{TITLE}</h1>{inner}</article>{extra}<footer>Contact Imprint</footer></body></html>""".encode()
