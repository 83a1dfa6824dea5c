"""A run's raw windows as files."""

from collections.abc import Iterator
from typing import ClassVar

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from estimator.api.conditional import weak_etag
from estimator.api.serializers.downloads import RawWindowsSerializer
from estimator.api.views.base import ApiAddress
from estimator.exports.run_windows import FORMAT_VERSION, file_name, hdr_log, json_chunks
from estimator.models import Run


class _RunFile(ApiAddress, GenericAPIView[Run]):
    """Streamed. What an ended run recorded never changes, so its weak ETag is of the run and its end."""

    noun = "run"
    queryset = Run.objects.select_related("plan", "host")
    ending: ClassVar[str]
    content_type: ClassVar[str]

    def chunks(self, run: Run) -> Iterator[str]:
        """The file in pieces."""
        raise NotImplementedError

    def _answer(self) -> HttpResponseBase:
        run = self.get_object()
        response = self._file(run)
        if run.finished_at:
            response["ETag"] = weak_etag((FORMAT_VERSION, self.ending, run.pk, run.finished_at.isoformat()))
        return response

    def _file(self, run: Run) -> HttpResponseBase:
        name = file_name(run, ending=self.ending)
        self.leaving = {"what": name, "row": run}
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(self.chunks(run), content_type=self.content_type, headers=headers)


class RunWindowsJson(_RunFile):
    """Every window of a run with sparse histogram counts, its trials, host facts and specification."""

    ending = "windows.json"
    content_type = "application/json"

    def chunks(self, run: Run) -> Iterator[str]:
        """One window a line."""
        return json_chunks(run)

    @extend_schema(operation_id="run_windows_json", tags=["runs"], responses=RawWindowsSerializer)
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """One file, fields and units described inside. While the run goes on: what it has recorded so far."""
        return self._answer()


class RunLatencyLog(_RunFile):
    """The latencies of a run for HdrHistogram's tools."""

    ending = "latency.hlog"
    content_type = "text/plain; charset=utf-8"

    def chunks(self, run: Run) -> Iterator[str]:
        """One interval a line."""
        return hdr_log(run)

    @extend_schema(
        operation_id="run_latency_log",
        tags=["runs"],
        responses={(200, "text/plain"): OpenApiResponse(OpenApiTypes.STR, description="Histogram log format 1.3.")},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """One interval for each window, in microseconds; its tag says stack, workload, kind, block and sequence."""
        return self._answer()
