"""docs/bring-your-own-app.md is enough: its example, written down as the page says, is registered and measured."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from benchmarks import runner
from benchmarks.bench_host import BenchHost
from benchmarks.resources import split_cores
from benchmarks.stack_catalogue import read_manifests
from estimator.domain.measuring.measurement import StackFailed, Window
from estimator.domain.measuring.workload import SMOKE, RunSpec, StepKind, Trial
from estimator.models import Stack, Workload
from estimator.runtime.environment import PROJECT

PAGE = (PROJECT / "docs" / "bring-your-own-app.md").read_text()
FILE = re.compile(r"^`shop/([\w.]+)`:\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BRIEF = replace(SMOKE, warm_up_s=0.3, saturation_s=0.5, window_s=0.5, half_capacity_s=0.5)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("elsewhere") / "shop"
    folder.mkdir()
    for name, text in FILE.findall(PAGE):
        (folder / name).write_text(text)
    return folder


def test_the_page_shows_every_file_of_its_example(shop: Path) -> None:
    assert {source.name for source in shop.iterdir()} == {"app.py", "benchmark.toml", "items.jsonl"}


def test_the_example_is_measured_like_any_stack(shop: Path, tmp_path: Path) -> None:
    stacks = {one.slug: one for one in read_manifests(PROJECT / "apps_under_test", own=[shop])}
    host = BenchHost(folder=tmp_path, stacks=stacks, cores=split_cores(), should_stop=lambda: False)
    trial = Trial(stack="shop", workload="items")
    spec = RunSpec(
        run=1, attempt=1, profile=BRIEF, trials=(trial,), objective_ms=100, seed=1, confirm_with_locust=False
    )

    measured = list(runner.measure(spec, host))

    assert [one.reason for one in measured if isinstance(one, StackFailed)] == []
    windows = [one for one in measured if isinstance(one, Window)]
    assert {StepKind.SATURATION, StepKind.OPEN_LOOP} <= {window.kind for window in windows}
    assert sum(window.completed for window in windows) > 0 == sum(window.wrong for window in windows)


@pytest.mark.django_db
def test_the_named_folder_is_registered_beside_the_others(shop: Path, settings: Settings) -> None:
    settings.OWN_APPS = [shop]

    call_command("register_stacks", verbosity=0)

    stack = Stack.objects.get(slug="shop")
    assert (stack.active, stack.title, stack.settings["workers"]) == (True, "Our shop", 1)
    assert {workload.title for workload in stack.workloads.all()} == {"Item by number", "Items"}
    assert Workload.objects.get(slug="json").title == "Plain JSON"
