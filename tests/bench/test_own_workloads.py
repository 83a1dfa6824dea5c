"""A workload of the user's own: requests and right answers out of a manifest, or of a file beside it."""

import json
from collections import Counter
from pathlib import Path
from textwrap import dedent

import pytest

from benchmarks.manifest_table import ManifestError
from benchmarks.stack_catalogue import StackManifest, manifest_hash, read_manifests
from benchmarks.workload_manifest import WorkloadManifest
from benchmarks.workloads import PreparedRequest, repeated

HEAD = dedent(
    """\
    [stack]
    slug = "shop"
    title = "Our shop"
    framework = "Rails"
    server = "Puma"
    position = 100

    [server]
    command = ["./start", "--port", "{port}"]
    health_path = "/up"
    ready_timeout_s = 20

    [environment]
    RAILS_ENV = "production"

    [settings]
    workers = 1

    """
)
SEARCH = dedent(
    """\
    [workloads.search]
    title = "Product search"
    method = "post"
    path = "/search"
    headers = { Content-Type = "application/json" }
    body = '{"query": "shoes"}'
    expected_status = 201
    expected_json = { hits = [1, 2] }
    """
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "ours").mkdir()
    (tmp_path / "elsewhere" / "shop").mkdir(parents=True)
    return tmp_path / "elsewhere" / "shop"


def read(shop: Path, workloads: str, *, head: str = HEAD) -> StackManifest:
    (shop / "benchmark.toml").write_text(head + workloads)
    (manifest,) = read_manifests(shop.parent.parent / "ours", own=[shop])
    return manifest


def the_workload(shop: Path, workloads: str) -> WorkloadManifest:
    (workload,) = read(shop, workloads).workloads.values()
    return workload


def test_a_folder_anywhere_is_a_stack(shop: Path) -> None:
    manifest = read(shop, SEARCH)

    assert (manifest.slug, manifest.folder, manifest.packages) == ("shop", shop, ())
    assert manifest.environment == {"RAILS_ENV": "production"}
    assert not manifest.needs_python


def test_own_request_says_what_is_asked_and_what_is_right(shop: Path) -> None:
    workload = the_workload(shop, SEARCH)

    assert workload.title == "Product search"
    assert workload.requests == (
        PreparedRequest(
            path="/search",
            method="POST",
            headers=(("Content-Type", "application/json"),),
            body=b'{"query": "shoes"}',
            expected_status=201,
            expected_json={"hits": [1, 2]},
        ),
    )
    assert workload.ring("search", seed=1, size=1000) == workload.requests * 1000


def test_requests_in_a_file_stand_before_what_the_table_says_for_all(shop: Path) -> None:
    lines = [
        {"path": "/p/1", "expected_json": {"id": 1}},
        {"path": "/p/2", "method": "PUT", "body": {"n": 2}, "any_body": True, "expected_status": 204},
        {"path": "/p/3"},
    ]
    (shop / "products.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    table = '[workloads.product]\nrequests = "products.jsonl"\nheaders = { A = "b" }\nexpected_text = "ok"\n'

    first, second, third = the_workload(shop, table).requests

    assert (first.expected_json, first.expected_text, first.headers) == ({"id": 1}, None, (("A", "b"),))
    assert (second.method, second.body, second.expected_status) == ("PUT", b'{"n":2}', 204)
    assert (third.path, third.expected_text) == ("/p/3", "ok")


def test_a_ring_holds_each_request_equally_often_in_a_seeded_order() -> None:
    requests = tuple(PreparedRequest(path=f"/{number}") for number in range(3))

    ring = repeated(requests, seed=5, size=9)

    assert Counter(ring) == dict.fromkeys(requests, 3)
    assert ring == repeated(requests, seed=5, size=9) != repeated(requests, seed=6, size=9)


def test_our_workloads_need_only_their_path(shop: Path) -> None:
    workload = the_workload(shop, '[workloads.json]\npath = "/hello"\n')

    assert workload.ring("json", seed=1, size=1)[0].expected_json == {"message": "Hello, World!"}
    assert (workload.requests, workload.title) == ((), "")


@pytest.mark.parametrize(
    ("workloads", "message"),
    [
        ('[workloads.search]\npath = "/search"\n', "search is none of our workloads .* add expected_json"),
        ('[workloads.json]\npath = "/j"\nany_body = true\n', "workloads.json.path is all that may be said of our"),
        ('[workloads.a]\npath = "/"\nany_body = false\n', "any_body must be true, or left out"),
        ('[workloads.a]\npath = "/"\nany_body = true\nexpected_text = "x"\n', "must be the one thing said of the body"),
        ('[workloads.a]\nany_body = true\n', 'path is missing; add path = "'),
        ('[workloads.a]\npath = "/"\nany_body = true\nconnections = 0\n', "connections must be 1 to 1000, not 0"),
        ('[workloads.a]\npath = "/"\nany_body = true\nheaders = "A: b"\n', "headers must be a table of texts"),
        ('[workloads.a]\nrequests = "none.jsonl"\nany_body = true\n', "requests names a file that cannot be read"),
        ('[workloads.a]\nrequests = "empty.jsonl"\nany_body = true\n', "which is empty; write one request per line"),
        ('[workloads.a]\nrequests = "bad.jsonl"\nany_body = true\n', r"bad\.jsonl, line 1, is not JSON"),
        ('[workloads.a]\nrequests = "list.jsonl"\nany_body = true\n', r"list\.jsonl, line 1, must be an object"),
        ('[workloads.a]\nrequests = "typo.jsonl"\nany_body = true\n', r"line 1\.paht is not known; remove it or use"),
    ],
)  # fmt: skip
def test_mistake_is_told_with_its_remedy(shop: Path, workloads: str, message: str) -> None:
    files = {"empty": "", "bad": "{", "list": "[]", "typo": '{"paht": "/"}'}
    for name, text in files.items():
        (shop / f"{name}.jsonl").write_text(text)

    with pytest.raises(ManifestError, match=message):
        read(shop, workloads)


def test_variables_of_the_benchmark_are_not_the_app_s_to_set(shop: Path) -> None:
    with pytest.raises(ManifestError, match="environment sets BENCH_DATABASE_URL, which the benchmark sets itself"):
        read(shop, SEARCH, head=HEAD.replace("RAILS_ENV", "BENCH_DATABASE_URL"))


def test_folder_without_a_manifest_is_named_with_the_setting(shop: Path) -> None:
    with pytest.raises(ManifestError, match=r"shop holds no benchmark\.toml; write one there, or .* OWN_APPS"):
        read_manifests(shop.parent.parent / "ours", own=[shop])


def test_installed_packages_are_no_part_of_the_stack(shop: Path) -> None:
    before = manifest_hash(read(shop, SEARCH))
    for folder in ("node_modules", ".venv", "venv", "__pycache__"):
        (shop / folder).mkdir()
        (shop / folder / "package.py").write_text("")

    assert manifest_hash(read(shop, SEARCH)) == before
    (shop / "app.rb").write_text("")
    assert manifest_hash(read(shop, SEARCH)) != before
