from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Protocol

import pytest

from benchmarks.manifest_table import ManifestError
from benchmarks.stack_catalogue import StackManifest, manifest_hash, read_manifests
from benchmarks.workload_manifest import WorkloadManifest

GOOD = dedent(
    """\
    [stack]
    slug = "sample"
    title = "Sample on Server"
    framework = "Sample"
    server = "Server"
    position = 4
    packages = ["sample", "server"]

    [server]
    command = ["{python}", "-m", "server", "--fd", "{fd}", "--json", '{"a": 1}']
    health_path = "/health"
    ready_timeout_s = 20

    [settings]
    workers = 1
    threads = "event loop"
    access_log = false

    [workloads.json]
    path = "/json"

    [workloads.user_lookup]
    path = "/user"
    """
)


class Add(Protocol):
    """Put a manifest into a folder of the tree; returns the folder."""

    def __call__(self, folder: str, text: str, name: str = ...) -> Path: ...


@pytest.fixture
def add(tmp_path: Path) -> Add:
    def added(folder: str, text: str, name: str = "benchmark.toml") -> Path:
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_text(text)
        return tmp_path / folder

    return added


def only(root: Path) -> StackManifest:
    (manifest,) = read_manifests(root)
    return manifest


def test_manifest_becomes_a_value(add: Add, tmp_path: Path) -> None:
    folder = add("sample_app", GOOD)

    assert only(tmp_path) == StackManifest(
        slug="sample",
        title="Sample on Server",
        framework="Sample",
        server="Server",
        position=4,
        source=folder / "benchmark.toml",
        packages=("sample", "server"),
        command=("{python}", "-m", "server", "--fd", "{fd}", "--json", '{"a": 1}'),
        health_path="/health",
        ready_timeout_s=20.0,
        settings={"workers": 1, "threads": "event loop", "access_log": False},
        workloads={"json": WorkloadManifest(path="/json"), "user_lookup": WorkloadManifest(path="/user")},
    )


def test_command_takes_whole_numbers_from_the_settings(add: Add, tmp_path: Path) -> None:
    add("sample_app", GOOD.replace('"{fd}"', '"{fd}", "--workers={workers}"'))
    manifest = only(tmp_path)

    assert manifest.argv == (*manifest.command[:5], "--workers=1", *manifest.command[6:])
    assert replace(manifest, settings={**manifest.settings, "workers": 4}).argv[5] == "--workers=4"


def test_workload_may_be_served_on_the_second_socket_or_nowhere(add: Add, tmp_path: Path) -> None:
    second, nowhere = 'path = "/json"\nlistener = 2', 'unsupported = "It knows no users."'
    add(
        "sample_app",
        GOOD.replace('"{fd}"', '"{fd}", "{fd2}"').replace('path = "/json"', second).replace('path = "/user"', nowhere),
    )
    manifest = only(tmp_path)

    assert manifest.workloads["json"] == WorkloadManifest(path="/json", listener=2)
    assert manifest.served == ("json",)
    assert manifest.unsupported == {"user_lookup": "It knows no users."}


def test_a_varied_stack_is_started_with_other_settings(add: Add, tmp_path: Path) -> None:
    add(
        "sample_app",
        GOOD.replace('"{fd}"', '"{fd}", "--workers={workers}"').replace("workers = 1", "workers = 1\npool_size = 8"),
    )
    manifest = only(tmp_path)

    varied = manifest.varied({"workers": 4})

    assert "--workers=4" in varied.argv
    assert (varied.settings["workers"], manifest.settings["workers"]) == (4, 1)
    assert manifest_hash(varied) != manifest_hash(manifest)
    assert manifest.tunable == ("pool_size", "workers")


def test_one_folder_may_hold_several_stacks(add: Add, tmp_path: Path) -> None:
    add("sample_app", GOOD, "benchmark-one.toml")
    folder = add("sample_app", GOOD.replace('"sample"\n', '"other"\n', 1), "benchmark-two.toml")

    other, sample = read_manifests(tmp_path)

    assert (other.slug, sample.slug) == ("other", "sample")
    assert other.folder == sample.folder == folder
    assert (other.app_name, sample.app_name) == ("sample_app-two", "sample_app-one")


def test_stacks_come_in_display_order(add: Add, tmp_path: Path) -> None:
    add("a", GOOD.replace('"sample"\n', '"last"\n', 1))
    add("b", GOOD.replace('"sample"\n', '"first"\n', 1).replace("position = 4", "position = 1"))

    assert [manifest.slug for manifest in read_manifests(tmp_path)] == ["first", "last"]


def test_folders_without_a_manifest_are_no_stacks(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()

    assert read_manifests(tmp_path) == ()


def test_missing_tree_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="nowhere is no folder; name the folder"):
        read_manifests(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[stack]", "[stack", "is not valid TOML"),
        ('slug = "sample"\n', "", r'stack\.slug is missing; add slug = "\.\.\."'),
        (
            "[settings]\n",
            "[setings]\n",
            r"setings is not known; remove it or use one of: stack, server, environment, settings",
        ),
        ('title = "', 'colour = "red"\ntitle = "', r"stack\.colour is not known; remove it or use one of: slug,"),
        ("health_path", "healthpath", r"server\.healthpath is not known"),
        ('path = "/user"', 'path = "/user"\nbody = "x"', r"workloads\.user_lookup\.body is not known"),
        ('slug = "sample"', "slug = 5", r"stack\.slug must be text that is not empty, not 5"),
        ('slug = "sample"', 'slug = ""', r"stack\.slug must be text that is not empty"),
        ('slug = "sample"', 'slug = "My App"', r"stack\.slug must hold only a-z, 0-9, - and _"),
        ("position = 4", "position = true", r"stack\.position must be a whole number, not True"),
        ("position = 4", "position = 4.5", r"stack\.position must be a whole number, not 4\.5"),
        ('["sample", "server"]', '"sample"', r"stack\.packages must be a list of texts, not 'sample'"),
        ('["sample", "server"]', "[]", r"stack\.packages must be a list of texts"),
        ('["sample", "server"]', '["sample", 1]', r"stack\.packages must be a list of texts"),
        ("ready_timeout_s = 20", "ready_timeout_s = 0", r"server\.ready_timeout_s must be a number of seconds above 0"),
        ("ready_timeout_s = 20", 'ready_timeout_s = "20"', r"server\.ready_timeout_s must be a number of seconds"),
        ("ready_timeout_s = 20", "ready_timeout_s = inf", r"server\.ready_timeout_s must be a number of seconds"),
        ('"/health"', '"health"', r"server\.health_path must start with a slash, not 'health'"),
        ('path = "/json"', 'path = "json"', r"workloads\.json\.path must start with a slash"),
        ("{fd}", "{socket}", r"server\.command uses the unknown placeholder \{socket\}; known are \{python\}, \{fd\}"),
        ("{fd}", "8000", r"server\.command must say where to listen; use \{fd\}"),
        ("{fd}", "{threads}", r"server\.command uses the unknown placeholder \{threads\}; .*\{port\}, \{workers\}"),
        ("{fd}", "{access_log}", r"server\.command uses the unknown placeholder \{access_log\}"),
        (
            'path = "/user"',
            'path = "/user"\nlistener = 3',
            r"workloads\.user_lookup\.listener must be 1 \(\{fd\}\) or 2",
        ),
        (
            'path = "/user"',
            'path = "/user"\nlistener = 2',
            r"user_lookup\.listener is 2, but server\.command has no \{fd2\}",
        ),
        ('path = "/user"', 'unsupported = ""', r"workloads\.user_lookup\.unsupported must be text that is not empty"),
        (
            'path = "/user"',
            'path = "/user"\nunsupported = "No."',
            r"user_lookup\.path stands beside unsupported; keep one",
        ),
        ("workers = 1", "workers = 1.5", r"settings\.workers must be text, a whole number, true or false, not 1\.5"),
        ("[workloads.json]", '[workloads."a b"]', r"workloads\.a b must be named with only a-z"),
        ("[workloads.json]\npath", "[workloads]\njson", r"workloads\.json must be a table; write \[workloads\.json\]"),
    ],
)
def test_mistake_is_told_with_file_field_and_remedy(add: Add, tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    folder = add("sample_app", GOOD.replace(old, new, 1))

    with pytest.raises(ManifestError, match=message) as caught:
        read_manifests(tmp_path)

    assert str(folder / "benchmark.toml") in str(caught.value)


def test_stack_without_workloads_is_refused(add: Add, tmp_path: Path) -> None:
    add("sample_app", GOOD[: GOOD.index("[workloads.json]")] + "[workloads]\n")

    with pytest.raises(ManifestError, match=r"no workload is described; add \[workloads\.json\]"):
        read_manifests(tmp_path)


def test_two_stacks_cannot_share_a_slug(add: Add, tmp_path: Path) -> None:
    first, second = add("a", GOOD), add("b", GOOD)

    with pytest.raises(ManifestError, match=r"'sample' is taken by .*; choose another slug") as caught:
        read_manifests(tmp_path)

    assert str(caught.value).startswith(str(second))
    assert str(first) in str(caught.value)


@pytest.mark.parametrize("changed", ["benchmark.toml", "app.py", "requirements.lock", "users/models.py"])
def test_hash_changes_with_every_source(add: Add, tmp_path: Path, changed: str) -> None:
    source = add("sample_app", GOOD) / changed
    source.parent.mkdir(exist_ok=True)
    if not source.exists():
        source.write_text("a = 1\n")
    before = manifest_hash(only(tmp_path))

    source.write_text(source.read_text() + "# more\n")

    assert manifest_hash(only(tmp_path)) != before


def test_hash_changes_when_a_source_is_renamed(add: Add, tmp_path: Path) -> None:
    source = add("sample_app", GOOD) / "app.py"
    source.write_text("a = 1\n")
    before = manifest_hash(only(tmp_path))

    source.rename(source.with_name("main.py"))

    assert manifest_hash(only(tmp_path)) != before


def test_hash_changes_with_a_setting_and_not_with_another_stack_beside_it(add: Add, tmp_path: Path) -> None:
    add("sample_app", GOOD, "benchmark-one.toml")
    before = manifest_hash(only(tmp_path))

    add("sample_app", GOOD.replace('"sample"\n', '"zz"\n', 1), "benchmark-two.toml")
    one = read_manifests(tmp_path)[0]

    assert manifest_hash(one) == before
    assert manifest_hash(replace(one, settings={**one.settings, "workers": 2})) != before


def test_hash_ignores_what_running_leaves_behind(add: Add, tmp_path: Path) -> None:
    folder = add("sample_app", GOOD)
    before = manifest_hash(only(tmp_path))

    for leftover in ("__pycache__/app.cpython-311.pyc", "users/__pycache__/models.pyc", ".cache/x"):
        (folder / leftover).parent.mkdir(parents=True, exist_ok=True)
        (folder / leftover).write_bytes(b"x")

    assert manifest_hash(only(tmp_path)) == before


def test_hash_is_the_same_in_another_place(add: Add, tmp_path: Path) -> None:
    add("sample_app", GOOD)
    before = manifest_hash(only(tmp_path))
    moved = tmp_path / "elsewhere"
    moved.mkdir()

    (tmp_path / "sample_app").rename(moved / "sample_app")

    assert manifest_hash(only(moved)) == before
