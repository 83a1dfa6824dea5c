"""Frozen estimates at other prices: their own fleets at those of the price list, or of another estimate."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User

from estimator.domain.reporting.frozen_rows import NotKept
from estimator.domain.reporting.repricing import NewPrice, PriceKey, frozen_prices, listed_price, reprice
from estimator.models import Estimate
from estimator.queries.prices import price_candidates
from estimator.services.errors import Refused
from estimator.services.estimates import freeze_estimate, frozen_content


def repriced_content(*, estimate: Estimate, prices_of: Estimate | None = None) -> dict[str, Any]:
    """The estimate's content at the prices of another one, or of the price list now.

    Raises Tampered, and Refused where no row has a price or the estimate is too old to be priced again.
    """
    content = frozen_content(estimate)
    if not content.get("rows"):
        raise Refused(f"Estimate {estimate.pk} holds no fleet that could be priced again. Make a new projection.")
    name = f"the prices of estimate {prices_of.pk}" if prices_of else "the prices of the list"
    origin = {
        "estimate": estimate.pk,
        "content_hash": estimate.content_hash,
        "prices_of": prices_of.pk if prices_of else None,
    }
    try:
        prices = frozen_prices(frozen_content(prices_of)) if prices_of else _listed(content)
        found = reprice(content, prices, name=name, origin=origin)
    except NotKept as reason:
        raise Refused(str(reason)) from None
    if not found["rows"]:
        raise Refused(f"{found['verdict']['sentence']} Make a new projection.")
    return found


def freeze_repriced(
    *,
    estimate: Estimate,
    prices_of: Estimate | None = None,
    by: User,
    title: str | None = None,
    cost_centre: str | None = None,
) -> Estimate:
    """Freeze it: the next version, unless it gets a title of its own. Raises what `repriced_content` does."""
    return freeze_estimate(
        title=estimate.title if title is None else title,
        target_name=estimate.target_name,
        cost_centre=estimate.cost_centre if cost_centre is None else cost_centre,
        content=repriced_content(estimate=estimate, prices_of=prices_of),
        created_by=by,
    )


def _listed(content: Mapping[str, Any]) -> dict[PriceKey, NewPrice]:
    """The newest price of each machine, region, term and currency that the estimate holds."""
    rows = content["rows"]
    offers = price_candidates(
        regions={row["region"] for row in rows},
        terms={row["term"] for row in rows},
        machines={row["hardware"].partition(" ")[2] for row in rows},
        currency=content["traffic"]["currency"],
    )
    return {
        (offer.hardware.label, offer.price.region, str(offer.price.term), offer.price.currency): listed_price(
            offer.price
        )
        for offer in offers
    }
