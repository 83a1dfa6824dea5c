"""What every address has in common: parameters refused by name, ETags, writes that go through a service."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from estimator.api.conditional import unless_unchanged
from estimator.api.pagination import NewestFirst
from estimator.api.parameters import refuse_strange_parameters
from estimator.api.repetition import HEADER, answered_once
from estimator.models.access import Scope
from estimator.services.audit import record_export


class ApiAddress(APIView):
    """One address. `noun` names the rows whose role permissions apply: a POST needs `add`, whatever it does."""

    noun: ClassVar[str | None] = None
    write_scope: ClassVar[Scope] = Scope.RUN  # of keys that write here; reading needs Scope.READ
    is_export: ClassVar[bool] = False  # export-only keys may read it too
    parameters: ClassVar[Collection[str]] = ()
    leaving: Mapping[str, Any] | None = None  # the file that a view answers with, as `record_export` is told of it
    told_once: ClassVar[Collection[str]] = ()  # secrets in the answer to a POST; a repeated request is not told them
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The answer; 304 to whoever has it already. A file that leaves is recorded."""
        answer = unless_unchanged(request, super().dispatch(request, *args, **kwargs))
        if self.leaving and request.method == "GET" and answer.status_code == 200:
            record_export(**self.leaving)
        return answer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After who asks and whether they may: what they ask with."""
        super().initial(request, *args, **kwargs)
        refuse_strange_parameters(request, known=self.known_parameters())
        post = getattr(self, "post", None)
        if request.method == "POST" and post and HEADER in request.headers:
            vars(self)["post"] = partial(answered_once, post, told_once=self.told_once)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """What one person may read is kept for nobody else, and asked for again before it is used again."""
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["Authorization", "Cookie"])
        return super().finalize_response(request, response, *args, **kwargs)

    def known_parameters(self) -> Collection[str]:
        """The query parameters of this address and method."""
        return self.parameters if self.request.method in ("GET", "HEAD") else ()


class Rows(
    ApiAddress, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Any]
):  # a list and one row of it
    """Reads rows. `detail_serializer_class` says more of one row than the list does."""

    filterset_class: ClassVar[Any] = None
    detail_serializer_class: ClassVar[type[Any] | None] = None

    def known_parameters(self) -> Collection[str]:
        """Filters and pages belong to lists alone."""
        if self.action != "list" or self.filterset_class is None:
            return ()
        return (*self.filterset_class.base_filters, *NewestFirst.parameters)

    def get_serializer_class(self) -> type[Any]:
        """The list's, or the one row's."""
        if self.action == "list" or self.detail_serializer_class is None:
            return super().get_serializer_class()
        return self.detail_serializer_class


class WritableRows(Rows):
    """Rows that may be made, changed and removed; `save` and `remove` are services."""

    save: ClassVar[Callable[..., Any]]
    remove: ClassVar[Callable[..., None]]

    def create(self, request: Request) -> Response:
        """201 with the row and its address."""
        parsed = self.get_serializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        row = self.save(self.get_queryset().model(), changes=parsed.validated_data)
        location = request.build_absolute_uri(f"{request.path.rstrip('/')}/{row.pk}")
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED, headers={"Location": location})

    def update(self, request: Request, *, partial: bool = False, **kwargs: Any) -> Response:
        """The row as it is now; PATCH changes what it names, PUT everything."""
        row = self.get_object()
        parsed = self.get_serializer(row, data=request.data, partial=partial)
        parsed.is_valid(raise_exception=True)
        return Response(self.get_serializer(self.save(row, changes=parsed.validated_data)).data)

    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """PATCH."""
        return self.update(request, partial=True, **kwargs)

    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """204, or 409 when something refers to the row."""
        self.remove(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
