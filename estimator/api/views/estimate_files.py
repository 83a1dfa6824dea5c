"""Estimates as files: flat tables without pages for all, and each one for the tools that finance uses."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import ClassVar

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from estimator.api.conditional import weak_etag
from estimator.api.filters import EstimateFilter
from estimator.api.serializers.estimate_rows import EstimateRowSerializer
from estimator.api.views.base import ApiAddress
from estimator.exports.csv_text import csv_lines
from estimator.exports.estimate_json import json_lines
from estimator.exports.estimate_markdown import markdown_lines
from estimator.exports.estimate_rows import HEADER, all_estimate_rows, estimate_rows
from estimator.exports.estimate_workbook import all_estimates_workbook, estimate_workbook
from estimator.exports.focus import VERSIONS, focus_header, focus_rows
from estimator.exports.pieces import in_pieces
from estimator.models import Estimate
from estimator.queries.estimates import each_estimate
from estimator.services.estimates import frozen_content

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MARKDOWN = "text/markdown; charset=utf-8"
Pieces = Iterator[str] | Iterator[bytes]
_COLUMNS = (HEADER, *map(focus_header, VERSIONS))  # another column makes another file


class _AllEstimates(ApiAddress, GenericAPIView[Estimate]):
    """Every estimate that the filters leave, in one file without pages."""

    noun = "estimate"
    is_export = True
    queryset = Estimate.objects.all()
    filterset_class = EstimateFilter
    pagination_class = None
    parameters = tuple(EstimateFilter.base_filters)
    content_type: ClassVar[str]
    filename: ClassVar[str]

    def pieces(self, estimates: Iterable[Estimate]) -> Pieces:
        """The file."""
        raise NotImplementedError

    def _answer(self) -> HttpResponseBase:
        """A stream whose first byte waits for nothing; an edited estimate is a row that says so (`estimate_rows`)."""
        rows = self.filter_queryset(self.get_queryset())
        response = _file(self.pieces(each_estimate(rows)), self.content_type, self.filename)
        hashes = rows.values_list("pk", "content_hash").iterator()
        response["ETag"] = weak_etag(chain((_COLUMNS, self.filename), hashes))
        self.leaving = {"what": self.filename, "detail": self.request.META["QUERY_STRING"]}
        return response


class EstimatesCsv(_AllEstimates):
    """All estimates as CSV."""

    content_type, filename = CSV, "estimates.csv"

    def pieces(self, estimates: Iterable[Estimate]) -> Pieces:
        """Line by line."""
        return csv_lines(HEADER, all_estimate_rows(estimates))

    @extend_schema(
        operation_id="estimates_csv", tags=["estimates"], filters=True, responses={(200, "text/csv"): OpenApiTypes.STR}
    )
    def get(self, request: Request) -> HttpResponseBase:
        """One row for each estimate, stack, machine and month."""
        return self._answer()


class EstimatesXlsx(_AllEstimates):
    """All estimates as a workbook."""

    content_type, filename = XLSX, "estimates.xlsx"

    def pieces(self, estimates: Iterable[Estimate]) -> Pieces:
        """Packed as it is written."""
        return all_estimates_workbook(estimates)

    @extend_schema(
        operation_id="estimates_xlsx", tags=["estimates"], filters=True, responses={(200, XLSX): OpenApiTypes.BINARY}
    )
    def get(self, request: Request) -> HttpResponseBase:
        """One row for each estimate, stack, machine and month; the last column calculates each bill again."""
        return self._answer()


class EstimatesJson(_AllEstimates):
    """All estimates as one list."""

    content_type, filename = "application/json", "estimates.json"

    def pieces(self, estimates: Iterable[Estimate]) -> Pieces:
        """A row a line."""
        return json_lines(estimates)

    @extend_schema(
        operation_id="estimates_json",
        tags=["estimates"],
        filters=True,
        responses=EstimateRowSerializer(many=True),
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The rows of the CSV as objects; money and large counts are decimal strings."""
        return self._answer()


class _OneEstimate(ApiAddress, GenericAPIView[Estimate]):
    """One estimate as a file; the weak ETag is of its hash, which is verified first."""

    noun = "estimate"
    is_export = True
    queryset = Estimate.objects.all()
    content_type: ClassVar[str]
    ending: ClassVar[str]

    def pieces(self, estimate: Estimate) -> Pieces:
        """The file."""
        raise NotImplementedError

    def _answer(self, *, ending: str | None = None) -> HttpResponseBase:
        estimate, ending = self.get_object(), ending or self.ending
        frozen_content(estimate)
        name = f"estimate-{estimate.pk}.{ending}"
        self.leaving = {"what": name, "row": estimate}
        response = _file(self.pieces(estimate), self.content_type, name)
        response["ETag"] = weak_etag((_COLUMNS, ending, estimate.pk, estimate.content_hash))
        return response


class EstimateCsv(_OneEstimate):
    """One estimate as CSV."""

    content_type, ending = CSV, "csv"

    def pieces(self, estimate: Estimate) -> Pieces:
        """Line by line."""
        return csv_lines(HEADER, estimate_rows(estimate))

    @extend_schema(operation_id="estimate_csv", tags=["estimates"], responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """One row for each stack, machine and month."""
        return self._answer()


class EstimateXlsx(_OneEstimate):
    """One estimate as a workbook."""

    content_type, ending = XLSX, "xlsx"

    def pieces(self, estimate: Estimate) -> Pieces:
        """Packed as it is written."""
        return estimate_workbook(estimate)

    @extend_schema(operation_id="estimate_xlsx", tags=["estimates"], responses={(200, XLSX): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Summary, rows, and assumptions whose formulas calculate every bill again."""
        return self._answer()


class EstimateFocus(_OneEstimate):
    """One estimate in the shape of FOCUS."""

    content_type, ending = CSV, "focus.csv"
    parameters = ("version",)

    def pieces(self, estimate: Estimate) -> Pieces:
        """Line by line."""
        return csv_lines(focus_header(self._version()), focus_rows(estimate))

    @extend_schema(
        operation_id="estimate_focus",
        tags=["estimates"],
        parameters=[OpenApiParameter("version", enum=VERSIONS, default=VERSIONS[0], description="Version of FOCUS.")],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """FOCUS, Cost and Usage: each stack's cheapest fleet by month. It is no bill and says so in each row."""
        version = self._version()
        if version not in VERSIONS:
            known = f"FOCUS is written in {' and '.join(VERSIONS)}; leave it out for {VERSIONS[0]}."
            raise ValidationError({"version": [known]})
        return self._answer(ending="focus.csv" if version == VERSIONS[0] else f"focus-{version}.csv")

    def _version(self) -> str:
        return str(self.request.query_params.get("version", VERSIONS[0]))


class EstimateMarkdown(_OneEstimate):
    """One estimate as Markdown."""

    content_type, ending = MARKDOWN, "md"

    def pieces(self, estimate: Estimate) -> Pieces:
        """Line by line."""
        return markdown_lines(estimate)

    @extend_schema(
        operation_id="estimate_markdown", tags=["estimates"], responses={(200, "text/markdown"): OpenApiTypes.STR}
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """For tickets and design documents."""
        return self._answer()


def _file(pieces: Pieces, content_type: str, filename: str) -> HttpResponseBase:
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return StreamingHttpResponse(in_pieces(pieces), content_type=content_type, headers=headers)
