"""What an estimate's hash holds, and what lists show of an estimate without reading it."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.models import Estimate
from estimator.services.estimates import Tampered, content_hash, freeze_estimate, frozen_content, lowest_bill

scalars = st.none() | st.booleans() | st.text(max_size=5) | st.floats(allow_nan=False) | st.integers(-(2**70), 2**70)
contents = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        scalars, lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=5), some, max_size=3)
    ),
    max_size=4,
)
CONTENT = {
    "rows": [
        {"currency": "USD", "monthly_cost": {"p10": "80.00", "p50": "100.00", "p90": "140.00"}},
        {"currency": "USD", "monthly_cost": {"p10": "90.00", "p50": "99.90", "p90": "120.00"}},
    ]
}


def estimate_of(content: Mapping[str, Any]) -> Estimate:
    when = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    return Estimate(title="Budget", target_name="Shop", cost_centre="4711", created_at=when, content=content)


def as_stored(value: Any) -> Any:
    """What jsonb may make of numbers: whole ones lose their point, and zero its sign."""
    if isinstance(value, Mapping):
        return {key: as_stored(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_stored(one) for one in value]
    whole = isinstance(value, float) and math.isfinite(value) and value == int(value)
    return int(value) if whole else value


@settings(max_examples=50, deadline=None)
@given(contents)
def test_a_hash_survives_what_storage_does_to_numbers(content: dict[str, Any]) -> None:
    assert content_hash(estimate_of(as_stored(content))) == content_hash(estimate_of(content))


@pytest.mark.parametrize(
    "edited", [{"a": 2}, {"a": "1"}, {"a": True}, {"a": None}, {"a": [1]}, {"b": 1}, {"a": "number:1.0"}, {}]
)
def test_any_other_value_has_another_hash(edited: dict[str, Any]) -> None:
    kept = edited == {"a": "number:1.0"}  # the one text that means the number
    assert (content_hash(estimate_of(edited)) == content_hash(estimate_of({"a": 1}))) is kept


def test_hashes_of_earlier_releases_still_fit() -> None:
    content = {"n": [1, 1.5, -0.0, 1e22, True, None], "text": "ü", "rows": []}

    assert content_hash(estimate_of(content)) == "28570dc816493415c9d75d8ba7ffef75f5d0bbc3a8ab04014da43b0baa1c63a1"


def test_lists_show_the_cheapest_row() -> None:
    assert lowest_bill(CONTENT) == ("USD", {"p10": "90.00", "p50": "99.90", "p90": "120.00"})


def test_without_a_row_there_is_a_currency_and_no_bill() -> None:
    assert lowest_bill({"rows": [], "traffic": {"currency": "EUR"}}) == ("EUR", None)
    assert lowest_bill({}) == ("", None)


@pytest.mark.django_db
@pytest.mark.parametrize("edit", [{"currency": "EUR"}, {"monthly_cost": {"p10": "1.00", "p50": "1.00", "p90": "1.00"}}])
def test_what_lists_show_cannot_be_edited_unnoticed_either(edit: dict[str, Any]) -> None:
    estimate = freeze_estimate(title="Budget", target_name="Shop", content=CONTENT, created_by=None)
    assert frozen_content(Estimate.objects.get()) == CONTENT
    Estimate.objects.update(**edit)

    with pytest.raises(Tampered, match=f"estimate {estimate.pk} was changed"):
        frozen_content(Estimate.objects.get())
