"""The word files as written: strict models, so that an unknown key or a wrong type is a problem with its place.

In: parsed TOML. Out: one model per kind of file. I/O: none.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_WEIGHT = 3.0


class Reason(StrEnum):
    """The kind of boilerplate in a span."""

    NEWSLETTER = "newsletter"
    PRIVACY = "privacy"
    COOKIES = "cookies"
    READ_MORE = "read_more"
    SHARE = "share"
    SUBSCRIBE = "subscribe"
    AMENDED = "amended"
    APP = "app"
    ADVERTISING = "advertising"


class Extent(StrEnum):
    """The reach of a span from where its rule begins."""

    PHRASE = "phrase"  # what the pattern matched, and the sentence if it runs on in lower case
    SENTENCE = "sentence"  # to the end of the sentence
    REST_OF_LINE = "rest_of_line"  # to the end of the line, if the line is short
    LINE = "line"  # only if the pattern is the whole line
    LINE_BESIDE_BOX = "line_beside_box"  # the same, and only next to a newsletter or privacy span


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Open(BaseModel):
    """A file whose top-level keys the user chooses."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)


class KeyRow(_Strict):
    """A key of places or events, or what a user's file changes about one."""

    weight: Annotated[float, Field(gt=0, le=MOST_WEIGHT)] | None = None
    aliases: str = ""
    without: str = ""


class NameRow(KeyRow):
    """The same for names."""

    acts_for: str | None = None


class _Keys(_Open):
    remove: list[str] = []


class KeysFile(_Keys):
    """places/ and events/."""

    __pydantic_extra__: dict[str, KeyRow]


class NamesFile(_Keys):
    """names/."""

    __pydantic_extra__: dict[str, NameRow]


class NumbersFile(_Open):
    """number-words/: digits -> words."""

    __pydantic_extra__: dict[str, str]
    hundred: str = ""
    percent: list[str] = []
    scale: dict[str, list[str]] = {}
    remove: str = ""


class StopTables(_Strict):
    """Words to take away."""

    words: str = ""
    capitalised: str = ""


class StopFile(StopTables):
    """stop-words/."""

    remove: StopTables = StopTables()


class LanguageRow(_Strict):
    """The signs that a short text is in one language."""

    words: str = ""
    letters: str = ""
    endings: list[str] = []


class LanguagesFile(_Open):
    """languages/: ISO code -> row."""

    __pydantic_extra__: dict[str, LanguageRow]


class RuleRow(_Strict):
    """One way in which sites address their readers."""

    begins: Annotated[str, Field(min_length=1)]
    reason: Annotated[Reason, Field(strict=False)]
    extent: Annotated[Extent, Field(strict=False)]
    at: Literal["sentence", "line", "anywhere"] = "sentence"
    pattern: Annotated[str, Field(min_length=1)]


class BoilerplateFile(_Strict):
    """boilerplate/."""

    reported: list[str] = []
    box_names: list[str] = []
    credits: list[str] = []
    counted: str = ""
    counted_with: str = ""
    parts: dict[str, str] = {}
    rule: list[RuleRow] = []
    remove: list[str] = []
