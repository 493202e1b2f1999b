"""The shipped themes with every event a story of its own, for tests that count alerts of texts made from one form."""

from __future__ import annotations

import shutil
from pathlib import Path

from newsmon import paths


def separate_themes(directory: Path) -> Path:
    """Copy the themes into the folder `themes` of a directory, all asking for as much likeness as they can; returns that folder."""
    folder = directory / "themes"
    shutil.copytree(paths.seeds() / "themes", folder, dirs_exist_ok=True)
    for file in folder.glob("*.toml"):
        file.write_text(f"{file.read_text()}\n[stories]\nseparate = 5\n")
    return folder
