"""Reads a text for the phrases of all themes: those of its own language, those for any, and others only where its language is in doubt.

In: a scanned text, the language it was identified as, the themes. Out: the hits of each list.

Words count in the languages they were written for: Polish "natomiast" is no Czech stem, an Italian verb no English noun. But
language identification errs on headlines, and a wrong guess must not silence a theme. So where a text contains a phrase of another
language, the words themselves decide which languages are possible, and all of these count. A text of unknown language, or
of one that no phrase was written for, is read for every phrase.
"""

from __future__ import annotations

from newsmon.text import possible_languages
from processors.search.automaton import Hits
from processors.search.scan import Scanned
from processors.themes.theme_set import ThemeSet


def read(scanned: Scanned, themes: ThemeSet, language: str, *, useful: bool = False) -> Hits:
    """The hits of each list; with `useful` without those that no rule can use."""
    automaton = themes.automaton
    if language not in automaton.languages:
        return automaton.find(scanned, useful=useful)
    own = frozenset((language,))
    hits, foreign = automaton.find_and_foreign(scanned, own, useful=useful)
    possible = possible_languages(scanned.text, language, foreign) if foreign else own
    return hits if possible <= own else automaton.find(scanned, possible, useful=useful)
