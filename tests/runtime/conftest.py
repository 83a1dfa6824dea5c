"""Folders for servers that run as another account than the tests."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.probing import eventually, processes_of


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder every account may enter (pytest's own are closed), of which no server may survive the test."""
    folder = Path(tempfile.mkdtemp(prefix="runtime-test-"))
    folder.chmod(0o755)
    try:
        yield folder
        eventually(lambda: not processes_of(folder))
    finally:
        shutil.rmtree(folder)
