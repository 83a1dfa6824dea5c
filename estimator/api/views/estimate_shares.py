"""Links to estimates that need no sign-in, and approvals."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from estimator.api.authentication import person
from estimator.api.filters import EstimateApprovalFilter, EstimateShareFilter
from estimator.api.serializers.estimate_shares import EstimateApprovalSerializer, EstimateShareSerializer
from estimator.api.views.base import Rows
from estimator.models import EstimateApproval, EstimateShare
from estimator.models.access import Scope
from estimator.services.approvals import approve_estimate
from estimator.services.shares import revoke_share, share_estimate


class EstimateShares(Rows):
    """Links that show one estimate to whoever holds them. DELETE revokes one at once; its row stays on record."""

    noun = "estimateshare"
    told_once = ("address",)
    queryset = EstimateShare.objects.select_related("created_by", "revoked_by")
    serializer_class = EstimateShareSerializer
    filterset_class = EstimateShareFilter

    def create(self, request: Request) -> Response:
        """Make a link. Its address is told here and nowhere else."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        share = share_estimate(by=person(request), **asked.validated_data)
        location = reverse("api:estimate-share", args=[share.pk], request=request)
        return Response(self.get_serializer(share).data, status.HTTP_201_CREATED, headers={"Location": location})

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Revoke the link; it shows nothing from now on."""
        revoke_share(share=self.get_object(), by=person(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class EstimateApprovals(Rows):
    """Approvals of estimates, by others than their authors."""

    noun = "estimateapproval"
    write_scope = Scope.ADMIN
    queryset = EstimateApproval.objects.select_related("approved_by")
    serializer_class = EstimateApprovalSerializer
    filterset_class = EstimateApprovalFilter

    def create(self, request: Request) -> Response:
        """Approve an estimate as it is. 409 for its author, and for a second time."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        approval = approve_estimate(by=person(request), **asked.validated_data)
        location = reverse("api:estimate-approval", args=[approval.pk], request=request)
        return Response(self.get_serializer(approval).data, status.HTTP_201_CREATED, headers={"Location": location})
