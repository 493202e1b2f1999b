"""The elements of HTML by what they do to a text. In: nothing. Out: sets of names in lower case. I/O: none."""

from __future__ import annotations


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


PARAGRAPH_TAGS = _names(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend listing main menu nav ol p plaintext search section summary"
    " table tbody tfoot thead tr ul br caption pre xmp"
)
CELL_TAGS = frozenset(("td", "th"))
# Dropped with everything inside. Unclosed, the first two swallow the rest (it is code); the others lose
# only their tag, because a truncated feed entry must not lose its text.
CODE_TAGS = frozenset(("script", "style"))
STRUCK_TAGS = frozenset(("del", "s", "strike"))  # wording the writer took back
DROPPED_TAGS = (
    CODE_TAGS
    | STRUCK_TAGS
    | _names("audio button canvas datalist head iframe math noembed noframes noscript object rp rt select svg")
    | _names("template textarea title video")
)
# They have no end.
EMPTY_TAGS = _names("area base basefont br col embed frame hr img input link meta param source track wbr")
INLINE_TAGS = _names(
    "a abbr acronym applet b bdi bdo big blink cite code colgroup data dfn em font frameset i ins kbd label map mark marquee meter nobr"
    " optgroup option output picture progress q rb rtc ruby samp slot small span strong sub sup time tt u var"
)
KNOWN_TAGS = PARAGRAPH_TAGS | CELL_TAGS | DROPPED_TAGS | EMPTY_TAGS | INLINE_TAGS | {"li"}
