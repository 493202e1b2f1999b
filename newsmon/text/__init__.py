"""Text as people read it: HTML to lines, boilerplate removed, language identified, letters folded for matching.

In: strings. Out: strings and spans. I/O: none but the language model's file. Imports `newsmon.words`, no stage.
"""

from newsmon.text.boilerplate import Span, boilerplate_spans, without_boilerplate
from newsmon.text.counters import without_counters
from newsmon.text.html import html_to_text, plain_to_text
from newsmon.text.language import LanguageGuess, identify_language, language_code, possible_languages
from newsmon.text.wrappers import unwrapped

__all__ = [
    "LanguageGuess", "Span", "boilerplate_spans", "html_to_text", "identify_language", "language_code", "plain_to_text",
    "possible_languages", "unwrapped", "without_boilerplate", "without_counters",
]  # fmt: skip
