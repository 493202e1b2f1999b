"""[words]: the user's own word files."""

from __future__ import annotations

from pathlib import Path

from newsmon.settings.sections.base import Section


class WordSettings(Section):
    """Your own names, places, event words, stop words, number words and boilerplate rules, on top of the shipped ones."""

    directory: Path | None = None
    """Folder with your word files. `newsmon words check` checks them; a valid change is used within seconds."""
