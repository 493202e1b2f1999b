"""A message as text for chats, mail and pagers.

In: the JSON body of a webhook (`sinks.message.alert_payload`, or any object with `type` and `data`). Out: a ChatMessage with everything
in the body that people read. Nothing is cut here; `sinks.message.chat_parts` splits it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sinks.message.chat_markup import link_of
from sinks.message.stored_body import StoredBody

JOINERS = "\u200c\u200d"  # the only invisible characters that are part of words (Persian) and of emoji
LINKED = ("url", "ack", "article")  # the keys of addresses that readers should be able to follow
PARTS = ("also_alerts", "also_updates", "alerts", "notices")  # the further alerts and notices that a message carries
OVER = ("closed", "resolved")  # the last state of an alert, and of a notice


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message for people.

    `key` is constant over an alert's revisions. `over`: the keys of everything the message says is over, perhaps its own and those of the
    alerts it carries. Each may have its own incident, opened by a message that it was the first alert of. `links`: the addresses in the
    text to link; everything else is escaped (`sinks.message.chat_markup`).
    """

    title: str
    text: str
    severity: str
    key: str
    over: tuple[str, ...] = ()
    links: frozenset[str] = frozenset()

    @property
    def closes(self) -> bool:
        """The message's own alert is over."""
        return self.key in self.over

    @property
    def whole(self) -> str:
        return f"{self.title}\n{self.text}" if self.text else self.title


def chat_message(body: bytes) -> ChatMessage:
    """The message of a body; a body of an unknown type is written out field by field."""
    payload = StoredBody(body).fields
    data: dict[str, Any] = payload.get("data") or {}
    severity = str(data.get("severity") or "notice")
    is_alert = str(payload.get("type", "")).startswith("newsmon.alert.") and "theme" in data and "story" in data
    title = _title(data) if is_alert else str(data.get("title") or payload.get("type", "newsmon"))
    lines = _alert_lines(data) if is_alert else _any_lines({name: value for name, value in data.items() if name != "title"})
    key = _key(data) or str(payload.get("type"))
    text = "\n".join(_one_line(line) for line in lines).strip()
    return ChatMessage(_one_line(title), text, severity, key, tuple(dict.fromkeys(_over(data))), frozenset(_links(data)))


def _key(data: dict[str, Any]) -> str:
    return str(data.get("alert_id") or data.get("notice_id") or "")


def _over(data: dict[str, Any]) -> Iterator[str]:
    for one in (data, *(part for name in PARTS for part in data.get(name) or ())):
        if isinstance(one, dict) and one.get("state") in OVER and _key(one):
            yield _key(one)
            yield from map(str, one.get("also_alert_ids") or ())


def _title(data: dict[str, Any]) -> str:
    themes = ", ".join((data["theme"]["label"], *(one["theme"]["label"] for one in data.get("also_alerts") or ())))
    state = "" if data["state"] == "opened" else f" ({data['state']}: {_words(data['reason'])})"
    if more := len(data.get("also_updates") or ()):
        state += f" (and {more} more)"
    if data.get("escalation"):
        state += f" (not acknowledged at {data['escalation']['receiver']})"
    return f"{data['severity'].upper()}  {themes}{state}: {data['title']}"


def _alert_lines(data: dict[str, Any]) -> Iterator[str]:
    if data["lead"]:
        yield data["lead"]
        yield ""
    if facts := facts_beside(data["title"], data.get("new_facts") or ()):
        yield f"New: {', '.join(facts)}"
    yield from _count_lines(data["story"], data.get("event"))
    for article in data["articles"]:
        yield f"- {article['source']}: {article['title']}"
        if article["url"]:
            yield f"  {link_of(article['url']) or article['url']}"
    if data["articles_omitted"]:
        yield f"- and {data['articles_omitted']} more"
    if data["also_matched"]:
        more = f" and {data['also_matched_omitted']} more" if data["also_matched_omitted"] else ""
        yield f"Also: {', '.join(one['theme_id'] for one in data['also_matched'])}{more}"
    yield f"Why: {data['score']['arithmetic']}"
    yield from evidence_lines(data["evidence"])
    if data["evidence_omitted"]:
        yield f"- and {data['evidence_omitted']} more"
    if data["shortened"]:
        yield f"Shortened: {', '.join(data['shortened'])}"
    for other in data.get("also_alerts") or ():
        yield f"{other['severity'].upper()}  {other['theme']['label']}: {other['score']['arithmetic']}"
        yield from evidence_lines(other["evidence"])
        yield f"{other['alert_id']}, revision {other['revision']}"
    for update in data.get("also_updates") or ():
        yield from _update_lines(update)
    if ack := (data.get("links") or {}).get("ack"):
        yield "Acknowledge:"
        yield link_of(ack) or ack
    yield f"{data['alert_id']}, revision {data['revision']}"


def _count_lines(story: dict[str, Any], event: dict[str, Any] | None) -> Iterator[str]:
    """How well the event is confirmed, and the story that it belongs to."""
    told = event or story
    yield f"Outlets: {told['outlet_count']}, independent sources: {told['source_count']}, articles: {told['article_count']}"
    if event and story.get("event_count", 1) > 1:
        yield f"Story: {story['title']} ({story['event_count']} events, {story['article_count']} articles)"


def _update_lines(update: dict[str, Any]) -> Iterator[str]:
    """Another update of the story, under its own headline."""
    yield ""
    themes = ", ".join(one["theme"]["label"] for one in (update, *update["also"]))
    yield f"{update['severity'].upper()}  {themes} ({update['state']}: {_words(update['reason'])}): {update['title']}"
    if update["lead"]:
        yield update["lead"]
    if article := update["article"]:
        yield f"- {article['source']}: {article['title']}"
        if article["url"]:
            yield f"  {link_of(article['url']) or article['url']}"
    if facts := facts_beside(update["title"], update["new_facts"]):
        yield f"New: {', '.join(facts)}"
    yield f"Why: {update['score']['arithmetic']}"
    yield from evidence_lines(update["evidence"])
    if update["evidence_omitted"]:
        yield f"- and {update['evidence_omitted']} more"
    yield from (f"{one['alert_id']}, revision {one['revision']}" for one in (update, *update["also"]))


def _words(reason: str) -> str:
    return reason.replace("_", " ")


def facts_beside(title: str, facts: Iterable[str]) -> list[str]:
    """The new facts that the headline above them does not say word for word: where it is what is new, it is itself the fact."""
    return [one for one in facts if one != title and not (one.endswith("…") and title.startswith(one[:-1].rstrip()))]


def evidence_lines(evidence: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Each span once, with all the clauses that it stands for, and what it adds to the score, if anything."""
    spans: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for one in evidence:
        spans.setdefault((one["field"], one["start"], one["end"]), []).append(one)
    for same in spans.values():
        clauses = ", ".join(dict.fromkeys(one["clause"] for one in same))
        added = f"{sum(one['contribution'] for one in same):+.3g}"
        yield f"- {same[0]['field']}: “{same[0]['text']}” ({clauses}{'' if added in ('+0', '-0') else f', {added}'})"


def _any_lines(value: Any, indent: str = "") -> Iterator[str]:
    """Every value inside a JSON value on its own line, named by its key."""
    pairs: list[tuple[str, Any]] = (
        [(f"{name}: ", value[name]) for name in value] if isinstance(value, dict) else [("- ", one) for one in value]
    )
    for name, one in pairs:
        if isinstance(one, dict | list) and one:
            yield f"{indent}{name}".rstrip()
            yield from _any_lines(one, indent + "  ")
        elif one not in (None, "", [], {}):
            link = link_of(one) if name.removesuffix(": ") in LINKED else None
            yield f"{indent}{name}{link or one}"


def _links(value: Any) -> Iterator[str]:
    """The addresses in the body that readers should be able to follow."""
    for one in value.values() if isinstance(value, dict) else value:
        if isinstance(one, dict | list):
            yield from _links(one)
    if isinstance(value, dict):
        yield from (link for name in LINKED if (link := link_of(value.get(name))) is not None)


def _one_line(text: str) -> str:
    """The text as one line of visible characters: no control, no change of direction, nothing without a width but joiners."""
    return "".join(_visible(letter) for letter in text)


def _visible(letter: str) -> str:
    if letter.isprintable() or letter in JOINERS:
        return letter
    return "" if unicodedata.category(letter) == "Cf" else " "
