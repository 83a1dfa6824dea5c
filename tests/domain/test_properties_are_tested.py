"""Every property that docs/cost-model.md promises has the test that it names, and hypothesis tries to break it."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DOC = HERE.parent.parent / "docs" / "cost-model.md"
NAMED = re.findall(r"`([\w/]+\.py)::(test_\w+)`", DOC.read_text(encoding="utf-8"))
BY_EXAMPLE = {"test_queue_simulation.py", "test_quantile_shortcut.py"}  # a simulation, and brute force


def test_all_properties_of_the_cost_model_are_listed() -> None:
    assert len(set(NAMED)) == len(NAMED) >= 20


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_property_is_tested_by_the_name_that_is_told(file: str, name: str) -> None:
    found = re.search(
        rf"((?:^[@)\s].*\n)*)^def {name}\(", (HERE / file).read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert found is not None, f"{file} has no {name}; correct docs/cost-model.md"
    assert file in BY_EXAMPLE or "@given(" in found[1], f"{name} does not draw its cases"
