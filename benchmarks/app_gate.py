"""The gate to an app under test: open on the load network while Locust's workers of other hosts send, and only then.

    python -m benchmarks.app_gate DESCRIPTOR PORT

The app itself listens on loopback all the time. The gate passes bytes on, on the load's cores, so the app's process is
the one that was measured before, whatever server it runs.
"""

import asyncio
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import uvloop

from benchmarks.app_process import HOST, listening_socket
from benchmarks.errors import EngineError
from benchmarks.guarded_process import GuardedProcess, guarded, module_program
from benchmarks.load.network import LoadNetwork


@contextmanager
def open_gate(
    network: LoadNetwork, *, port: int, cpus: Sequence[int], log: Path, record_folder: Path
) -> Iterator[GuardedProcess]:
    """Let the load network reach the app on loopback `port` until the block is left. Raises EngineError."""
    try:
        listener = listening_socket(network.app_port, host=network.address)
    except OSError as error:
        place = f"{network.address}:{network.app_port}"
        raise EngineError(f"the app cannot be opened at {place} ({error.strerror}); set another LOAD_PORT") from error
    with listener:
        descriptor = listener.fileno()
        program = module_program(
            "the app's gate",
            "benchmarks.app_gate",
            descriptor,
            port,
            cpus=cpus,
            log=log,
            record_folder=record_folder,
            pass_fds=[descriptor],
            grace_s=0.5,
        )
        with guarded(program) as process:
            listener.close()  # after the gate's death nobody is to wait in our queue
            yield process
            if not process.running():
                raise EngineError(f"the app's gate ended by itself: {process.last_log_line()}; see {log}")


class Half(asyncio.Protocol):
    """One end of a connection that is passed on: what it hears, the other end says."""

    def __init__(self) -> None:
        self.other: Half | None = None
        self.early: list[bytes] = []  # heard before the other end was there

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It can speak now."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Pass it on."""
        if self.other is None:
            self.early.append(data)
        else:
            self.other.transport.write(data)

    def pause_writing(self) -> None:
        """It is slow to take what the other one hears."""
        if self.other is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """It has caught up."""
        if self.other is not None:
            self.other.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """Neither end outlives the other; what is on its way is still said."""
        if self.other is not None:
            self.other.transport.close()


class Visitor(Half):
    """The end outside. Its other end is opened when it comes."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody came."""
        super().connection_made(transport)
        self._opening = asyncio.get_running_loop().create_task(self._open())

    async def _open(self) -> None:
        try:
            _, inside = await asyncio.get_running_loop().create_connection(Half, HOST, self._port)
        except OSError:
            self.transport.abort()  # the app is gone; who asked sees that
            return
        self.other, inside.other = inside, self
        inside.transport.write(b"".join(self.early))
        if self.transport.is_closing():
            inside.transport.close()


async def serve(listener: socket.socket, port: int) -> None:
    """Until the process is told to end."""
    server = await asyncio.get_running_loop().create_server(lambda: Visitor(port), sock=listener, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])))
