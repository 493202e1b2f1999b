"""`newsmon explain --pair A B`: why two articles are, or are not, one event or one running story."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsmon.errors import Problem, SettingsError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from newsmon.records import Article, Evidence
    from newsmon.settings import Settings
    from processors.likeness.pair import PairReading, Term
    from processors.rarity.shares import KeyShares
    from processors.themes import Theme, ThemeSet

WORDS = {
    "copy": "the same report, told twice",
    "event": "two reports of one event",
    "story": "two events of one running story",
    "different": "two different stories",
}
SHOWN_KEYS = 20
COUNTS_WITHIN_S = 30.0
SAME_FOR_ALL = "bias"


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the processor has put an article, in one theme."""

    theme_id: str
    story_id: str
    event_id: str | None
    relation: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two articles, and where it is now, if it is stored."""

    article: Article
    placed: tuple[Placed, ...] = ()
    is_stored: bool = False


def explain_pair(names: tuple[str, str], theme: tuple[ThemeSet, Theme] | None, settings: Settings, *, as_json: bool) -> bool:
    """Print how the two articles relate, in a theme if one is given; True when they are one event or one running story."""
    from processors.likeness.pair import PairVerdict, read_pair

    left, right = (_side(name, number, settings) for number, name in enumerate(names))
    separate = 0.0 if theme is None else theme[1].stories.separate
    evidence = _evidence(left.article, theme), _evidence(right.article, theme)
    rarity = _counted(settings, left, right)
    reading = read_pair(left.article, right.article, separate=separate, evidence=evidence, shares=rarity.shares)
    if as_json:
        click.echo(json.dumps(_as_object(reading, left, right) | {"rarity": rarity.said}, ensure_ascii=False))
    else:
        for line in _lines(reading, left, right, None if theme is None else theme[1].theme_id):
            click.echo(line)
        click.echo(f"how rare words are: {rarity.said}")
    return reading.verdict is not PairVerdict.DIFFERENT


@dataclass(frozen=True, slots=True)
class Rarity:
    """How common words are, and by whose count; None: as shipped."""

    shares: KeyShares | None
    said: str


def _counted(settings: Settings, left: Side, right: Side) -> Rarity:
    """What the service has counted, for two stored articles and if Kafka answers: grouping measured them by it."""
    import asyncio

    from newsmon.errors import DependencyError
    from processors.handling.state_reader import StateReader
    from processors.handling.word_counter import shares_kept
    from processors.rarity.counting import Counting
    from processors.rarity.shipped import shipped_shares
    from sinks.ledger.verify import own_broker_is_down

    if not (left.is_stored and right.is_stored):
        return Rarity(None, "as shipped; stored articles are measured by what newsmon has counted")
    why = own_broker_is_down(settings)
    if why is None:
        at = max(left.article.first_seen_at, right.article.first_seen_at)
        try:
            reading = StateReader(settings, client_id="newsmon-explain").word_counts()
            records = asyncio.run(asyncio.wait_for(reading, COUNTS_WITHIN_S))
        except (DependencyError, TimeoutError) as error:
            why = str(error) or f"no answer within {COUNTS_WITHIN_S:.0f} s"
        else:
            shares = shares_kept(records, Counting(shipped_shares()), at)
            return Rarity(shares, f"as newsmon has counted on {shares.day_count} days before the later article came")
    return Rarity(None, f"as shipped; what newsmon has counted is out of reach: {why}")


def _evidence(article: Article, theme: tuple[ThemeSet, Theme] | None) -> tuple[Evidence, ...]:
    """The words of the article for which the theme matches it, none without a theme."""
    from processors.matching.classify import verdicts_on_article

    if theme is None:
        return ()
    themes, wanted = theme
    return next(one.evidence for one in verdicts_on_article(article, themes) if one.theme_id == wanted.theme_id)


def _side(name: str, number: int, settings: Settings) -> Side:
    if name.startswith(("http://", "https://")) or (name.startswith("a_") and not Path(name).exists()):
        return _stored(name, settings)
    return Side(_of_file(Path(name), number))


def _of_file(file: Path, number: int) -> Article:
    """The article in a file: a JSON line {title, text, lang?, published_at?, source?}, or plain text with the title on the first line."""
    from newsmon.app.cli.themes.items import article_of_item

    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise SettingsError([Problem(str(file), f"cannot be read: {error.strerror}; give an article id, an address or a file")]) from error
    try:
        if raw.lstrip()[:1] == b"{":
            given = json.loads(raw.splitlines()[0] if raw.count(b"\n{") else raw)
        else:
            title, _, text = raw.decode("utf-8", "replace").strip().partition("\n")
            given = {"title": title, "text": text}
        return article_of_item({"source": file.name} | given | {"id": f"{number}"})
    except ValueError as error:
        raise SettingsError([Problem(str(file), f"is not an article: {error}")]) from error


def _stored(name: str, settings: Settings) -> Side:
    """The newest stored text of an article named by its id or address."""
    from producers.identity.places import ids_of_address
    from sinks.database.engine import create_engine_for, reading
    from sinks.queries.addresses import article_id_at
    from sinks.queries.history import stored_article
    from sinks.queries.stories import stories_of_article

    engine: Engine = create_engine_for(settings, must_exist=True)
    try:
        article_id = name
        if not name.startswith("a_"):
            ids = ids_of_address(name)
            article_id = (article_id_at(engine, name, ids) if ids else None) or name
        with reading(engine) as connection:
            article = stored_article(connection, article_id)
            newest = {row.theme_id: row for row in stories_of_article(connection, article_id)}
    finally:
        engine.dispose()
    if article is None:
        why = f"the database has no article {name!r}: no feed showed it, or the store has not read it yet"
        raise SettingsError([Problem("--pair", why)])
    placed = tuple(Placed(row.theme_id, row.story_id, row.event_id, row.relation) for row in newest.values())
    return Side(article, placed, is_stored=True)


def _lines(reading: PairReading, left: Side, right: Side, theme_id: str | None) -> Iterator[str]:
    for mark, side in (("A", left), ("B", right)):
        one = side.article
        at = f"  {one.published_at.astimezone(UTC):%Y-%m-%d %H:%M}Z" if one.published_at is not None else ""
        yield f"{mark}  {one.title}  [{one.source}, {one.language}{at}]"
    judged, copy = reading.judgement, reading.copy
    yield f"{WORDS[reading.verdict]}: {judged.verdict.value.replace('_', ' ')}"
    yield f"  as copies: {copy.relation.value}, {copy.similarity:.0%} alike ({copy.reason.value.replace('_', ' ')})"
    yield f"  one event: {judged.event_score:+.2f}, one running story: {judged.story_score:+.2f} (log-odds; 0 or more is yes)"
    yield f"  {reading.hours_apart:.1f} hours apart"
    for term in reading.terms:
        yield f"  {term.value * term.weight:+6.2f}  {_measured(term)}"
    if reading.shared:
        shown = ", ".join(f"{one.key} ({one.rarity:.2f})" for one in reading.shared[:SHOWN_KEYS])
        more = f" and {len(reading.shared) - SHOWN_KEYS} more" if len(reading.shared) > SHOWN_KEYS else ""
        yield f"  in both, with how rare it is in the news at large: {shown}{more}"
    for mark, only in (("A", reading.only_left), ("B", reading.only_right)):
        if only:
            yield f"  only in {mark}: {', '.join(only[:SHOWN_KEYS])}"
    yield from _recorded(left, right, theme_id)


def _measured(term: Term) -> str:
    if term.name == SAME_FOR_ALL:
        return "before anything is measured"
    return f"{term.name.replace('_', ' ')} {term.value:.2f} x {term.weight:g}"


def _recorded(left: Side, right: Side, theme_id: str | None) -> Iterator[str]:
    """Where the processor has put them, theme by theme."""
    theirs = {one.theme_id: one for one in right.placed}
    for mine in left.placed:
        other = theirs.get(mine.theme_id)
        if other is None or theme_id not in (None, mine.theme_id):
            continue
        if mine.story_id != other.story_id:
            said = f"in two stories, {mine.story_id} and {other.story_id}"
        elif mine.event_id != other.event_id:
            said = f"in one story, {mine.story_id}, as events {mine.event_id} and {other.event_id}"
        else:
            said = f"in one event, {mine.event_id} of story {mine.story_id}"
        yield f"recorded for {mine.theme_id}: {said} (A {mine.relation}, B {other.relation}); `newsmon stories show` says why"


def _as_object(reading: PairReading, left: Side, right: Side) -> dict[str, Any]:
    judged, copy = reading.judgement, reading.copy
    return {
        "verdict": reading.verdict.value, "reason": judged.verdict.value, "event_score": round(judged.event_score, 3),
        "story_score": round(judged.story_score, 3), "hours_apart": round(reading.hours_apart, 2),
        "copy": {"relation": copy.relation.value, "similarity": round(copy.similarity, 3), "reason": copy.reason.value},
        "terms": [asdict(one) for one in reading.terms], "shared": [asdict(one) for one in reading.shared],
        "only": [reading.only_left, reading.only_right],
        "articles": [
            {"title": side.article.title, "source": side.article.source, "language": side.article.language,
             "published_at": _iso(side.article.published_at), "placed": [asdict(one) for one in side.placed]}
            for side in (left, right)
        ],
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
