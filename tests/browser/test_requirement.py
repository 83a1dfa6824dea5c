"""Without a browser its tests say which package is missing, and fail only where one is required."""

from pathlib import Path

import pytest

from tests.browser.conftest import chromium


@pytest.fixture
def _no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("REQUIRE_BROWSER", raising=False)


@pytest.mark.usefixtures("_no_programs")
def test_missing_browser_skips_with_the_package_s_name() -> None:
    with pytest.raises(pytest.skip.Exception, match="install the package chromium"):
        chromium()


@pytest.mark.usefixtures("_no_programs")
def test_missing_browser_fails_where_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_BROWSER", "1")

    with pytest.raises(pytest.fail.Exception, match="install the package chromium"):
        chromium()
