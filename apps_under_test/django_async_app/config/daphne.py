"""Daphne with a choice of how long an idle connection is kept: its own command line offers none (Twisted's 60 s)."""

import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

from daphne.cli import CommandLineInterface
from daphne.server import Server


class KeepAliveServer(Server):
    """Daphne that closes a connection after `keep_alive_s` seconds without a request."""

    def __init__(self, *args: Any, keep_alive_s: int, **options: Any) -> None:
        super().__init__(*args, ready_callable=self.set_keep_alive, **options)
        self.keep_alive_s = keep_alive_s

    def set_keep_alive(self) -> None:
        """Called when the factory of connections is there, before the first of them."""
        self.http_factory.timeOut = self.keep_alive_s


class CommandLine(CommandLineInterface):
    """Daphne's command line with `--keep-alive`."""

    def __init__(self) -> None:
        super().__init__()
        self.parser.add_argument("--keep-alive", type=int, required=True, metavar="SECONDS")

    def run(self, args: Sequence[str]) -> None:
        """Start the server and stay until it ends."""
        self.server_class = partial(KeepAliveServer, keep_alive_s=self.parser.parse_args(args).keep_alive)
        super().run(args)


if __name__ == "__main__":
    CommandLine().run(sys.argv[1:])
