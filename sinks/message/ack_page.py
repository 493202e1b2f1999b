"""The pages behind the acknowledgement link: one asks, one confirms, one refuses.

In: the alerts in a message. Out: complete HTML pages without scripts, images or anything from other sites. Text from feeds is escaped.
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
class AlertInMessage:
    """One alert in a message, and who has already acknowledged that revision or a later one."""

    alert_id: str
    revision: int
    theme_id: str
    severity: str
    title: str
    seen_by: str | None = None
    seen_at: datetime | None = None


def asking_page(alerts: Sequence[AlertInMessage], *, receiver: str) -> str:
    """The page with the alerts and the button that acknowledges them; without the button when all are acknowledged."""
    if all(one.seen_by is not None for one in alerts):
        return _page("Already acknowledged", _listed(alerts))
    return _page(f"Acknowledge for {receiver}?", f"{_listed(alerts)}\n{_FORM}")


def done_page(alerts: Sequence[AlertInMessage]) -> str:
    """The confirmation, the same however often it is asked for."""
    return _page("Acknowledged", f"{_listed(alerts)}\n<p>These alerts will not be escalated, unless one of them becomes more severe.</p>")


def refusal_page(heading: str, text: str) -> str:
    """The page that says why nothing was acknowledged."""
    return _page(heading, f"<p>{escape(text)}</p>")


def _listed(alerts: Sequence[AlertInMessage]) -> str:
    lines = [f"<li>{escape(_line(one))}</li>" for one in alerts[:LISTED]]
    if len(alerts) > LISTED:
        lines.append(f"<li>and {len(alerts) - LISTED} more</li>")
    return f"<ul>{''.join(lines)}</ul>"


def _line(one: AlertInMessage) -> str:
    seen = "" if one.seen_by is None or one.seen_at is None else f" - seen by {one.seen_by}, {one.seen_at:%Y-%m-%d %H:%M} UTC"
    return f"{one.severity.upper()} {one.theme_id}: {one.title} (revision {one.revision}){seen}"


def _page(heading: str, content: str) -> str:
    return _PAGE.substitute(heading=escape(heading), content=content)
