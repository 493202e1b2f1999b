"""Pure classification on one core: articles of 2 kB a second, with the shipped themes and with made-up ones next to them.

Run: .venv/bin/python -I benchmarks/classify.py [--articles 3000]

Reported separately: classification as the processor does it (with the mask for boilerplate left in the text), without the
mask, and with language identification before it, as the offline command does.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from newsmon import paths
from newsmon.text import identify_language
from processors.matching.classify import verdicts_on_text
from processors.search.scan import scan
from processors.themes import ThemeSet, load_themes

SYLLABLES = tuple(a + b for a in "bcdfghklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "is"))
COMMON = (
    "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one said "
    "government minister president defence trade talks steel troops budget force country billion per cent market companies police "
    "court weather city children school report week year plan deal leaders officials American Ukraine Europe "
    "after before while their there would could people time first last new old small large house street water river road train station "
    "family friend doctor hospital nurse teacher music film book story newspaper radio summer winter morning evening night day month "
    "north south east west village town mayor vote election party member group local national research science study result number part "
    "problem question answer idea change growth rate price job worker office business product service customer store food farm animal "
    "garden tree sea island beach mountain snow rain wind sun heat cold car bus plane airport hotel tourist museum church theatre game "
    "player coach season goal final cup title crowd stadium injury record medal race"
).split()
BODY_CHARS = 1_800


def texts(count: int) -> list[tuple[str, str, str]]:
    """Titles, leads and bodies of common and rare words; one in five belongs to a theme."""
    chance = random.Random(5)
    made = []
    for number in range(count):
        words: list[str] = []
        size = 0
        while size < BODY_CHARS:
            word = chance.choice(COMMON) if chance.random() < 0.6 else "".join(chance.choices(SYLLABLES, k=3))
            words.append(word)
            size += len(word) + 1
        body = " ".join(words)
        lead = "Washington will raise tariffs on steel imports, the US trade representative said." if number % 5 == 0 else body[:120]
        made.append((f"{words[0].title()} and {words[1]} {number}", lead, body))
    return made


def phrase(chance: random.Random) -> str:
    """As theme files have them: most are words few texts hold, some two everyday words side by side, some the beginning of a word."""
    kind = chance.random()
    if kind < 0.10:
        return " ".join(chance.sample(COMMON, 2))
    if kind < 0.15:
        return "".join(chance.choices(SYLLABLES, k=2)) + "*"
    if kind < 0.45:
        return f"{''.join(chance.choices(SYLLABLES, k=4))} {chance.choice(COMMON)}"
    return "".join(chance.choices(SYLLABLES, k=4)) + ("*" if kind < 0.85 else "")


def made_up_themes(directory: Path, count: int) -> None:
    """`count` further themes of 30 phrases each: a weighty list near a shared one, a weak one, a context that cancels."""
    chance = random.Random(6)
    shutil.copytree(paths.seeds() / "themes", directory, dirs_exist_ok=True)
    for number in range(count):
        lists = {name: [f'"{phrase(chance)}"' for _ in range(size)] for name, size in (("strong", 14), ("weak", 12), ("context", 4))}
        (directory / f"made-{number}.toml").write_text(
            f'id = "made-{number}"\nlabel = "Made {number}"\nversion = "1"\nowner = "bench"\nthreshold = 5\n'
            + "".join(f"[lists.{name}]\nen = [{', '.join(phrases)}]\n" for name, phrases in lists.items())
            + '[[rule]]\nid = "strong"\nweight = 4\nall = ["strong", "us"]\nwithin = 12\n'
            '[[rule]]\nid = "weak"\nweight = 2\nall = ["weak"]\nany = ["strong"]\nwithin = "passage"\n'
            '[[unless]]\nid = "context"\ncancels = ["strong"]\nby = ["context"]\nwithin = 8\n'
        )


def rate(what: str, count: int, work: Callable[[], None]) -> None:
    work()  # warm
    started_s = time.process_time()
    work()
    spent_s = time.process_time() - started_s
    print(f"{what}: {count / spent_s:,.0f} articles/s, {spent_s / count * 1e6:,.0f} us each", flush=True)


def measure(name: str, themes: ThemeSet, made: list[tuple[str, str, str]]) -> None:
    def classify(*, mask: bool) -> None:
        for title, lead, body in made:
            verdicts_on_text(title, lead, body, "en", themes, mask=mask)

    def whole() -> None:
        for title, lead, body in made:
            language = identify_language(f"{title}. {lead}").code
            verdicts_on_text(title, lead, body, language, themes)

    rate(f"{name}, classification alone", len(made), lambda: classify(mask=False))
    rate(f"{name}, with the boilerplate mask", len(made), lambda: classify(mask=True))
    rate(f"{name}, with mask and language identification", len(made), whole)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=3_000)
    made = texts(parser.parse_args().articles)
    print(f"{len(made)} articles, {sum(len(t) + len(le) + len(b) for t, le, b in made) / len(made):,.0f} characters on average")
    measure("3 themes", load_themes(paths.seeds() / "themes"), made)
    for count in (100, 1_000):
        with tempfile.TemporaryDirectory() as directory:
            made_up_themes(Path(directory), count - 3)
            started_s = time.process_time()
            themes = load_themes(Path(directory))
            print(f"{count} themes, {themes.automaton.literal_count:,} phrases, compiled in {time.process_time() - started_s:.1f} s")
            hit = [len(themes.automaton.find(scan(*one))) for one in made[:300]]
            print(f"{count} themes: {sum(hit) / len(hit):.0f} lists hit in an article on average")
            measure(f"{count} themes", themes, made)


if __name__ == "__main__":
    main()
