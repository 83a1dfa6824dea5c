"""The benchmark's own PostgreSQL, as a program below a guard: `python -m benchmarks.database_server FOLDER`.

Prints one JSON line once it accepts connections, and stops the server when it is told to end.
"""

import json
import signal
import sys
from pathlib import Path

from estimator.runtime.postgres import PostgresCluster, running

# Fixed for every run and stack, and the same on every host; docs/measurement.md says why.
SETTINGS = {
    "shared_buffers": "64MB",  # the whole data set is in memory
    "max_connections": "200",
    "autovacuum": "off",  # no work of its own inside a window
    "jit": "off",
    "fsync": "off",  # the data is made anew before each run; the disk is not what is measured
    "synchronous_commit": "off",
    "checkpoint_timeout": "1h",
    "max_wal_size": "2GB",
}


def main(folder: Path) -> None:
    """Serve until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with running(PostgresCluster(folder=folder, settings=SETTINGS)) as server:
        sys.stdout.write(json.dumps({"admin_url": server.admin_url, "pid": server.pid}) + "\n")
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
