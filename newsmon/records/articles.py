"""Articles, and the classifier's answers about them."""

from __future__ import annotations

from newsmon.records.base import Part, Record, UtcDatetime
from newsmon.records.outcomes import ClassificationOutcome, DateQuality, Origin, Severity, TextSource


class Article(Record, frozen=True, kw_only=True, tag="article/1"):
    """One revision of one published item, as one feed showed it; text is plain and free of boilerplate."""

    article_id: str
    revision: int  # 1, 2, ... per feed, for people; revision_id is the identity
    revision_id: str
    content_hash: str
    origin: Origin
    feed_id: str
    source: str
    tier: int
    country: str | None = None
    poll_seq: int
    poll_id: str
    url: str | None
    guid: str | None = None
    title: str
    lead: str
    body: str
    language: str  # ISO 639-1 or "und"
    published_at: UtcDatetime | None
    published_raw: str | None = None
    date_quality: DateQuality
    first_seen_at: UtcDatetime
    baseline: bool = False  # seen in the first poll of the feed
    reidentified: bool = False  # known before under another guid or address: raises no alert
    text_source: TextSource = TextSource.FEED


class ThemeScore(Part, frozen=True, kw_only=True):
    theme_id: str
    score: float
    threshold: float


class Classification(Record, frozen=True, kw_only=True, tag="classification/1"):
    """The classifier's answer for one article record; there is always one, even when nothing matched."""

    article_id: str
    revision: int
    revision_id: str
    origin: Origin
    feed_id: str
    poll_seq: int
    language: str
    outcome: ClassificationOutcome
    scores: tuple[ThemeScore, ...]  # every theme evaluated with a score above zero, highest first
    matched_theme_ids: tuple[str, ...]
    generation: str  # hash of the whole theme configuration
    classified_at: UtcDatetime


class Evidence(Part, frozen=True, kw_only=True):
    """One clause that counted: its place in the stored text and what it added to the score."""

    clause: str
    field: str  # title, lead or body
    start: int  # code points into that field
    end: int
    text: str  # field[start:end], repeated so that a receiver need not look it up
    contribution: float  # the contributions of all evidence sum to the score


class SeverityStep(Part, frozen=True, kw_only=True):
    """A severity the theme's rules give a match once enough independent sources report its story."""

    severity: Severity
    min_sources: int | None  # None: the number in the operator's settings


class StoryRules(Part, frozen=True, kw_only=True):
    """How a theme wants its matches grouped, from the table `[stories]` of its file."""

    separate: float = 0.0  # extra log-odds that a join needs: more keeps the theme's events and stories further apart
    idle_s: float | None = None  # how long a story runs without news; None: as the operator's settings say


class TextSpan(Part, frozen=True, kw_only=True):
    """A passage of an article's stored text."""

    field: str  # title, lead or body
    start: int  # code points into that field
    end: int


class Traits(Part, frozen=True, kw_only=True):
    """What grouping compares of one article, computed once where the article is classified; opaque outside processors."""

    features: dict[str, list[str]]  # what likeness needs, by kind, the vectors of the meaning among them
    digest: str  # copy detection sketch, base64, prefixed with its algorithm version
    rarity: dict[str, float]  # how rare each key of the features is in the news at large: 0 common, 1 rare
    formulaic: tuple[TextSpan, ...] = ()  # sentences that recur in the news at large: an outlet's refrains


class Match(Record, frozen=True, kw_only=True, tag="match/2"):
    """One article belongs to one theme, and why. Carries the whole article: later stages need nothing else."""

    match_id: str
    theme_id: str
    theme_label: str
    theme_version: str
    generation: str
    score: float
    threshold: float
    severity: Severity  # from the theme's rules on this article alone
    severity_steps: tuple[SeverityStep, ...] = ()  # higher ones that wait for other sources
    evidence: tuple[Evidence, ...]
    also_matched: tuple[ThemeScore, ...] = ()
    matched_at: UtcDatetime
    article: Article
    stories: StoryRules = StoryRules()
    traits: Traits | None = None  # None: of match/1, or too large for Kafka with them; grouping computes them itself
