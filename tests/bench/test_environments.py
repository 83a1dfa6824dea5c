import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks import environments
from benchmarks.environments import EnvironmentFailed, ensure_environment, installed_versions

AppFolder = Callable[[str], Path]


@pytest.fixture
def app_folder(tmp_path: Path) -> AppFolder:
    """An app whose lock pins one package, `sample`, that lies beside it: no registry is asked."""

    def made(version: str) -> Path:
        folder = tmp_path / "sample_app"
        folder.mkdir(exist_ok=True)
        pin(folder, version, sha256(wheel(folder, version)))
        return folder

    return made


def wheel(folder: Path, version: str) -> Path:
    path, info = folder / f"sample-{version}-py3-none-any.whl", f"sample-{version}.dist-info"
    files = {
        "sample.py": f"VERSION = '{version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: sample\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)  # dated 1980: the same hash each time
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def pin(folder: Path, version: str, digest: str) -> None:
    lines = ["--no-index", f"--find-links {folder}", f"sample=={version} --hash=sha256:{digest}", ""]
    (folder / "requirements.lock").write_text("\n".join(lines))


def stamp_of(python: Path) -> Path:
    return python.parent.parent / ".complete"


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_environment_holds_exactly_what_is_locked(
    app_folder: AppFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installer: str
) -> None:
    if installer == "uv" and environments._uv() is None:
        pytest.skip("uv is not installed; put it on PATH")
    if installer == "pip":
        monkeypatch.setattr(environments, "_uv", lambda: None)

    python = ensure_environment(app_folder("1.0"), tmp_path / "environments")

    assert python.is_relative_to(tmp_path / "environments")
    assert installed_versions(python, ["sample", "psycopg"]) == {"sample": "1.0"}


def test_environment_is_kept_until_the_lock_changes(app_folder: AppFolder, tmp_path: Path) -> None:
    first = ensure_environment(app_folder("1.0"), tmp_path)
    made = stamp_of(first).stat().st_mtime_ns

    again = ensure_environment(app_folder("1.0"), tmp_path)
    other = ensure_environment(app_folder("2.0"), tmp_path)

    assert again == first
    assert stamp_of(again).stat().st_mtime_ns == made
    assert installed_versions(other, ["sample"]) == {"sample": "2.0"}
    assert installed_versions(first, ["sample"]) == {"sample": "1.0"}


def test_interrupted_attempt_is_made_again(app_folder: AppFolder, tmp_path: Path) -> None:
    folder = app_folder("1.0")
    python = ensure_environment(folder, tmp_path)
    stamp_of(python).unlink()
    python.unlink()

    assert installed_versions(ensure_environment(folder, tmp_path), ["sample"]) == {"sample": "1.0"}


def test_two_calls_at_once_share_one_environment(
    app_folder: AppFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, make = app_folder("1.0"), environments._make
    made: list[Path] = []

    def counted(environment: Path, lock: Path) -> None:
        made.append(environment)
        make(environment, lock)

    monkeypatch.setattr(environments, "_make", counted)

    with ThreadPoolExecutor(2) as pool:
        pythons = set(pool.map(lambda _: ensure_environment(folder, tmp_path), range(2)))

    assert len(pythons) == len(made) == 1


def test_package_with_another_hash_is_refused_and_nothing_counts_as_made(app_folder: AppFolder, tmp_path: Path) -> None:
    folder = app_folder("1.0")
    pin(folder, "1.0", "0" * 64)

    with pytest.raises(EnvironmentFailed, match=r"environment of sample_app cannot be made from .*(?i:hash)"):
        ensure_environment(folder, tmp_path / "environments")

    assert not list((tmp_path / "environments").glob("*/.complete"))


def test_missing_lock_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed, match=r"requirements\.lock is missing; make it there with: uv pip compile"):
        ensure_environment(tmp_path, tmp_path / "environments")


def test_missing_interpreter_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed, match=r"packages of .* cannot be read"):
        installed_versions(tmp_path / "bin" / "python", ["sample"])


def test_uv_is_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\n")
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    assert environments._uv() == shutil.which("uv") == str(uv)
