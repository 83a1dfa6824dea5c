"""Projections: calculated now, on the newest measurements and prices."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from estimator.api.questions import question_of
from estimator.api.serializers.projections import ProjectionSerializer
from estimator.api.serializers.questions import QuestionSerializer
from estimator.api.throttling import PerKey, PerKeyCalculations
from estimator.api.views.base import ApiAddress
from estimator.queries.projections import report_json


class Projections(ApiAddress):
    """What traffic costs per month on each measured stack. Compute only; never stored: freeze an estimate for that."""

    noun = "estimate"
    parameters = tuple(QuestionSerializer().fields)
    throttle_classes = [PerKey, PerKeyCalculations]

    @extend_schema(parameters=[QuestionSerializer], responses=ProjectionSerializer)
    def get(self, request: Request) -> Response:
        """Project a stored target, or traffic in words."""
        asked = QuestionSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        return Response(report_json(question_of(asked.validated_data).answer()))
