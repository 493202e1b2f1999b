"""Runs a program that ends when its parent process ends, for whatever reason.

A script, not a module to import: `python -I -S die_with_parent.py PARENT_PID PROGRAM ARGUMENT...` asks the kernel for SIGTERM at
the parent's death (prctl(2), PR_SET_PDEATHSIG, kept across execve) and becomes PROGRAM. It is a separate process because doing
this between fork and exec of a parent with threads (preexec_fn) can deadlock.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent_pid, program, *_ = sys.argv[1:]
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != int(parent_pid):
        sys.exit("the parent ended before its child was set up")
    os.execv(program, sys.argv[2:])  # noqa: S606 - becoming the program is the purpose


if __name__ == "__main__":
    main()
