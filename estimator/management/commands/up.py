"""`manage.py up`: sets up what is missing, then serves until Ctrl-C."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from estimator.runtime.embedded import find_services
from estimator.runtime.errors import ServiceError
from estimator.runtime.locks import sole_holder
from estimator.runtime.ports import port_number
from estimator.runtime.programs import listening_address, service_programs
from estimator.runtime.storage import make_folder
from estimator.runtime.supervisor import Program, Supervisor

# In this order, at every start: each does only what is not done yet, so a start that was killed half-way goes on here.
FIRST_START: list[tuple[str, dict[str, Any]]] = [
    ("migrate", {"interactive": False, "verbosity": 0}),
    ("set_up", {}),
    ("register_stacks", {}),
]
_COLOURS = ("36", "33", "35", "32")


class Command(BaseCommand):
    """The whole service in the foreground."""

    help = "Serve web, workers and beat until Ctrl-C; PORT and HOST choose the address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Address."""
        parser.add_argument("--port", type=_port, default=os.environ.get("PORT") or "8000")
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        """Refuses when the service runs already or the port is taken; fails with the reason it had to stop."""
        try:
            reason = self._serve_alone(host, port, options)
        except ServiceError as error:
            raise CommandError(str(error)) from error
        if reason is not None:
            raise CommandError(reason)

    def _serve_alone(self, host: str, port: int, options: dict[str, Any]) -> str | None:
        address = f"http://{host}:{port}/"
        make_folder(settings.VAR_DIR / "logs")
        with sole_holder(settings.VAR_DIR / "up.lock", f"{address} (process {os.getpid()})") as running:
            if running is not None:
                raise CommandError(f"The service already runs at {running}: use it, or stop it with Ctrl-C first.")
            return self._serve(host, port, address, options)

    def _serve(self, host: str, port: int, address: str, options: dict[str, Any]) -> str | None:
        with listening_address(host, port) as listener:
            for name, arguments in FIRST_START:
                call_command(name, stdout=self.stdout, **arguments)
            programs = service_programs(listener=listener, var=settings.VAR_DIR)
            supervisor = Supervisor(
                [*programs, *self.further_programs(address, options)],
                log_folder=settings.VAR_DIR / "logs",
                echo=self.echo(),
                dead_service=find_services(settings.VAR_DIR).dead,
                announce=lambda: self.announce(address),
            )
            return supervisor.run()

    def further_programs(self, address: str, options: dict[str, Any]) -> list[Program]:
        """What runs after the service has started."""
        return []

    def announce(self, address: str) -> None:
        """Say where the service is and what to do next."""
        self.stdout.write(f"\nThe traffic cost estimator serves {address}")
        password = settings.VAR_DIR / "admin-password"
        if password.exists():
            self.stdout.write(f"Sign in as admin; the password is in {password} (mode 600).")
        self.stdout.write("Next: run a benchmark plan there, or `make demo` here. Ctrl-C stops everything.\n")

    def echo(self) -> Callable[[str, str], None]:
        """Lines with their program's name in front, in a colour of its own on a terminal."""
        colours: dict[str, str] = {}

        def echo(name: str, line: str) -> None:
            colour = colours.setdefault(name, _COLOURS[len(colours) % len(_COLOURS)])
            label = f"{name:>12} | "
            self.stdout.write((f"\x1b[{colour}m{label}\x1b[0m" if sys.stdout.isatty() else label) + line)

        return echo


def _port(text: str) -> int:
    try:
        return port_number(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no port; choose one from 1 to 65535, e.g. PORT=8001") from None
