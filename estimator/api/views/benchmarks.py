"""What is measured: plans and journeys, their runs, and the raw windows that runs recorded."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from estimator.api import filters
from estimator.api.authentication import person
from estimator.api.serializers.benchmarks import (
    PlanSerializer,
    RunDetailSerializer,
    RunRequestSerializer,
    RunSerializer,
    WindowDetailSerializer,
    WindowSerializer,
)
from estimator.api.serializers.journeys import JourneySerializer
from estimator.api.serializers.setups import RunSetupsSerializer
from estimator.api.throttling import PerKey, PerKeyCalculations
from estimator.api.views.base import ApiAddress, Rows, WritableRows
from estimator.models import BenchmarkPlan, Journey, Run, WindowRecord
from estimator.queries.setup_json import searches_json
from estimator.services.errors import Refused
from estimator.services.journeys import delete_journey, write_journey
from estimator.services.plans import delete_plan, save_plan
from estimator.services.runs import cancel_run, request_run


class Plans(WritableRows):
    """Stacks x workloads x profile."""

    noun = "benchmarkplan"
    queryset = BenchmarkPlan.objects.prefetch_related("stacks", "workloads")
    serializer_class = PlanSerializer
    filterset_class = filters.PlanFilter
    save = staticmethod(save_plan)
    remove = staticmethod(delete_plan)


class Journeys(WritableRows):
    """Weighted mixes of workloads, as users meet them; a plan names one by the slug of its workload."""

    noun = "journey"
    queryset = Journey.objects.select_related("workload").prefetch_related("steps__workload")
    serializer_class = JourneySerializer
    filterset_class = filters.JourneyFilter
    save = staticmethod(write_journey)
    remove = staticmethod(delete_journey)


class Runs(Rows):
    """Executions of plans. POST starts one; ask its `status_url` until it has ended."""

    noun = "run"
    queryset = Run.objects.select_related("plan", "requested_by", "host")
    serializer_class = RunSerializer
    detail_serializer_class = RunDetailSerializer
    filterset_class = filters.RunFilter

    @extend_schema(
        request=RunRequestSerializer,
        responses={202: OpenApiResponse(RunSerializer, description="Accepted; Location is the run's status address.")},
    )
    def create(self, request: Request) -> Response:
        """Start a run of a plan."""
        asked = RunRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        run = request_run(plan=asked.validated_data["plan"], requested_by=person(request))
        body = RunSerializer(run, context=self.get_serializer_context()).data
        return Response(body, status=status.HTTP_202_ACCEPTED, headers={"Location": body["status_url"]})


class RunCancellation(Rows):
    """Ends a waiting or measuring run at once."""

    noun = "run"
    queryset = Runs.queryset
    serializer_class = RunSerializer

    @extend_schema(request=None, responses={200: RunSerializer})
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Cancel the run; cancelling it again changes nothing and succeeds."""
        run = self.get_object()
        if not cancel_run(run.pk, by=person(request).get_username()):
            run.refresh_from_db()
            _refuse_other_ends(run)
        return Response(self.get_serializer(self.get_object()).data)


def _refuse_other_ends(run: Run) -> None:
    if run.state != "cancelled":
        raise Refused(f"run {run.pk} has {run.state} already: there is nothing left to cancel.")


class RunSetups(ApiAddress):
    """What a set-up search found: every set-up, the best by capacity and by memory, and what tuning alone saves."""

    noun = "run"
    throttle_classes = [PerKey, PerKeyCalculations]

    @extend_schema(responses=RunSetupsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One search for each workload of the run; none for a run that searched nothing or goes on."""
        return Response(searches_json(run_id=get_object_or_404(Run, pk=pk).pk))


class Windows(Rows):
    """Raw windows: stretches of constant offered rate. One window's own address has its exact histograms."""

    noun = "windowrecord"
    queryset = WindowRecord.objects.select_related("trial__stack", "trial__workload")
    serializer_class = WindowSerializer
    detail_serializer_class = WindowDetailSerializer
    filterset_class = filters.WindowFilter
