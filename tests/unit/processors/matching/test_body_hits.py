"""Hits in the body that no rule can use are dropped without changing a verdict."""

from __future__ import annotations

import dataclasses
import json
import random

from support.places import DATA
from support.shipped import shipped_themes

from processors.matching.verdicts import verdicts_of
from processors.search.automaton import Automaton
from processors.search.scan import scan

THEMES = shipped_themes()
KEEPING_ALL = dataclasses.replace(THEMES, automaton=Automaton(THEMES.automaton.phrases_by_list))
LABELLED = DATA / "themes" / "headlines.tune-5.jsonl"


def test_articles_made_of_labelled_headlines_get_the_same_verdicts() -> None:
    chance = random.Random(4)
    items = [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]
    texts = [item["title"] for item in items] + [item["text"] for item in items if item["text"]]
    matched = 0
    for item in items:
        body = "\n\n".join(" ".join(chance.sample(texts, 3)) for _ in range(3))
        scanned = scan(item["title"], item["text"], body)
        verdicts = verdicts_of(scanned, THEMES, item["lang"])
        assert verdicts == verdicts_of(scanned, KEEPING_ALL, item["lang"])
        matched += sum(verdict.matched for verdict in verdicts)
    assert matched > len(items) / 2


def test_a_word_looked_for_in_titles_only_is_not_kept_from_the_body() -> None:
    [number] = [number for number, name in enumerate(THEMES.list_names) if name == "defence-spending/guns-or-butter"]
    title, body = scan("Guns or butter?", "", "A long story."), scan("A question", "", "Guns or butter?")
    assert number in THEMES.automaton.find(title, useful=True)
    assert number not in THEMES.automaton.find(body, useful=True)
    assert number in THEMES.automaton.find(body)
