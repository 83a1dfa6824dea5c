"""Probes for whatever watches the service: open to anybody, because they tell nothing but states."""

from dataclasses import asdict

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from estimator.services import readiness


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process is up. Asks nothing of anybody: a restart would not mend a database."""
    return JsonResponse({"status": "up"})


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """503 when database, broker or migrations keep the web from serving.

    A missing bench worker is `degraded`, with 200: reports, exports and the API serve on and requested runs wait in
    the database, so taking the web out of rotation would mend nothing and lose the rest."""
    checks = readiness.readiness()
    status = readiness.status(checks)
    body = {"status": status, "checks": [asdict(check) for check in checks]}
    return JsonResponse(body, status=503 if status == "not_ready" else 200)
