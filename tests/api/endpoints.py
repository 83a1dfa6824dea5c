"""Every address and method of the API, as its own schema lists them: a new one is in the matrix by itself."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from estimator.api.examples import JOURNEY
from estimator.models import AuditEntry
from tests.api.conftest import World

_PARTS = [{"workload": "user_lookup", "weight": 1}]
BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "/api/v1/runs": lambda world: {"plan": world.measured.plan.pk},
    "/api/v1/estimates": lambda world: {"traffic": "1M/day"},
    "/api/v1/estimate-shares": lambda world: {"estimate": world.estimate.pk},
    "/api/v1/estimate-approvals": lambda world: {"estimate": world.estimate.pk},
    "/api/v1/traffic-targets": lambda world: {"name": "New", "requests_per_day": 5000},
    "/api/v1/journeys": lambda world: {**JOURNEY, "parts": _PARTS},
    "/api/v1/journeys/{id}": lambda world: {"name": "New", "slug": world.journey.slug, "parts": _PARTS},
    "/api/v1/comparisons": lambda world: {
        **dict.fromkeys(("base", "head"), world.measured.run.pk),
        "traffic": "1M/day",
    },
    "/api/v1/plans": lambda world: {"name": "New", "stacks": ["flask"], "workloads": ["user_lookup"]},
}


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One method at one address; `template` has its parameters in braces."""

    method: str
    template: str

    def __str__(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def reads(self) -> bool:
        return self.method == "GET"

    @property
    def only_reads(self) -> bool:
        """Reads, although its parameters come in a body."""
        return self.reads or self.template == "/api/v1/comparisons"

    def address(self, world: World) -> str:
        """The address of a row that is there."""
        path = self.template
        for start, value in parameters(world).items():
            if path.startswith(start):
                path = path.replace("{id}", str(value)).replace("{slug}", str(value))
        query = {"projections": "?traffic=1M/day", "difference": f"?base={world.estimate.pk}"}
        return path + query.get(path.rpartition("/")[2], "")

    def body(self, world: World) -> str:
        """A body that the method takes."""
        make = BODIES.get(self.template) or BODIES.get(self.template.removesuffix("/{id}"))
        return json.dumps(make(world)) if make and not self.reads else ""


@lru_cache(maxsize=1)  # a test asks for each address, and its rows stay
def parameters(world: World) -> dict[str, Any]:
    trial = world.measured.run.trials.order_by("id")[0]
    return {
        "/api/v1/capacities": trial.pk,
        "/api/v1/claims": world.claim.pk,
        "/api/v1/container-prices": world.tariffs.container.pk,
        "/api/v1/developer-rates": world.tariffs.rate.pk,
        "/api/v1/audit-entries": AuditEntry.objects.latest("id").pk,
        "/api/v1/exchange-rates": world.rate.pk,
        "/api/v1/estimate-approvals": world.estimate.approvals.get().pk,
        "/api/v1/estimate-shares": world.estimate.shares.get().pk,
        "/api/v1/estimates": world.estimate.pk,
        "/api/v1/function-prices": world.tariffs.function.pk,
        "/api/v1/hardware-profiles": world.hardware.pk,
        "/api/v1/journeys": world.journey.pk,
        "/api/v1/line-prices": world.tariffs.line.pk,
        "/api/v1/migration-cases": world.tariffs.migration.pk,
        "/api/v1/plans": world.measured.plan.pk,
        "/api/v1/prices": world.price.pk,
        "/api/v1/runs": world.measured.run.pk,
        "/api/v1/stacks": "flask",
        "/api/v1/traffic-profiles": world.profile.pk,
        "/api/v1/traffic-targets": world.target.pk,
        "/api/v1/windows": trial.windows.all()[0].pk,
        "/api/v1/workloads": "user_lookup",
    }


@cache
def schema() -> dict[str, Any]:
    """The schema as a client gets it."""
    generated = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    found: dict[str, Any] = json.loads(json.dumps(generated, default=str))
    return found


def endpoints() -> Iterator[Endpoint]:
    """What the schema lists, and the two addresses that it does not."""
    for template, operations in schema()["paths"].items():
        for method in operations:
            yield Endpoint(method=method.upper(), template=template)
    yield Endpoint(method="GET", template="/api/v1/schema/")
    yield Endpoint(method="GET", template="/api/v1/docs/")
