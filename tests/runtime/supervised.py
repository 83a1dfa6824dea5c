"""Run as a script: supervises the programs that it reads as JSON, as `manage.py up` does with its own."""

import json
import signal
import sys
from pathlib import Path

from estimator.runtime.supervisor import Program, RestartPolicy, Supervisor


def main(log_folder: Path, description: str) -> str | None:
    """Returns the supervisor's reason."""
    wanted = json.loads(description)
    programs = [_program(**fields) for fields in wanted["programs"]]
    dead = Path(wanted["dead_when_exists"]) if "dead_when_exists" in wanted else None
    supervisor = Supervisor(
        programs,
        log_folder=log_folder,
        echo=lambda name, line: _say(f"{name}: {line}"),
        dead_service=lambda: "PostgreSQL" if dead is not None and dead.exists() else None,
        announce=lambda: _say("all started"),
        policy=RestartPolicy(first_pause_s=0.02, **wanted.get("policy", {})),
    )
    return supervisor.run()


def _program(*, code: str, ready_file: str | None = None, stop_signal: str = "SIGTERM", **fields: object) -> Program:
    ready = Path(ready_file).exists if ready_file else None
    argv = (sys.executable, "-u", "-c", code)
    return Program(argv=argv, ready=ready, stop_signal=signal.Signals[stop_signal], **fields)  # type: ignore[arg-type]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
