import pytest

from estimator.models import Stack, Workload
from estimator.services.stacks import StackFacts, register_stacks

pytestmark = pytest.mark.django_db


def facts(slug: str = "quart", **more: object) -> StackFacts:
    known = {"title": slug, "framework": slug, "server": "s", "folder": slug, "position": 1, "manifest_hash": "0" * 64}
    return StackFacts(slug=slug, **{**known, **more})  # type: ignore[arg-type]


def test_unsupported_pairs_are_registered_with_their_reason() -> None:
    register_stacks([facts(workloads=["json"], unsupported={"stream": "It answers in one piece."})])

    stack = Stack.objects.get(slug="quart")
    assert [workload.slug for workload in stack.workloads.all()] == ["json"]
    assert stack.unsupported == {"stream": "It answers in one piece."}
    assert Workload.objects.get(slug="stream").title == "Streamed tokens"


def test_a_pair_that_became_supported_loses_its_reason() -> None:
    register_stacks([facts(unsupported={"stream": "It answers in one piece."})])
    register_stacks([facts(workloads=["stream"])])

    stack = Stack.objects.get(slug="quart")
    assert [workload.slug for workload in stack.workloads.all()] == ["stream"]
    assert stack.unsupported == {}


def test_a_stack_whose_manifest_is_gone_is_kept_and_rests() -> None:
    register_stacks([facts("quart", workloads=["json"]), facts("flask", workloads=["json"])])

    assert register_stacks([facts("flask", workloads=["json"])]) == 1

    assert dict(Stack.objects.values_list("slug", "active")) == {"flask": True, "quart": False}
