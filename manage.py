#!/usr/bin/env python3
"""The command line: finds its virtual environment, and the servers its commands need, before Django loads."""

from __future__ import annotations  # an old system Python must get as far as the sentence or the hand-over

import os
import sys
from contextlib import AbstractContextManager
from importlib import util
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
# These load settings and nothing more: they work in an image build, where no server runs.
SETTINGS_ONLY = {
    "bench",  # with validate: measurements of our own that a server would only disturb
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "spectacular",
    "startapp",
    "startproject",
    "validate",
    "version",
}


def main(argv: list[str]) -> None:
    """Run one command, with what it needs around it."""
    use_virtual_environment(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "estimator.settings")
    from django.core.management import execute_from_command_line

    from estimator.runtime.errors import ServiceError

    try:
        with services_for(argv):
            execute_from_command_line(argv)
    except ServiceError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def use_virtual_environment(argv: list[str]) -> None:
    """Become .venv's Python when this one has no Django; without a .venv, say how to get one."""
    if util.find_spec("django") is not None:
        return
    python = PROJECT / ".venv" / "bin" / "python"
    if not python.exists() or Path(sys.prefix) == PROJECT / ".venv":
        sys.exit("Django is not installed here: run `make demo`, which sets everything up.")
    os.execv(python, [str(python), *argv])  # noqa: S606 - there is no shell to want


def services_for(argv: list[str]) -> AbstractContextManager[object]:
    """The embedded servers around a command that needs them."""
    from estimator.runtime import embedded
    from estimator.runtime.environment import var_folder

    return embedded.services(var_folder()) if needs_services(argv[1:]) else embedded.no_services()


def needs_services(arguments: list[str]) -> bool:
    """Whether the command reaches a database or the queue."""
    if any(argument.startswith("--database") for argument in arguments):
        return True
    asks_for_help = not {"-h", "--help", "--version"}.isdisjoint(arguments)
    return bool(arguments) and not asks_for_help and arguments[0] not in SETTINGS_ONLY


if __name__ == "__main__":
    main(sys.argv)
