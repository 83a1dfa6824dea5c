"""Two runs compared for a pipeline."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from estimator.api.questions import question_of
from estimator.api.serializers.comparisons import RunComparisonQuestionSerializer, RunComparisonSerializer
from estimator.api.throttling import PerKey, PerKeyCalculations
from estimator.api.views.base import ApiAddress
from estimator.domain.reporting.gate import Allowance
from estimator.queries.run_comparisons import NotComparable, compare_runs, comparison_json
from estimator.services.errors import Refused


class RunComparisons(ApiAddress):
    """Did the bill change between two runs, how surely, and may the pipeline go on? Nothing is stored."""

    noun = "run"
    only_reads = True  # a POST because of its many parameters: who may read runs may ask
    throttle_classes = [PerKey, PerKeyCalculations]

    @extend_schema(
        operation_id="comparisons_create",
        tags=["comparisons"],
        request=RunComparisonQuestionSerializer,
        responses={200: RunComparisonSerializer},
    )
    def post(self, request: Request) -> Response:
        """Compare each stack of two runs at some traffic. 200 whether it passed or not: `passed` says which."""
        asked = RunComparisonQuestionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        question = question_of(values)
        try:
            found = compare_runs(
                base=values["base"],
                head=values["head"],
                target=question.target,
                workload=question.workload,
                term=question.term,
                allow_burstable=question.allow_burstable,
                allowance=Allowance(
                    max_increase_percent=values.get("max_increase_percent"),
                    max_cost_per_million=values.get("max_cost_per_million"),
                ),
            )
        except NotComparable as reason:
            raise Refused(str(reason), field=reason.field) from None
        return Response(comparison_json(found))
