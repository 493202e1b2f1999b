"""The theme file as written: strict models in which an unknown key or a wrong type is a problem with its key.

In: parsed TOML. Out: `ThemeFile`, `ListsFile`. The JSON Schema for editors comes from these models.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from newsmon.records import Severity

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Language = Annotated[str, Field(pattern=r"^(any|[a-z]{2,3})$")]
Phrases = dict[Language, list[str]]
Reach = Literal["sentence", "field", "passage", "document"]
Within = Annotated[int, Field(ge=0, le=500)] | Reach
FieldName = Literal["title", "lead", "body"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FieldWeights(Strict):
    """The worth of a hit by its field."""

    title: float = Field(1.0, ge=0, le=10)
    lead: float = Field(0.9, ge=0, le=10)
    body: float = Field(0.6, ge=0, le=10)


class Scope(Strict):
    """The articles that the theme considers; an empty list means all."""

    languages: list[Language] = []
    tiers: list[int] = []
    countries: list[str] = []


class Rule(Strict):
    """One weighted pattern: every list in `all`, one of `any`, none of `none`, all near the first list's hit."""

    id: Name
    weight: float = Field(ge=-100, le=100, description="points for a hit in a field of weight 1; negative points count against the theme")
    all: list[Name | Phrases] = Field(min_length=1, description="list names, or phrases by language; the first is the core")
    any: list[Name | Phrases] = []
    none: list[Name | Phrases] = []
    within: Within = Field("passage", description="words between, or sentence, field, passage (title with lead), document")
    none_within: Within | None = Field(None, description="reach of `none`; as `within` when left out")
    fields: list[FieldName] = ["title", "lead", "body"]
    repeat: float = Field(0.0, ge=0, le=1, description="share of the weight that each further hit in a field adds")
    distinct: bool = Field(default=False, description="`repeat` counts a further hit only when it reads differently from those before it")
    has_text: bool | None = Field(None, description="true: only in articles with more than a headline; false: only in bare headlines")
    cap: float | None = Field(None, gt=0, description="the most this rule can add over all fields; 1.5 times its weight when left out")
    note: str = ""


class Unless(Strict):
    """A context that cancels hits: hits of `cancels` do not count near `by`."""

    id: Name
    cancels: list[Name] = Field(min_length=1)
    by: list[Name | Phrases] = Field(min_length=1)
    within: Within
    save: list[Name | Phrases] = Field([], description="a hit of these within `save_within` keeps the hit")
    save_within: Within = "sentence"
    note: str = ""


class Require(Strict):
    """A word the article must hold: without any of these in `fields` the theme's score is zero."""

    id: Name
    any: list[Name | Phrases] = Field(min_length=1)
    fields: list[FieldName] = ["title", "lead", "body"]


class SeverityRule(Strict):
    """The level of a match that meets every condition given; the highest level of all rules counts, notice without any."""

    level: Severity = Field(strict=False)
    score: float | None = Field(None, description="the lowest score; the theme's threshold when left out")
    rules: list[Name] = Field([], description="at least one of these rules fires")
    any: list[Name | Phrases] = Field([], description="list names, or phrases by language; `fields` holds one of them")
    fields: list[FieldName] = Field(["title", "lead"], min_length=1, description="fields in which `any` searches")
    near: int | None = Field(
        None, ge=0, le=100,
        description="how many words may lie between a hit of `any` and a word of a clause that fired; when left out, any number",
    )  # fmt: skip
    max_tier: int | None = Field(None, ge=1, le=9, description="only articles from sources of this tier or better")
    min_sources: int | None = Field(
        None, ge=1, le=50,
        description="independent sources that the story needs; when left out 1, or for flash the operator's setting (`alerts.flash`)",
    )  # fmt: skip


class Stories(Strict):
    """How the theme's reports are grouped."""

    separate: float = Field(
        0.0, ge=-5, le=5,
        description="how much more likeness two reports need to be grouped: 1 asks for 2.7 times the odds; below 0 for less",
    )  # fmt: skip
    idle_hours: float | None = Field(
        None, gt=0, le=24 * 60, description="hours without news after which a story closes; when left out, the operator's setting"
    )


class Example(Strict):
    """A text the theme must (or must not) match; checked before the theme goes live."""

    expect: bool
    title: str
    text: str = ""
    lang: Language | None = None
    note: str = ""


class Change(Strict):
    """One line of the theme's history."""

    version: str
    date: date
    note: str


class ThemeFile(Strict):
    """A theme: what to watch for and how to recognise it."""

    id: Name
    label: str = Field(min_length=1)
    version: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    description: str = ""
    threshold: float = Field(gt=0, description="the lowest score with which an article belongs to the theme")
    fields: FieldWeights = FieldWeights()
    languages: dict[Language, Annotated[float, Field(gt=0, le=10)]] = {}
    scope: Scope = Scope()
    lists: dict[Name, Phrases] = {}
    rule: list[Rule] = Field(min_length=1)
    unless: list[Unless] = []
    require: list[Require] = []
    severity: list[SeverityRule] = []
    stories: Stories = Stories()
    example: list[Example] = []
    changelog: list[Change] = []


class ListsFile(Strict):
    """Named lists shared by all themes (actors, places, money)."""

    lists: dict[Name, Phrases]


def theme_json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a theme file, for editors and for the docs."""
    schema = ThemeFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
