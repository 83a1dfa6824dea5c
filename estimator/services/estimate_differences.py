"""Two frozen estimates held against each other; both are verified first."""

from collections.abc import Mapping
from typing import Any

from estimator.domain.cost.pricing import CurrencyMismatch
from estimator.domain.reporting.difference_json import difference_json
from estimator.models import Estimate
from estimator.services.errors import Refused
from estimator.services.estimates import frozen_content


def difference_of(*, base: Estimate, estimate: Estimate) -> dict[str, Any]:
    """What changed from `base` to `estimate`. Raises Tampered, and Refused for two currencies."""
    found = difference_between(frozen_content(base), frozen_content(estimate))
    return {"base": _named(base), "estimate": _named(estimate), **found}


def difference_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The same of two verified contents. Raises Refused for two currencies."""
    try:
        return difference_json(before, after)
    except CurrencyMismatch as mismatch:
        raise Refused(str(mismatch), field="base") from None


def _named(estimate: Estimate) -> dict[str, Any]:
    """What tells an estimate from others."""
    return {
        "id": estimate.pk,
        "title": estimate.title,
        "version": estimate.version,
        "created_at": estimate.created_at,
        "content_hash": estimate.content_hash,
    }
