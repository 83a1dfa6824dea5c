"""Rules of the house that no other tool holds."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", pattern], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_every_folder_with_python_is_a_package_so_that_the_import_contracts_see_it() -> None:
    packages = ("estimator", "benchmarks", "apps_under_test")
    folders = {path.parent for package in packages for path in tracked(f"{package}/*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_every_setting_is_documented() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "estimator/settings.py").read_text()))
    described = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/operations.md").read_text(), re.MULTILINE))
    runtime_only = {"HOST", "PORT", "ONCE"}
    assert described == read | runtime_only


@pytest.mark.parametrize(
    "document", ["README.md", *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/**/*.md"))]
)
def test_links_between_documents_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text()
    targets = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    assert [link for link in targets if not ((ROOT / document).parent / link).exists()] == []


def test_lock_files_hold_names_versions_and_hashes_only() -> None:
    locks = [*tracked("*.lock")]
    assert len(locks) >= 7
    for lock in locks:
        lines = [line.strip() for line in lock.read_text().splitlines()]
        stated = [line for line in lines if line and not line.startswith(("#", "--hash="))]
        assert [line for line in stated if "://" in line or line.startswith("-")] == [], lock


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    sources = [path for pattern in ("estimator/*.py", "benchmarks/*.py", "tests/*.py") for path in tracked(pattern)]
    long = {str(p.relative_to(ROOT)): p.read_text().count("\n") for p in sources if "migrations" not in p.parts}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}


def test_the_changelog_speaks_of_this_version() -> None:
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text()
