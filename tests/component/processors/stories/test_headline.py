"""A bare headline finds its story by what the story's members have in common."""

from __future__ import annotations

import io
import json
import random

from newsmon.app.cli.themes.stories import group
from processors.stories.features import features_of
from processors.stories.headline import ENOUGH_STORIES, headline_score, is_bare
from processors.stories.likeness import everything_rare, likeness

BRIDGE = (
    "Tornby Bridge Closed as Cracks Spread Through Main Span",
    "Cracked Tornby Bridge Strands Thousands of Commuters",
    "Engineers Race to Shore Up Cracked Span of Tornby Bridge",
    "Who Pays for Tornby? Bridge Closure Reopens Old Quarrel",
)
LATER = "Commuters Face Long Detours After Tornby Bridge Closed"
OTHER = "Commuters Welcome Lower Ferry Fares in Spring Budget"


def _score(title: str) -> float:
    members = [features_of(member, "", "en") for member in BRIDGE]
    return headline_score(
        features_of(title, "", "en"),
        members,
        lambda key: sum(key in member.title_words for member in members) / len(members),
        everything_rare,
    )


def _elsewhere(number: int) -> str:
    """Return one of many headlines that share no word."""
    chance = random.Random(number)
    return " ".join("".join(chance.choices("abdefgiklmnoprstu", k=7)).capitalize() for _ in range(5))


def test_what_the_members_share_decides() -> None:
    assert _score(LATER) > 0 > _score(OTHER)
    assert _score("") < 0


def test_a_text_beside_the_headline_makes_it_an_article() -> None:
    assert is_bare(features_of(LATER, "", "en"))
    assert not is_bare(features_of(LATER, "Detours of forty kilometres were announced by the regional road authority on Monday.", "en"))


def test_a_young_story_asks_for_more() -> None:
    members = [features_of(member, "", "en") for member in BRIDGE]
    old, young = (headline_score(features_of(LATER, "", "en"), some, lambda _key: 0.5, everything_rare) for some in (members, members[:2]))
    assert young < old - 5


CLOSED = (
    "Tornby Bridge Closed as Cracks Spread Through Main Span",
    "Tornby Bridge Span: Cracks Spread, Commuters Stranded",
    "Commuters Stranded as Cracks Close Tornby Bridge",
)
QUARREL = "Who Pays for Tornby? Cracks Reopen Old Quarrel"


def test_among_many_stories_a_headline_joins_what_no_single_headline_proves() -> None:
    earlier = [features_of(title, "", "en") for title in CLOSED]
    lone = features_of(QUARREL, "", "en")
    assert all(likeness(lone, other, hours_apart=24, rivals=ENOUGH_STORIES).score < 0 for other in earlier)
    assert _stories(ENOUGH_STORIES + 10, *CLOSED, QUARREL, OTHER) == [True, True, True, False]


def _stories(background_count: int, first: str, *others: str) -> list[bool]:
    """Return for each of `others` whether it is in the story of `first`, all after so many unlike headlines."""
    titles = [_elsewhere(number) for number in range(background_count)] + [first, *others]
    lines = (json.dumps({"id": number, "title": title, "lang": "en"}).encode() for number, title in enumerate(titles))
    out = io.StringIO()
    assert group(io.BytesIO(b"\n".join(lines)), out) == 0
    found = [json.loads(line)["story_id"] for line in out.getvalue().splitlines()]
    return [story_id == found[background_count] for story_id in found[background_count + 1 :]]
