"""Estimates held against each other, and at other prices."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from estimator.api.serializers.differences import (
    DifferenceQuestionSerializer,
    DifferenceSerializer,
    RepriceQuestionSerializer,
)
from estimator.api.serializers.projections import ProjectionSerializer
from estimator.api.views.base import ApiAddress
from estimator.models import Estimate
from estimator.services.estimate_differences import difference_of
from estimator.services.repricing import repriced_content


class EstimateDifference(ApiAddress):
    """What changed from one estimate to another: price, performance, traffic."""

    noun = "estimate"
    parameters = tuple(DifferenceQuestionSerializer().fields)

    @extend_schema(
        operation_id="estimate_difference",
        tags=["estimates"],
        parameters=[DifferenceQuestionSerializer],
        responses=DifferenceSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        """P50 bills split exactly by the Shapley average; parts add up. Both hashes are verified first."""
        asked = DifferenceQuestionSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        estimate = get_object_or_404(Estimate, pk=pk)
        found = difference_of(base=asked.validated_data["base"], estimate=estimate)
        return Response(DifferenceSerializer(found).data)


class EstimateRepriced(ApiAddress):
    """An estimate at other prices."""

    noun = "estimate"
    parameters = tuple(RepriceQuestionSerializer().fields)

    @extend_schema(
        operation_id="estimate_repriced",
        tags=["estimates"],
        parameters=[RepriceQuestionSerializer],
        responses=ProjectionSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        """Its own fleets at the newest prices, or at another estimate's; nothing is sized anew. Not stored: POST an
        estimate with `reprice_of` for that."""
        asked = RepriceQuestionSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        estimate = get_object_or_404(Estimate, pk=pk)
        return Response(repriced_content(estimate=estimate, prices_of=asked.validated_data.get("prices_of")))
