"""Capacities: fitted from the windows of succeeded runs whenever they are read."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from estimator.api.filters import CapacityFilter
from estimator.api.pagination import FewerNewestFirst
from estimator.api.serializers.capacities import CapacitySerializer
from estimator.api.throttling import PerKey, PerKeyCalculations
from estimator.api.views.base import Rows
from estimator.models import TrialRecord
from estimator.queries.capacities import capacities_of, capacity_trials


class Capacities(Rows):
    """What each stack carried within the objective, on the host it ran on; or why it gets no figure."""

    noun = "run"
    queryset = TrialRecord.objects.none()
    serializer_class = CapacitySerializer
    filterset_class = CapacityFilter
    pagination_class = FewerNewestFirst
    throttle_classes = [PerKey, PerKeyCalculations]

    def get_queryset(self) -> Any:
        """One row for each capacity."""
        return capacity_trials()

    @extend_schema(responses=CapacitySerializer(many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(capacities_of(page or []))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One capacity."""
        return Response(capacities_of([self.get_object()])[0])
