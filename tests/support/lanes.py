"""Runs all tests in two pytest processes side by side: the fault tests, which mostly wait, and all others.

In: arguments for both. Out: what the others print, then what the fault tests printed and how each ended; the worse of the two exit codes. `make test` calls it.
With a file or folder among the arguments, one plain pytest runs just that.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
LIMIT_S = 3 * 3600.0  # against a hang; pytest has a limit for each test
OTHERS = ("unit", "component", "integration", "acceptance")


def main(arguments: list[str]) -> int:
    command = [sys.executable, "-u", "-m", "pytest", "--tier", "all", *arguments]
    if any(Path(argument.partition("::")[0]).exists() for argument in arguments):
        return subprocess.run(command, check=False, timeout=LIMIT_S).returncode
    with tempfile.TemporaryFile() as output:
        faults = subprocess.Popen([*command, str(TESTS / "faults")], stdout=output, stderr=subprocess.STDOUT)
        try:
            others = subprocess.run([*command, *(str(TESTS / tier) for tier in OTHERS)], check=False, timeout=LIMIT_S).returncode
            print("waiting for the fault tests, which run beside the others ...", flush=True)
            faulted = faults.wait(LIMIT_S)
        finally:
            if faults.poll() is None:
                faults.terminate()
                faults.wait(60)
            output.seek(0)
            sys.stdout.buffer.write(output.read())
            sys.stdout.flush()
    print(f"unit, component, integration, acceptance: {_outcome(others)}; faults: {_outcome(faulted)}", flush=True)
    return max(others, faulted)


def _outcome(exit_code: int) -> str:
    return "passed" if exit_code == 0 else f"failed (pytest's exit code {exit_code}, see its summary above)"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
