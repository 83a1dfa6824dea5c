"""Folders for servers that run as another account than the tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.probing import open_to_all


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder every account may enter, of which no process may survive the test."""
    with open_to_all() as folder:
        yield folder
