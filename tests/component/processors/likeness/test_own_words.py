"""Words of a user's own change what is decided from then on, and nothing that was decided before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.reports import START, match_of, reports

from newsmon.app.cli.stories.offline import match_of_item
from newsmon.codec import encode
from newsmon.records import Match, Relation, StoryState
from newsmon.words import Words, read_files, use, use_directory
from processors.features.of_article import features_of
from processors.features.sketch import sketch_of
from processors.likeness.copies import compare
from processors.likeness.judgement import judge
from processors.stories.grouping import Grouping

XHAFAJ = "[xhafaj]\nweight = 1.6\nacts_for = 'kosovo'\naliases = 'xhafaj джафай'\n"
ENGLISH = {
    "id": "x-1", "lang": "en", "source": "Wire", "published_at": "2026-03-02T08:00:00Z",
    "title": "Xhafaj rejects offer from dockers", "text": "Xhafaj said no to the offer.",
}  # fmt: skip
UKRAINIAN = {
    "id": "x-2", "lang": "uk", "source": "Післязавтра", "published_at": "2026-03-02T09:00:00Z",
    "title": "Джафай: докери просять забагато", "text": "Переговори з Джафай зірвані, докери страйкують.",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _the_shipped_words_before_and_afterwards() -> Iterator[None]:
    use_directory(None)
    yield
    use_directory(None)


def use_own(directory: Path, name: str, text: str) -> None:
    path = directory / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    use(Words.checked(read_files(directory)))


def taken(grouping: Grouping, matches: list[Match]) -> list[StoryState]:
    states = []
    for offset, match in enumerate(matches):
        state = grouping.decide(match, source_offset=offset)
        grouping.apply(state)
        states.append(state)
    return states


def test_a_name_in_two_scripts_makes_two_reports_one_story(tmp_path: Path) -> None:
    matches = [match_of_item(ENGLISH), match_of_item(UKRAINIAN)]
    assert taken(Grouping(), matches)[1].relation is Relation.OPENED
    use_own(tmp_path, "names/mine.toml", XHAFAJ)
    second = taken(Grouping(), matches)[1]
    assert second.relation is Relation.JOINED
    assert "n:xhafaj" in second.features["names"]
    assert "p:kosovo" in second.features["places"]


def test_a_changed_weight_counts_at_once_though_weights_are_remembered(tmp_path: Path) -> None:
    use_own(tmp_path, "names/mine.toml", XHAFAJ)
    pair = [features_of(one["title"], one["text"], one["lang"]) for one in (ENGLISH, UKRAINIAN)]
    heavy = judge(*pair, hours_apart=1.0).event_score
    use_own(tmp_path, "names/mine.toml", XHAFAJ.replace("1.6", "0.2"))
    assert judge(*pair, hours_apart=1.0).event_score < heavy


def test_number_words_of_a_new_language_let_copies_meet(tmp_path: Path) -> None:
    texts = [f"In Gent raakten {number} mensen gewond bij een brand in een fabriek aan de haven." for number in ("zeven", "7")]
    before = compare(*(sketch_of("", "", text) for text in texts))
    use_own(tmp_path, "number-words/nl.toml", "7 = 'zeven'")
    after = compare(*(sketch_of("", "", text) for text in texts))
    assert before.similarity < after.similarity == 1.0


def test_a_worker_restarted_with_other_words_repeats_what_was_decided_and_remembers_the_same(tmp_path: Path) -> None:
    matches = [match_of(report, matched_at=START) for report in reports("tune")[:30]]
    decided = taken(Grouping(), matches)
    use_own(tmp_path, "names/mine.toml", "remove = ['zelensky']\n" + XHAFAJ)
    restarted = Grouping()
    restarted.restore(decided)
    again = [restarted.decide(match, source_offset=1_000) for match in matches]
    assert [encode(state) for state in again] == [encode(state) for state in decided]
    assert [encode(state) for state in restarted.states()] == [encode(state) for state in decided]
