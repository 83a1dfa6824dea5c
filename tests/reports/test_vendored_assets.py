"""What we ship of others is what vendor.json says, with its licence, and nothing comes from another host."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

VENDOR = Path(settings.BASE_DIR) / "estimator" / "static" / "vendor"
ASSETS = json.loads((VENDOR / "vendor.json").read_text())["assets"]


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset["name"])
def test_vendored_files_have_the_hashes_on_record(asset: dict[str, Any]) -> None:
    for name, sha256 in asset["files"].items():
        assert hashlib.sha256((VENDOR / asset["folder"] / name).read_bytes()).hexdigest() == sha256, name


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset["name"])
def test_vendored_files_come_with_version_and_licence(asset: dict[str, Any]) -> None:
    assert asset["version"]
    assert asset["licence"]
    for name in asset["licence_files"]:
        assert (VENDOR / asset["folder"] / name).stat().st_size > 100


def test_no_vendored_file_is_missing_from_the_record() -> None:
    known = {f"{asset['folder']}/{name}" for asset in ASSETS for name in (*asset["files"], *asset["licence_files"])} | {
        "vendor.json"
    }

    assert {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()} == known


@pytest.mark.parametrize("file", sorted(Path(settings.BASE_DIR, "templates").rglob("*.html")), ids=lambda f: f.name)
def test_templates_name_no_other_host_and_hold_no_inline_style(file: Path) -> None:
    text = file.read_text()

    for forbidden in ("http://", "https://", " style=", "<style", " onclick=", "hx-on", "javascript:"):
        assert forbidden not in text, forbidden
