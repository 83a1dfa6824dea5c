"""What the runtime reads from the environment, and what it puts there before Django loads its settings."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def var_folder() -> Path:
    """Everything the service writes: VAR_DIR, else var/ in the project."""
    return Path(os.environ.get("VAR_DIR") or PROJECT / "var").resolve()


def is_given(variable: str) -> bool:
    """Whether the deployment supplies it; an empty value counts as unset, as in an env file."""
    return bool(os.environ.get(variable))


@contextmanager
def supplied(values: Mapping[str, str]) -> Iterator[None]:
    """Put `values` into the environment, for us and for the processes we start, and take them out at the end."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
