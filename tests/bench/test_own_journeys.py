"""Journeys from folders: what a journey.toml may say, and how each mistake is told."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from benchmarks.load.own_journeys import OwnJourney, read_journeys
from benchmarks.manifest_table import ManifestError
from estimator.models import Journey
from estimator.runtime.environment import PROJECT

GOOD = dedent(
    """\
    [journey]
    slug = "checkout"
    title = "Checkout"
    locustfile = "locustfile.py"

    [workloads]
    user_lookup = 60
    json = 40
    """
)


@dataclass
class Folders:
    """A folder of journeys, each with an empty locustfile."""

    root: Path
    names: list[str] = field(default_factory=list)

    def add(self, name: str, text: str = GOOD) -> Path:
        folder = self.root / name
        folder.mkdir()
        (folder / "locustfile.py").touch()
        (folder / "journey.toml").write_text(text)
        return folder


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def test_a_folder_becomes_a_journey(folders: Folders) -> None:
    folder = folders.add("shop", GOOD.replace("[workloads]", "think_s = [1, 2.5]\nusers = 40\n\n[workloads]"))

    assert read_journeys(folders.root) == (
        OwnJourney(
            slug="checkout",
            title="Checkout",
            source=folder / "journey.toml",
            locustfile=folder / "locustfile.py",
            mix={"user_lookup": 60, "json": 40},
            think_s=(1.0, 2.5),
            users=40,
        ),
    )


def test_pauses_are_those_of_the_admin_and_users_are_counted_from_the_rate_where_nothing_is_said(
    folders: Folders,
) -> None:
    folders.add("shop")

    (journey,) = read_journeys(folders.root)

    assert (journey.think_s, journey.users) == ((0.5, 1.5), None)


def test_without_a_folder_there_are_none() -> None:
    assert read_journeys(None) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('slug = "checkout"', 'slug = "Check out"', "journey.slug must hold only a-z"),
        ('title = "Checkout"\n', "", 'journey.title is missing; add title = "..."'),
        ("locustfile.py", "users.py", "journey.locustfile must name a file ending in .py beside it"),
        ("locustfile.py", "journey.toml", "journey.locustfile must name a file ending in .py beside it"),
        ("[workloads]", "users = 0\n[workloads]", "journey.users must be 1 to 500, not 0"),
        ("[workloads]", "think_s = [2, 1]\n[workloads]", "journey.think_s must be two numbers of seconds"),
        ("[workloads]", "think_s = 1\n[workloads]", "write think_s = [0.5, 1.5]"),
        ("[workloads]", "think_s = [0, inf]\n[workloads]", "journey.think_s must be two numbers of seconds"),
        ("[workloads]", "pace = 1\n[workloads]", "journey.pace is not known; remove it or use one of"),
        ("json = 40", "json = 0", "workloads.json must be 1 to 1000, not 0"),
        ("json = 40", 'json = "40"', "workloads.json must be a whole number"),
        ("user_lookup = 60\njson = 40\n", "", "no workload is named; add one below [workloads]"),
        ("[journey]", "[journey", "is not valid TOML"),
    ],
)
def test_a_mistake_names_file_field_and_remedy(folders: Folders, old: str, new: str, said: str) -> None:
    folder = folders.add("shop", GOOD.replace(old, new))

    with pytest.raises(ManifestError) as caught:
        read_journeys(folders.root)

    assert str(caught.value).startswith(str(folder / "journey.toml"))
    assert said in str(caught.value)


def test_two_folders_with_one_slug_are_told_by_both_names(folders: Folders) -> None:
    first, second = folders.add("a"), folders.add("b")

    with pytest.raises(ManifestError, match="choose another slug") as caught:
        read_journeys(folders.root)

    assert str(first) in str(caught.value) and str(second) in str(caught.value)


def test_a_root_that_holds_no_journey_is_refused_with_the_setting(tmp_path: Path) -> None:
    for root in (tmp_path, tmp_path / "gone"):
        with pytest.raises(ManifestError, match="JOURNEYS_DIR"):
            read_journeys(root)


def test_a_comma_in_the_path_is_refused_because_locust_splits_there(folders: Folders) -> None:
    folders.add("bread, butter")

    with pytest.raises(ManifestError, match="has a comma in its path"):
        read_journeys(folders.root)


def test_the_example_of_the_page_is_read_as_it_stands_there(folders: Folders) -> None:
    page = (PROJECT / "docs" / "journeys.md").read_text(encoding="utf-8")
    (manifest,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (locustfile,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    folder = folders.add("shop", manifest)
    (folder / "locustfile.py").write_text(locustfile)

    (journey,) = read_journeys(folders.root)

    assert (journey.slug, journey.think_s, dict(journey.mix)) == ("shop", (1.0, 3.0), {"user_lookup": 60, "json": 40})
    compile(locustfile, "locustfile.py", "exec")


@pytest.mark.django_db
def test_the_named_folder_is_registered_and_what_no_stack_serves_is_told_with_its_manifest(
    folders: Folders, settings: Settings
) -> None:
    folder = folders.add("shop", GOOD.replace("json = 40", "nothing = 40"))
    settings.JOURNEYS_DIR = folders.root
    with pytest.raises(CommandError, match="'nothing' is no workload") as caught:
        call_command("register_stacks", verbosity=0)
    assert str(caught.value).startswith(str(folder / "journey.toml"))

    (folder / "journey.toml").write_text(GOOD)
    call_command("register_stacks", verbosity=0)

    journey = Journey.objects.get(slug="checkout")
    assert (journey.locustfile, journey.mix) == ("locustfile.py", [("user_lookup", 60), ("json", 40)])
    assert {"fastapi", "flask", "django"} <= {stack.slug for stack in journey.workload.stacks.all()}
