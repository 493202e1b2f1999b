"""Takes off what encloses or ends a text by mistake: CDATA marks escaped once too often, markup cut off in the middle.

In: text as a feed gives it. Out: the text without. I/O: none.
"""

from __future__ import annotations

import re

from newsmon.text.tags import KNOWN_TAGS

MAX_CUT_CHARS = 2_000  # a tag cut off is searched for in so many characters from the end
_LT, _GT = r"(?:<|&(?:amp;?){0,3}lt;?)", r"(?:>|&(?:amp;?){0,3}gt;?)"
_CDATA = re.compile(rf"{_LT}[ ]?![ ]?\[[ ]?CDATA[ ]?\[|\A\s*!?\[CDATA\[", re.IGNORECASE)
_CDATA_END = re.compile(rf"\]\][ ]?{_GT}|\]\]\s*\Z")
_LONE_CDATA_END = re.compile(rf"\]\][ ]?{_GT}\s*\Z")
_CUT_TAG = re.compile(  # possessive quantifiers: white space must not be tried in every way
    r"""</?([A-Za-z][A-Za-z0-9-]*+)(?:\s++[\w:.-]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>]++(?=\s)))*+"""
    r"""(?:\s++[\w:.-]*+(?:\s*+=\s*+(?:"[^"<]*+"?|'[^'<]*+'?|[^\s"'<>]*+))?)?\s*+/?(?:\[?(?:\.{3}|…|&#8230;|&hellip;)\]?)?"""
)
_LAST_ENTITY = re.compile(r"&[#\w]*\Z")
_MOST_NESTED = 3
_CUT_ENTITIES = (
    "amp nbsp quot apos hellip rsquo lsquo ldquo rdquo laquo raquo ndash mdash eacute egrave agrave uuml auml ouml szlig euro"
).split()
_CUT_ENTITY = re.compile(
    r"&(?:#[xX]?[0-9a-fA-F]{0,6}|"
    + "|".join(sorted({name[:end] for name in _CUT_ENTITIES for end in range(2, len(name) + 1)}, key=len, reverse=True))
    + r")(?=\s*(?:\.{3}|…|\[…\]|\[\.{3}\])?\s*\Z)"
)


def unwrapped(text: str) -> str:
    """Return `text` without the marks of CDATA sections, however they were escaped, and whether or not they end."""
    if "CDATA" in text or "cdata" in text:
        opened = _CDATA.sub("", text)
        if opened != text:
            return _CDATA_END.sub("", opened)
    return _LONE_CDATA_END.sub("", text) if "]]" in text[-40:] else text


def without_cut_end(html: str) -> str:
    """Return `html` without the half of a tag or of an entity that it ends with."""
    html = html[: cut_tag_start(html)]
    tail = html[-40:]
    return html[: len(html) - len(tail)] + _CUT_ENTITY.sub("", tail) if "&" in tail else html


def cut_tag_start(html: str) -> int:
    """Return where the half of a tag or comment begins that `html` ends with, or its length.

    A tag may stand cut in another one's attribute.
    """
    end = len(html)
    comment = html.rfind("<!--", max(0, end - MAX_CUT_CHARS))
    if comment >= 0 and "-->" not in html[comment:]:
        end = comment
    for _ in range(_MOST_NESTED):
        at = html.rfind("<", max(0, end - MAX_CUT_CHARS), end)
        if at < 0 or ">" in html[at:end] or not _is_cut_tag(html[at:end]):
            break
        end = at
    return end


def _is_cut_tag(piece: str) -> bool:
    if piece.strip() in ("<", "</", "<!", "<!-", "<!--"):
        return True
    tag = _CUT_TAG.fullmatch(_LAST_ENTITY.sub("", piece))
    if tag is None:
        return False
    name = tag[1].lower()
    if name in KNOWN_TAGS or "-" in name or '="' in piece:
        return True
    return piece.lstrip("</").lower() == name and any(known.startswith(name) for known in KNOWN_TAGS)
