"""The base classes of records and of their parts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

UtcDatetime = Annotated[datetime, msgspec.Meta(tz=True)]


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="record"):
    """Base of everything that travels on a topic; the tag is `<name>/<version>`."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the parts inside a record; a part has no tag of its own."""
