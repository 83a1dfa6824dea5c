"""The shipped claims: loaded once, every one with the verdict that a fixed set of measurements gives it."""

from decimal import Decimal

import pytest

from estimator.catalogue.claims import load_claim_sets
from estimator.domain.claims.rules import check_claims
from estimator.domain.claims.values import Bill, ClaimCheck, Evidence, Observed, Quantity, SameCost
from estimator.domain.cost.pricing import Money
from estimator.models import Claim, ClaimSet

pytestmark = pytest.mark.django_db

STACKS = ("fastapi", "flask", "django")
# What an ordinary machine with one core for the app says: requests/s, ms, MiB, s.
JSON = {"fastapi": 5200.0, "flask": 2450.0, "django": 2340.0, "django-async-daphne": 420.0}
LOOKUP = {"fastapi": 1080.0, "flask": 1182.0, "django": 1119.0}
CPU = {"fastapi": 101.0, "flask": 103.0, "django": 102.0}
CROWD = {"fastapi": 140.0, "flask": 290.0, "django": 300.0}
MEMORY = {"fastapi": 60.0, "flask": 58.0, "django": 47.0}
COLD_START = {"fastapi": 0.80, "flask": 0.67, "django": 0.46}
STEADY = (0.99, 1.0, 1.01, 1.0, 1.0)

NOTHING_MEASURED = {
    "inconsistent with itself": {
        *(f"rps_json_{stack}" for stack in STACKS),
        *(f"p99_{stack}" for stack in STACKS),
        "ratio_fastapi_django",
        "cost_10m_day_high",
    }
}
MEASURED = {
    "reproduced": {
        "cpu_bound_gap",
        "cost_10m_day_low",
        "cost_pre_scale",
        "memory_fastapi",
        "serverless_fit",
    },
    "not reproduced": {
        *(f"rps_json_{stack}" for stack in STACKS),
        "rps_json_django_daphne",
        *(f"rps_db_{stack}" for stack in STACKS),
        "memory_flask",
        "memory_django",
        *(f"cold_start_{stack}" for stack in STACKS),
        *(f"vps_entry_{stack}" for stack in STACKS),
    },
    "inconsistent with itself": {*(f"p99_{stack}" for stack in STACKS), "ratio_fastapi_django", "cost_10m_day_high"},
    "unsupported": {*(f"dev_rate_{stack}" for stack in STACKS), "rebuild_admin_auth"},
}


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


def bill(stack: str, low: str, high: str) -> Bill:
    return Bill(
        stack=stack,
        run="1",
        cheapest=usd(low),
        low=usd(low),
        high=usd(high),
        fleet="3 x oci VM.Standard.E5.Flex.1OCPU",
        constraint="redundancy minimum",
    )


def fixed_evidence() -> Evidence:
    quantities = [
        (Quantity.THROUGHPUT, "json", JSON),
        (Quantity.THROUGHPUT, "user_lookup", LOOKUP),
        (Quantity.THROUGHPUT, "cpu", CPU),
        (Quantity.CROWD_P99, "json", CROWD),
        (Quantity.MEMORY, "", MEMORY),
        (Quantity.COLD_START, "", COLD_START),
    ]
    return Evidence(
        observed={
            (quantity, stack, workload): Observed(run="1", blocks=dict(enumerate(value * block for block in STEADY)))
            for quantity, workload, values in quantities
            for stack, value in values.items()
        },
        bills={(stack, Decimal(10_000_000)): bill(stack, "100.74", "220.75") for stack in STACKS},
        entries={stack: bill(stack, "3.07", "3.07") for stack in STACKS},
        same_cost=SameCost(per_day=Decimal(160_000_000), stacks=STACKS, runs=("1",)),
    )


def checks(evidence: Evidence) -> dict[str, ClaimCheck]:
    load_claim_sets()
    claims = [row.to_domain() for row in Claim.objects.all()]
    return {one.claim.slug: one for one in check_claims(claims, evidence)}


def by_verdict(found: dict[str, ClaimCheck]) -> dict[str, set[str]]:
    verdicts = {check.verdict for check in found.values()}
    return {str(verdict): {slug for slug, check in found.items() if check.verdict is verdict} for verdict in verdicts}


def test_each_shipped_claim_has_the_verdict_that_was_agreed() -> None:
    found = checks(fixed_evidence())

    assert by_verdict(found) == MEASURED
    assert len(found) == 29
    assert [slug for slug, check in found.items() if not check.why] == []
    assert [slug for slug, check in found.items() if not check.holds_if and check.verdict != "reproduced"] == []


def test_without_measurements_only_the_sources_own_contradictions_decide() -> None:
    found = checks(Evidence())

    told = by_verdict(found)
    assert told["inconsistent with itself"] == NOTHING_MEASURED["inconsistent with itself"]
    assert set(told) == {"inconsistent with itself", "unsupported"}
    assert {check.ours for check in found.values()} == {"not measured", "cannot be measured"}


def test_littles_law_and_the_arithmetic_of_the_bills_are_told_in_figures() -> None:
    found = checks(Evidence())

    for stack, mean_ms in (("fastapi", 59), ("flask", 228), ("django", 459)):
        assert f"a mean latency of {mean_ms} ms" in found[f"p99_{stack}"].why
    assert "32% of one server at the source's own 620 req/s" in found["cost_10m_day_high"].why
    assert "close to 6.8 only from about" in found["cost_10m_day_high"].holds_if


def test_a_shipped_set_is_loaded_once_and_left_to_people() -> None:
    assert load_claim_sets() == 1
    Claim.objects.get(claim_id="p99_fastapi").delete()
    shipped = ClaimSet.objects.get()
    assert load_claim_sets() == 0
    assert shipped.claims.count() == 28

    shipped.delete()

    assert load_claim_sets() == 0
    assert not ClaimSet.objects.exists()
