"""Plays the benchmark worker: runs a guarded program and waits to be killed. python worker.py <folder> <argv...>"""

import os
import socket
import sys
import time
from pathlib import Path

from benchmarks.guarded_process import Program, guarded


def main(folder: Path, argv: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        program = Program(
            name="the program",
            argv=[word.replace("{fd}", str(listener.fileno())) for word in argv],
            cpus=sorted(os.sched_getaffinity(0)),
            env={"PATH": os.environ["PATH"]},
            cwd=folder,
            log=folder / "program.log",
            record_folder=folder / "records",
            pass_fds=[listener.fileno()],
        )
        with guarded(program) as process:
            port = listener.getsockname()[1]
            listener.close()
            (folder / "started.new").write_text(f"{process.guard_pid} {process.child_pid} {port}")
            (folder / "started.new").replace(folder / "started")
            time.sleep(600)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
