"""Starts two servers and ends with the first of them: `python serve.py <command> -- <command>`."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from types import FrameType


def main(arguments: list[str]) -> int:
    """Run the servers; 0 when they were asked to end, 1 when one of them ended by itself."""
    servers: list[subprocess.Popen[bytes]] = []
    asked: list[int] = []

    def end_all(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        for server in servers:
            server.terminate()

    signal.signal(signal.SIGTERM, end_all)
    signal.signal(signal.SIGINT, end_all)
    with ExitStack() as running:
        for command in commands(arguments):
            # Each inherits the listening sockets that were passed to us. Leaving the block ends and awaits it.
            server = running.enter_context(subprocess.Popen(command, close_fds=False))
            running.callback(server.terminate)
            servers.append(server)
        if not asked:
            await_first_end()
    return 0 if asked else 1


def commands(arguments: list[str]) -> Iterator[list[str]]:
    """Split what stands between `--`."""
    while "--" in arguments:
        end = arguments.index("--")
        yield arguments[:end]
        arguments = arguments[end + 1 :]
    yield arguments


def await_first_end() -> None:
    """Sleep until a server has ended; collecting it is left to whoever started it."""
    with suppress(ChildProcessError):  # a second signal has collected them all
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
