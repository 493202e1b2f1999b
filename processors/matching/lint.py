"""Finds mistakes in valid themes: examples that fail, phrases that can never add anything, rules that two themes share.

In: a ThemeSet, texts of everyday news. Out: findings, failures first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from processors.matching.classify import verdicts_on_text
from processors.matching.verdicts import Reason, verdicts_of
from processors.search.phrases import ANY, Phrase
from processors.search.scan import scan, scan_form
from processors.themes.theme_set import Theme, ThemeSet

ALWAYS_FIRES_SHARE = 0.2  # of the texts of other themes and of everyday prose: a rule that fires this often distinguishes nothing
MOSTLY = 0.5
_MIN_OWN = 4
_SHORT_STEM = 5
_GROWN = 3  # letters by which a word is more than a form of the stem


class Kind(StrEnum):
    """The subject of a finding; only the first three fail a check."""

    EXAMPLE_FAILS = "example_fails"
    NO_EXAMPLES = "no_examples"
    ALWAYS_FIRES = "always_fires"
    DEAD_PHRASE = "dead_phrase"
    EVERYDAY_WORD = "everyday_word"
    DEAD_RULE = "dead_rule"
    OVERLAP = "overlap"


FAILURES = frozenset({Kind.EXAMPLE_FAILS, Kind.NO_EXAMPLES, Kind.ALWAYS_FIRES})


@dataclass(frozen=True, slots=True)
class Finding:
    kind: Kind
    where: str
    message: str

    @property
    def fails(self) -> bool:
        return self.kind in FAILURES


def lint(themes: ThemeSet, everyday_news: Sequence[str], everyday_words: Mapping[str, Sequence[str]]) -> list[Finding]:
    """All findings, failures first; `everyday_words`: the most common words by language."""
    findings = [
        *check_examples(themes),
        *_always_firing(themes, everyday_news),
        *_dead_phrases(themes),
        *_everyday_words(themes, everyday_words),
        *_dead_rules(themes),
        *_overlaps(themes),
        *_claimed(themes),
    ]
    return sorted(findings, key=lambda one: not one.fails)


def check_examples(themes: ThemeSet) -> list[Finding]:
    """Examples that fail, and themes that lack an example of either kind."""
    findings = []
    for number, theme in enumerate(themes.themes):
        expected = {example.expect for example in theme.examples}
        if expected != {True, False}:
            findings.append(Finding(Kind.NO_EXAMPLES, theme.theme_id, "needs at least one example that matches and one that must not"))
        for index, example in enumerate(theme.examples):
            lead, _, body = example.text.partition("\n")
            verdict = verdicts_on_text(example.title, lead, body, example.lang or "und", themes)[number]
            if verdict.matched is not example.expect:
                said = "did not match" if example.expect else "matched"
                score = f"score {verdict.score:g} of {verdict.threshold:g}"
                findings.append(Finding(Kind.EXAMPLE_FAILS, f"{theme.theme_id}:example[{index}]", f"{said} ({score}): {example.title}"))
    return findings


def _always_firing(themes: ThemeSet, everyday_news: Sequence[str]) -> list[Finding]:
    """Themes that match a fifth of the texts that are not their own, each with the rule that causes it."""
    findings = []
    everyday = [scan("", text, "") for text in everyday_news]
    for number, theme in enumerate(themes.themes):
        foreign = [example for other in themes.themes for example in other.examples if not example.expect or other is not theme]
        texts = [*everyday, *(scan(example.title, example.text, "") for example in foreign)]
        claimed = [verdict for text in texts if (verdict := verdicts_of(text, themes, "und")[number]).reason is Reason.MATCHED]
        if len(claimed) <= ALWAYS_FIRES_SHARE * len(texts):
            continue
        rules = Counter(part.clause.partition("/")[0] for verdict in claimed for part in verdict.evidence if part.contribution > 0)
        words = Counter(part.text.casefold() for verdict in claimed for part in verdict.evidence if part.contribution > 0)
        most = f"mostly rule {rules.most_common(1)[0][0]} at {words.most_common(1)[0][0]!r}"
        message = f"matches {len(claimed)} of {len(texts)} everyday texts and texts of other themes, {most}"
        findings.append(Finding(Kind.ALWAYS_FIRES, theme.theme_id, message))
    return findings


def _dead_phrases(themes: ThemeSet) -> list[Finding]:
    """Phrases that another phrase of the same list already finds in every text in which they count."""
    findings = []
    for name, phrases in zip(themes.list_names, themes.automaton.phrases_by_list, strict=True):
        plain = {phrase for phrase in phrases if not phrase.excludes and phrase.exact is None and phrase.whole is None}
        excluded = {(phrase.literal, phrase.language) for phrase in phrases if phrase.excludes and phrase.whole is None}
        stems = {(phrase.literal, phrase.language): phrase for phrase in plain if phrase.open_right and not phrase.open_left}
        for phrase in sorted(plain, key=lambda one: (one.source, one.language)):
            languages = dict.fromkeys((phrase.language, ANY))
            if any((phrase.literal, language) in excluded for language in languages):
                findings.append(Finding(Kind.DEAD_PHRASE, name, f"{phrase.source!r} is cancelled by an excluding phrase"))
            if phrase.open_left or " " in phrase.literal.strip():
                continue
            covers = (stems.get((phrase.literal[:end], language)) for end in range(4, len(phrase.literal)) for language in languages)
            cover = next((one for one in covers if one is not None and one.source != phrase.source and _finds_all_of(one, phrase)), None)
            if cover is not None:
                findings.append(Finding(Kind.DEAD_PHRASE, name, f"{phrase.source!r} is never needed: {cover.source!r} finds it too"))
    return findings


def _finds_all_of(stem: Phrase, phrase: Phrase) -> bool:
    """True when the stem requires no accent that the longer phrase lacks."""
    return set(stem.accents) <= set(phrase.accents)


def _everyday_words(themes: ThemeSet, words: Mapping[str, Sequence[str]]) -> list[Finding]:
    """Short stems that count in every language and begin an everyday word of one: "NATO*" begins Polish "natomiast"."""
    findings = []
    for name, phrases in zip(themes.list_names, themes.automaton.phrases_by_list, strict=True):
        for phrase in phrases:
            stem = phrase.literal.strip()
            if phrase.language != ANY or phrase.excludes or phrase.exact or phrase.whole or phrase.open_left or not phrase.open_right:
                continue
            if " " in stem or len(stem) > _SHORT_STEM or phrase.source.islower():
                continue
            found = next(((word, language) for language in sorted(words) for word in words[language] if _begins(stem, word)), None)
            if found is not None:
                message = f"{phrase.source!r} counts in every language and finds {found[0]!r} ({found[1]}): put it under its own"
                findings.append(Finding(Kind.EVERYDAY_WORD, name, message))
    return findings


def _begins(stem: str, word: str) -> bool:
    return len(word) >= len(stem) + _GROWN and scan_form(word).startswith(stem)


def _dead_rules(themes: ThemeSet) -> list[Finding]:
    return [
        Finding(Kind.DEAD_RULE, f"{theme.theme_id}:{rule.id}", "adds nothing: its weight, or that of every field it searches, is zero")
        for theme in themes.themes
        for rule in theme.rules
        if not rule.weight or not any(theme.field_weights[number] for number in rule.fields)
    ]


def _overlaps(themes: ThemeSet) -> list[Finding]:
    """Pairs of themes with a rule on the very same lists: an article always gets both labels."""
    findings = []
    for index, one in enumerate(themes.themes):
        for other in themes.themes[index + 1 :]:
            for name in sorted(_shapes(one) & _shapes(other), key=sorted):
                lists = ", ".join(sorted(themes.list_names[number] for number in name))
                findings.append(Finding(Kind.OVERLAP, f"{one.theme_id}, {other.theme_id}", f"both have a rule on {lists} alone"))
    return findings


def _claimed(themes: ThemeSet) -> list[Finding]:
    """Themes that match most of the examples of another theme: perhaps the two are one."""
    findings = []
    for one in themes.themes:
        own = [example for example in one.examples if example.expect]
        taken: Counter[str] = Counter()
        for example in own:
            verdicts = verdicts_of(scan(example.title, example.text, ""), themes, example.lang or "und")
            taken.update(verdict.theme_id for verdict in verdicts if verdict.matched and verdict.theme_id != one.theme_id)
        for other, count in sorted(taken.items()):
            if len(own) >= _MIN_OWN and count > MOSTLY * len(own):
                findings.append(
                    Finding(Kind.OVERLAP, f"{one.theme_id}, {other}", f"{other} matches {count} of the {len(own)} texts of {one.theme_id}")
                )
    return findings


def _shapes(theme: Theme) -> set[frozenset[int]]:
    return {frozenset((rule.core, *rule.others)) for rule in theme.rules if rule.weight > 0 and not rule.any}


def failed(findings: Sequence[Finding]) -> bool:
    return any(one.fails for one in findings)
