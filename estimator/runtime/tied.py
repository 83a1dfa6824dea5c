"""Become another program that gets a signal when the process that started it dies, even by kill -9.

Usage: python -m estimator.runtime.tied <signal number> <pid of the starter> <program> [argument ...]
A program of its own rather than a function between fork and exec, where threads of the starter make that unsafe.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def tie(signal_number: int, starter: int) -> None:
    """Ask the kernel for the signal. It survives exec; the starter may have died before we asked."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != starter:
        sys.exit("The process that started this one has ended.")


if __name__ == "__main__":
    tie(int(sys.argv[1]), int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606 - there is no shell to want
