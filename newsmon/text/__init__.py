"""Text as people read it: HTML to lines, boilerplate out, language named, folded for matching."""

from newsmon.text.boilerplate import Span, boilerplate_spans, without_boilerplate
from newsmon.text.html import html_to_text
from newsmon.text.language import LanguageGuess, identify_language

__all__ = ["LanguageGuess", "Span", "boilerplate_spans", "html_to_text", "identify_language", "without_boilerplate"]
