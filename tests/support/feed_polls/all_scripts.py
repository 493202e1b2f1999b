"""Every script, dated as of a given time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from support.feed_polls.document_scripts import document_scripts
from support.feed_polls.entry_scripts import entry_scripts
from support.feed_polls.identity_scripts import identity_scripts
from support.feed_polls.script import Answer, Script
from support.feed_polls.server_scripts import server_scripts

HOST = "quay.example"
MAX_ENTRIES = 40  # the limit that scripts reckon with


def all_scripts(now: datetime) -> dict[str, Script]:
    """By name; each script has a site of its own, so that they can be played side by side."""
    found = [*entry_scripts(now), *identity_scripts(now), *document_scripts(now), *server_scripts(now)]
    assert len({one.name for one in found}) == len(found)
    return {one.name: _at(one, f"q{number:03}.example") for number, one in enumerate(found)}


def _at(script: Script, site: str) -> Script:
    """The script at another site; the name is as long as the one in the script, so that every length stays right."""
    assert len(site) == len(HOST)

    def moved(answer: Answer) -> Answer:
        if isinstance(answer, bytes):
            return answer.replace(HOST.encode(), site.encode())

        def later(path: str, headers: Mapping[str, str]) -> bytes:
            return answer(path, headers).replace(HOST.encode(), site.encode())

        return later

    return replace(script, polls=[moved(one) for one in script.polls], urls=frozenset(one.replace(HOST, site) for one in script.urls))
