"""Folders for servers that run as another account than the tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.probing import eventually, open_to_all, processes_of


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A new folder every account may enter, of which no process may survive the test."""
    with open_to_all() as folder:
        yield folder


@pytest.fixture(scope="module")
def _shared_folder() -> Iterator[Path]:
    with open_to_all() as folder:
        yield folder


@pytest.fixture
def used_folder(_shared_folder: Path) -> Iterator[Path]:
    """As `open_folder`, with what earlier tests of the module left in it: it saves each of them an initdb."""
    yield _shared_folder
    eventually(lambda: not processes_of(_shared_folder))
