"""LibreOffice as a user of our files: it opens, calculates and saves them without a window."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

_NAMES = ("soffice", "libreoffice")


def soffice() -> str:
    """The system's LibreOffice; the test is skipped without one, or fails where it is required."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        sentence = (
            "No LibreOffice found; install the package libreoffice-calc-nogui (Debian, Ubuntu) or libreoffice-calc "
            "(Fedora) to have the workbooks recalculated."
        )
        if os.environ.get("REQUIRE_LIBREOFFICE") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return found


def saved_by_libreoffice(files: Iterable[Path], *, to: Path, read_as: str | None = None) -> None:
    """Each file as a workbook of its name in `to`, with every formula calculated anew. One start for all.

    `read_as` is an import filter with its options; without it the files' own names tell.
    """
    profile = to / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE)
    argv = [soffice(), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    argv += [f"--infilter={read_as}"] if read_as else []
    argv += ["--convert-to", "xlsx", "--outdir", str(to), *map(str, files)]
    subprocess.run(argv, check=True, capture_output=True, timeout=150)


# A user's setting: without it LibreOffice trusts what the formulas of a workbook gave when it was written.
_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""
