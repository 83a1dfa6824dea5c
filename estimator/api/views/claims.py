"""Published claims: checked against the newest valid measurements whenever they are read."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from estimator.api.filters import ClaimFilter
from estimator.api.pagination import FewerNewestFirst
from estimator.api.serializers.claims import CheckedClaimSerializer
from estimator.api.throttling import PerKey, PerKeyCalculations
from estimator.api.views.base import ApiAddress, Rows
from estimator.exports.claims import HEADER, claim_rows, claims_markdown
from estimator.exports.csv_text import csv_lines
from estimator.models import Claim
from estimator.queries.claims import check_json, checked_sets, checks_of


class Claims(Rows):
    """Each published figure beside ours, with a verdict, the reason, and what would make it true."""

    noun = "claim"
    queryset = Claim.objects.all()
    serializer_class = CheckedClaimSerializer
    filterset_class = ClaimFilter
    pagination_class = FewerNewestFirst
    throttle_classes = [PerKey, PerKeyCalculations]

    @extend_schema(responses=CheckedClaimSerializer(many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest entered first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response([check_json(*pair) for pair in zip(page, checks_of(page), strict=True)])

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One claim."""
        row = self.get_object()
        return Response(check_json(row, checks_of([row])[0]))


class _ClaimsFile(ApiAddress):
    """All claim sets in one file without pages: short enough to be made whole, for the ETag."""

    noun = "claim"
    throttle_classes = [PerKey, PerKeyCalculations]
    content_type: ClassVar[str]
    filename: ClassVar[str]

    def _answer(self, pieces: Iterator[str]) -> HttpResponseBase:
        self.leaving = {"what": self.filename}
        headers = {"Content-Disposition": f'attachment; filename="{self.filename}"'}
        return HttpResponse("".join(pieces), content_type=self.content_type, headers=headers)


class ClaimsCsv(_ClaimsFile):
    """All claims as CSV."""

    content_type, filename = "text/csv; charset=utf-8", "claims.csv"

    @extend_schema(operation_id="claims_csv", tags=["claims"], responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request) -> HttpResponseBase:
        """One row for each claim; figures are empty where nothing was measured."""
        return self._answer(csv_lines(HEADER, claim_rows(checked_sets())))


class ClaimsMarkdown(_ClaimsFile):
    """All claims as Markdown."""

    content_type, filename = "text/markdown; charset=utf-8", "claims.md"

    @extend_schema(
        operation_id="claims_markdown", tags=["claims"], responses={(200, "text/markdown"): OpenApiTypes.STR}
    )
    def get(self, request: Request) -> HttpResponseBase:
        """A table for each claim set."""
        return self._answer(claims_markdown(checked_sets()))
