"""How often a bare headline's language is named right: 168 headlines in 17 languages, written for this test and not for the rules.

`pytest tests/unit/newsmon/text/test_language_accuracy.py -s` prints the table.
"""

from __future__ import annotations

from collections import Counter

import pytest
from support.places import DATA

from newsmon.text.language import identify_language

FILE = DATA / "languages" / "headlines.tsv"
HEADLINES = [tuple(line.split("\t")) for line in FILE.read_text("utf-8").splitlines()]
CONFIGURED = ("en", "de", "fr", "es", "it", "pl", "cs", "uk", "ru")


def accuracy(name: str, *, configured: bool = False, prior: str | None = None) -> tuple[float, dict[str, float]]:
    """The share named right, in all and by language; printed. `prior` "own": each language's feed says so."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for code, headline in HEADLINES:
        if configured and code not in CONFIGURED:
            continue
        total[code] += 1
        guess = identify_language(headline, candidates=CONFIGURED if configured else (), prior=code if prior == "own" else prior)
        right[code] += guess.code == code
    print(f"{name:<34} {right.total() / total.total():6.1%}  " + "  ".join(f"{code} {right[code]}/{total[code]}" for code in total))
    return right.total() / total.total(), {code: right[code] / total[code] for code in total}


def test_the_set_is_what_it_says() -> None:
    counts = Counter(code for code, _headline in HEADLINES)
    assert (len(HEADLINES), len(counts)) == (168, 17)
    assert all(counts[code] == 12 for code in CONFIGURED)
    assert max(len(headline) for _code, headline in HEADLINES) <= 45


@pytest.mark.parametrize(
    ("name", "configured", "prior", "at_least", "each_at_least"),
    [
        ("any of 176 languages, no prior", False, None, 0.92, 0.5),
        ("nine configured, no prior", True, None, 0.95, 0.8),
        ("the feed says its language", False, "own", 0.97, 0.8),
        ("the feed says English, wrongly", False, "en", 0.88, 0.4),
    ],
)
def test_headlines_are_named_right(name: str, configured: bool, prior: str | None, at_least: float, each_at_least: float) -> None:
    whole, by_language = accuracy(name, configured=configured, prior=prior)
    assert whole >= at_least
    assert min(by_language.values()) >= each_at_least, by_language
