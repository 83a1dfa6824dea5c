"""Approving an estimate: by somebody else than its author, once each, for good."""

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from estimator.models import Estimate, EstimateApproval
from estimator.models.audit import Verb
from estimator.services.audit import record
from estimator.services.errors import Refused
from estimator.services.estimates import frozen_content


def approve_estimate(*, estimate: Estimate, by: User) -> EstimateApproval:
    """Stand for an estimate as it is. Raises Refused for its author and for a second time, and Tampered."""
    frozen_content(estimate)
    if estimate.created_by_id == by.pk:
        raise Refused("You froze this estimate yourself: somebody else has to approve it.")
    try:
        with transaction.atomic():
            approval = EstimateApproval.objects.create(
                estimate=estimate, approved_by=by, approved_at=timezone.now(), content_hash=estimate.content_hash
            )
            record(Verb.APPROVED, estimate, detail=f"SHA-256 {estimate.content_hash}", by=by)
            return approval
    except IntegrityError:
        raise Refused("You have approved this estimate already.") from None
