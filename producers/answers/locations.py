"""Where a redirect leads: the Location header as browsers read it."""

from __future__ import annotations

import re
from urllib.parse import quote_from_bytes, urljoin

_UNREADABLE = re.compile(r"[\udc80-\udcff]+")  # bytes that were no UTF-8
_IN_THE_WAY = re.compile(r"[\x00-\x1f\x7f]")
_BACKSLASHES = re.compile(r"^(https?:)?[\\/]{2}|^[\\]", re.IGNORECASE)


def redirect_target(base: str, location: str) -> str:
    """The address that `location` names, seen from `base`. Spaces and bytes of no UTF-8 are percent-encoded, a fragment is kept."""
    text = _IN_THE_WAY.sub("", location).strip().strip("<>\"'")
    text = _UNREADABLE.sub(lambda found: quote_from_bytes(found[0].encode("utf-8", "surrogateescape")), text)
    if _BACKSLASHES.match(text):
        address, mark, query = text.partition("?")
        text = address.replace("\\", "/") + mark + query
    return urljoin(base, text.replace(" ", "%20"))
