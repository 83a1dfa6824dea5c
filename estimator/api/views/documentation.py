"""The API describes itself: OpenAPI, a page to try it out, and an answer for addresses that do not exist."""

from functools import cache
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponseBase
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.exceptions import NotAuthenticated, NotFound
from rest_framework.renderers import TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from estimator.api.authentication import KeyAuthentication, SignedInAuthentication
from estimator.api.permissions import ScopeOrRole
from estimator.api.views.base import ApiAddress


class Schema(ApiAddress):
    """OpenAPI 3, in JSON."""

    renderer_classes = [OpenApiJsonRenderer2]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """The whole schema, whatever its reader may do."""
        return Response(_schema())


@cache
def _schema() -> Any:
    """Generated once in each process: it takes a second, and only a new version changes it."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI from our own files. People without a session are sent to the sign-in page."""

    url_name = "api:schema"
    template_name = "api/docs.html"
    renderer_classes = [TemplateHTMLRenderer]
    authentication_classes = [KeyAuthentication, SignedInAuthentication]
    permission_classes = [ScopeOrRole]

    def handle_exception(self, error: Exception) -> HttpResponseBase:  # type: ignore[override]
        """A page asks people to sign in; a challenge would open the browser's own dialogue."""
        if isinstance(error, NotAuthenticated):
            return redirect_to_login(self.request.get_full_path())
        return super().handle_exception(error)


class Nothing(ApiAddress):
    """Every other address below /api/v1/."""

    @extend_schema(exclude=True)
    def get(self, request: Request, **kwargs: Any) -> None:
        """Raises NotFound."""
        raise NotFound

    put = patch = delete = post = get

    def known_parameters(self) -> Any:
        """Whatever was sent: the address is what is wrong."""
        return self.request.query_params
