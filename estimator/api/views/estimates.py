"""Estimates: projections frozen for good."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from estimator.api.authentication import person
from estimator.api.filters import EstimateFilter
from estimator.api.questions import question_of
from estimator.api.serializers.estimates import EstimateDetailSerializer, EstimateSerializer
from estimator.api.serializers.questions import FreezeSerializer
from estimator.api.views.base import Rows
from estimator.models import Estimate
from estimator.queries.projections import frozen_json
from estimator.services.estimates import freeze_estimate
from estimator.services.repricing import freeze_repriced


class Estimates(Rows):
    """Frozen estimates. POST freezes a projection with all its inputs; nothing changes it afterwards."""

    noun = "estimate"
    queryset = Estimate.objects.select_related("created_by")
    serializer_class = EstimateSerializer
    detail_serializer_class = EstimateDetailSerializer
    filterset_class = EstimateFilter

    def get_queryset(self) -> QuerySet[Estimate]:
        """Lists leave the contents where they are: a page of them has megabytes."""
        rows: QuerySet[Estimate] = super().get_queryset()
        return rows.defer("content") if self.action == "list" else rows

    @extend_schema(request=FreezeSerializer, responses={201: EstimateDetailSerializer})
    def create(self, request: Request) -> Response:
        """Freeze the projection of a stored target, or of traffic in words, or an estimate at other prices."""
        asked = FreezeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        estimate = _freeze(asked.validated_data, person(request))
        location = reverse("api:estimate", args=[estimate.pk], request=request)
        return Response(self.get_serializer(estimate).data, status.HTTP_201_CREATED, headers={"Location": location})


def _freeze(asked: dict[str, Any], by: User) -> Estimate:
    if "reprice_of" in asked:
        return freeze_repriced(
            estimate=asked["reprice_of"],
            prices_of=asked.get("prices_of"),
            title=asked.get("title"),
            cost_centre=asked.get("cost_centre"),
            by=by,
        )
    question = question_of(asked)
    if "cost_centre" in asked:
        question = replace(question, target=replace(question.target, cost_centre=asked["cost_centre"]))
    return freeze_estimate(
        title=asked.get("title", question.target.name),
        target_name=question.target.name,
        cost_centre=question.target.cost_centre,
        content=frozen_json(question.answer()),
        created_by=by,
    )
