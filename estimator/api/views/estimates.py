"""Estimates: projections frozen for good, as JSON and as flat CSV."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from estimator.api.authentication import person
from estimator.api.filters import EstimateFilter
from estimator.api.questions import question_of
from estimator.api.serializers.estimates import EstimateDetailSerializer, EstimateSerializer
from estimator.api.serializers.questions import FreezeSerializer
from estimator.api.views.base import ApiAddress, Rows
from estimator.exports.csv_text import csv_lines
from estimator.exports.estimate_rows import HEADER, estimate_rows
from estimator.models import Estimate
from estimator.queries.projections import frozen_json
from estimator.services.estimates import freeze_estimate, frozen_content


class Estimates(Rows):
    """Frozen estimates. POST freezes a projection with all its inputs; nothing changes it afterwards."""

    noun = "estimate"
    queryset = Estimate.objects.select_related("created_by")
    serializer_class = EstimateSerializer
    detail_serializer_class = EstimateDetailSerializer
    filterset_class = EstimateFilter

    @extend_schema(request=FreezeSerializer, responses={201: EstimateDetailSerializer})
    def create(self, request: Request) -> Response:
        """Freeze the projection of a stored target, or of traffic in words."""
        asked = FreezeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        estimate = _freeze(asked.validated_data, person(request))
        location = reverse("api:estimate", args=[estimate.pk], request=request)
        return Response(self.get_serializer(estimate).data, status.HTTP_201_CREATED, headers={"Location": location})


def _freeze(asked: dict[str, Any], by: User) -> Estimate:
    question = question_of(asked)
    return freeze_estimate(
        title=asked.get("title", question.target.name),
        target_name=question.target.name,
        cost_centre=asked.get("cost_centre", question.target.cost_centre),
        content=frozen_json(question.answer()),
        created_by=by,
    )


class EstimatesCsv(ApiAddress, GenericAPIView[Estimate]):
    """All estimates that the filters leave, in one file without pages."""

    noun = "estimate"
    queryset = Estimate.objects.all()
    filterset_class = EstimateFilter
    pagination_class = None
    parameters = tuple(EstimateFilter.base_filters)

    @extend_schema(
        operation_id="estimates_csv", tags=["estimates"], filters=True, responses={(200, "text/csv"): OpenApiTypes.STR}
    )
    def get(self, request: Request) -> HttpResponseBase:
        """One row for each estimate, stack and machine."""
        return _csv_response(self.filter_queryset(self.get_queryset()), filename="estimates.csv")


class EstimateCsv(ApiAddress, GenericAPIView[Estimate]):
    """One estimate as a flat file."""

    noun = "estimate"
    queryset = Estimate.objects.all()

    @extend_schema(operation_id="estimate_csv", tags=["estimates"], responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """One row for each stack and machine; the ETag is the estimate's hash."""
        estimate = self.get_object()
        etag = f'"{estimate.content_hash}"'
        unchanged = get_conditional_response(request, etag=etag)
        response = unchanged or _csv_response(Estimate.objects.filter(pk=pk), filename=f"estimate-{pk}.csv")
        response["ETag"] = etag
        return response


def _csv_response(estimates: QuerySet[Estimate], *, filename: str) -> HttpResponseBase:
    """A stream. Every hash is verified before the first byte: later, an error could not be told any more."""
    for estimate in _each(estimates):
        frozen_content(estimate)
    rows = chain.from_iterable(map(estimate_rows, _each(estimates)))
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return StreamingHttpResponse(csv_lines(HEADER, rows), content_type="text/csv; charset=utf-8", headers=headers)


def _each(estimates: QuerySet[Estimate]) -> Iterable[Estimate]:
    return estimates.iterator(chunk_size=50)
