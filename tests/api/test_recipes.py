"""docs/recipes.md is true: what it says is run by the tests is taken from the page and run, key and all."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from pytest_django.live_server_helper import LiveServer

from estimator.exports.csv_text import BYTE_ORDER_MARK
from estimator.runtime.environment import PROJECT
from tests.api.conftest import Keys, frozen, machine, priced
from tests.reports import measured_run

PAGE = (PROJECT / "docs" / "recipes.md").read_text()
RECIPE = re.compile(r"^## (?P<tool>.+?)\n(?P<words>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
RECIPES = {found["tool"]: found["words"] for found in RECIPE.finditer(PAGE)}
Shell = Callable[..., str]


def block(tool: str) -> str:
    """The first block of a recipe."""
    found = BLOCK.search(RECIPES[tool])
    assert found is not None
    return found["code"]


@pytest.fixture
def server(transactional_db: None, _plain_http: None) -> Iterator[str]:
    running = LiveServer("localhost")
    yield running.url
    running.stop()


@pytest.fixture
def shell(server: str, secret: Keys, tmp_path: Path) -> Shell:
    """Runs a program with the variables that the page names, where two estimates were frozen."""
    priced(machine())
    priced(machine("m7g.large"), "0.0816")
    measured_run.measure()
    frozen("Budget 2027", "Shop")
    frozen("Another", "Blog")

    def run(*argv: str, scope: str = "read") -> str:
        environment = {"PATH": os.environ["PATH"], "ADDRESS": server, "KEY": secret(scope)}
        with Popen(argv, cwd=tmp_path, env=environment, stdout=PIPE, stderr=PIPE, text=True) as program:
            printed, complaint = program.communicate(timeout=60)
        assert program.returncode == 0, complaint
        return printed

    return run


def test_recipes_of_the_page_run_as_they_stand(shell: Shell, tmp_path: Path) -> None:
    shell("bash", "-c", block("curl"))
    table = (tmp_path / "estimates.csv").read_text()
    printed = shell(sys.executable, "-W", "error", "-c", block("pandas"))
    (for_sheets,) = re.findall(r'"https://costs.example.org(.+?)KEY"', block("Google Sheets"))
    fetched = shell("bash", "-c", f'curl --fail --silent "$ADDRESS{for_sheets}$KEY"', scope="export")

    assert table.startswith(BYTE_ORDER_MARK) and "Budget 2027" in table and "Another" not in table
    assert len(table.splitlines()) == 1 + 3 * 2 * 12
    assert fetched.strip() == table.strip()
    assert printed.count("Budget 2027") == printed.count("Another") == 3
    assert printed.count("aws m7g.large") == 6  # the cheaper of the two machines


def test_each_recipe_says_whether_it_is_run() -> None:
    for tool, words in RECIPES.items():
        assert re.search(r"\*Run by the tests\*|\*Run by the tests\.\*|[Nn]ot run", words), tool
    assert {"curl", "pandas", "LibreOffice Calc", "Excel", "Power BI", "Google Sheets"} <= set(RECIPES)
