"""The pages behind the acknowledgement link: one that asks, one that thanks, one that refuses; pure.

In: what a message told. Out: whole HTML pages without scripts, pictures or anything from elsewhere. Text of feeds is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from string import Template

LISTED = 50

_PAGE = Template("""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex"><title>$heading</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.3rem}button{font:inherit;padding:.6rem 1.4rem}@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}}</style>
</head><body><h1>$heading</h1>
$content
</body></html>
""")
_FORM = '<form method="post"><button type="submit">I have seen it</button></form>'


@dataclass(frozen=True, slots=True)
class Told:
    """One alert a message told of, and who has acknowledged that revision (or a later one) already."""

    alert_id: str
    revision: int
    theme_id: str
    severity: str
    title: str
    seen_by: str | None = None
    seen_at: datetime | None = None


def asking_page(told: Sequence[Told], *, receiver: str) -> str:
    """Shows what would be acknowledged, and the button that does it; without the button when all of it is."""
    if all(one.seen_by is not None for one in told):
        return _page("Acknowledged already", _listed(told))
    return _page(f"Acknowledge for {receiver}?", f"{_listed(told)}\n{_FORM}")


def done_page(told: Sequence[Told]) -> str:
    """Said after it was done; as often as asked, the same."""
    return _page(
        "Acknowledged", f"{_listed(told)}\n<p>Nobody else will be told of what you have seen. An alert that rises again is new.</p>"
    )


def refusal_page(heading: str, text: str) -> str:
    """Why it was not done."""
    return _page(heading, f"<p>{escape(text)}</p>")


def _listed(told: Sequence[Told]) -> str:
    lines = [f"<li>{escape(_line(one))}</li>" for one in told[:LISTED]]
    if len(told) > LISTED:
        lines.append(f"<li>and {len(told) - LISTED} more</li>")
    return f"<ul>{''.join(lines)}</ul>"


def _line(one: Told) -> str:
    seen = "" if one.seen_by is None or one.seen_at is None else f" - seen by {one.seen_by}, {one.seen_at:%Y-%m-%d %H:%M} UTC"
    return f"{one.severity.upper()} {one.theme_id}: {one.title} (revision {one.revision}){seen}"


def _page(heading: str, content: str) -> str:
    return _PAGE.substitute(heading=escape(heading), content=content)
