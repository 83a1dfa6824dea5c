"""What the supervised programs print: passed on line by line with the program's name, and kept in its log file."""

import os
import selectors
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from estimator.runtime.logs import append_log

_LONGEST_LINE_BYTES = 64 * 1024
_PASSES_AT_END = 16


@dataclass(kw_only=True)
class _Stream:
    name: str
    pipe: BinaryIO
    log: BinaryIO
    rest: bytes = field(default=b"")

    def lines(self, chunk: bytes) -> list[bytes]:
        *complete, self.rest = (self.rest + chunk).split(b"\n")
        if len(self.rest) > _LONGEST_LINE_BYTES:
            complete, self.rest = [*complete, self.rest], b""
        return complete


class Relay:
    """Reads many programs' output in one thread. `echo` gets the program's name and one line."""

    def __init__(self, log_folder: Path, echo: Callable[[str, str], None]) -> None:
        self._log_folder = log_folder
        self._echo = echo
        self._selector = selectors.DefaultSelector()

    def log_file(self, name: str) -> Path:
        """Where a program's output is kept."""
        return self._log_folder / f"{name}.log"

    def add(self, name: str, pipe: BinaryIO) -> None:
        """Follow one more pipe, until its last writer closes it."""
        stream = _Stream(name=name, pipe=pipe, log=append_log(self.log_file(name)))
        self._selector.register(pipe, selectors.EVENT_READ, stream)

    def pass_on(self, timeout_s: float) -> bool:
        """Pass on what there is; wait at most so long for the first of it. False when there was nothing."""
        ready = self._selector.select(timeout_s)
        for key, _ in ready:
            self._read(cast(_Stream, key.data))
        return bool(ready)

    def close(self) -> None:
        """Pass on what is left (a pipe holds 64 KiB), and let go of all pipes, also of those that strays hold open."""
        for _ in range(_PASSES_AT_END):
            if not self.pass_on(0):
                break
        for key in list(self._selector.get_map().values()):
            self._drop(cast(_Stream, key.data))
        self._selector.close()

    def _read(self, stream: _Stream) -> None:
        chunk = os.read(stream.pipe.fileno(), 65_536)
        with suppress(OSError):  # a full disk must not stop the service
            stream.log.write(chunk)
        for line in stream.lines(chunk):
            self._echo(stream.name, line.decode("utf-8", errors="replace"))
        if not chunk:
            self._drop(stream)

    def _drop(self, stream: _Stream) -> None:
        if stream.rest:
            self._echo(stream.name, stream.rest.decode("utf-8", errors="replace"))
        self._selector.unregister(stream.pipe)
        stream.pipe.close()
        stream.log.close()
