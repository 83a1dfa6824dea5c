"""What a new installation starts with. Called at each start: makes what was never there, touches nothing that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from estimator.models import BenchmarkPlan, Stack, TrafficTarget, Workload
from estimator.models.benchmarks import TRY_FIELDS
from estimator.services.errors import Refused
from estimator.services.locks import Turn, take_turn
from estimator.services.roles import ensure_roles

_Row = TypeVar("_Row", Stack, Workload)

FIRST_USER = "admin"
DEFAULT_PLAN = "Three frameworks, user lookup"
HEADLINE_WORKLOAD = "user_lookup"
HEADLINE_STACKS = ("fastapi", "flask", "django")  # what the product's question names

PARTS = ("user_lookup", "json")  # of the shipped journey: beside it, they show that it is the sum of them


@dataclass(frozen=True, kw_only=True)
class ShippedPlan:
    """A plan that a new installation starts with; no names of stacks or workloads: every one there is."""

    name: str
    profile: str
    objective_ms: float = 100.0
    stacks: tuple[str, ...] = ()
    workloads: tuple[str, ...] = ()
    tries: Mapping[str, Sequence[int]] = field(default_factory=dict)  # of a set-up search: only for the named stack


SHIPPED_PLANS = (
    ShippedPlan(name=DEFAULT_PLAN, profile="quick", stacks=HEADLINE_STACKS, workloads=(HEADLINE_WORKLOAD,)),
    ShippedPlan(
        name=f"{DEFAULT_PLAN}, standard", profile="standard", stacks=HEADLINE_STACKS, workloads=(HEADLINE_WORKLOAD,)
    ),
    ShippedPlan(
        name="Three frameworks, journey", profile="quick", stacks=HEADLINE_STACKS, workloads=("journey-browse", *PARTS)
    ),
    # Six set-ups, the stack's own among them.
    ShippedPlan(
        name="Flask, workers x threads",
        profile="quick",
        stacks=("flask",),
        workloads=(HEADLINE_WORKLOAD,),
        tries={"workers": (1, 2), "threads": (4, 8, 16)},
    ),
    # Two of the workloads wait 100 ms for others, so the objective leaves room for it.
    ShippedPlan(name="Every stack, every workload", profile="quick", objective_ms=250.0),
)
# Mean requests per day. The model's defaults are the rest of the standing example.
STANDING_TARGET = "Standing example: 10M requests/day"
SHIPPED_TARGETS = {
    STANDING_TARGET: Decimal(10_000_000),
    "100k requests/day": Decimal(100_000),
    "100M requests/day": Decimal(100_000_000),
    "1B requests/day": Decimal(1_000_000_000),
}


def ensure_first_rows() -> None:
    """Roles and shipped traffic targets."""
    with transaction.atomic():
        take_turn(Turn.SET_UP)
        ensure_roles()
        ensure_targets()


def ensure_targets() -> None:
    """The standing example and the same at other traffic. One that a person renamed or deleted stays so."""
    for name, requests_per_day in SHIPPED_TARGETS.items():
        # The history remembers rows that are gone.
        if not TrafficTarget.history.filter(name=name).exists():
            TrafficTarget.objects.create(name=name, requests_per_day=requests_per_day, standing=_stands(name))


def _stands(name: str) -> bool:
    return name == STANDING_TARGET and not TrafficTarget.objects.filter(standing=True).exists()


def ensure_shipped_plans() -> None:
    """The shipped plans, for the stacks that are registered; none that a person deleted or renamed comes back."""
    with transaction.atomic():
        take_turn(Turn.SET_UP)
        for shipped in SHIPPED_PLANS:
            if not BenchmarkPlan.history.filter(name=shipped.name).exists():
                _make(shipped)


def _make(shipped: ShippedPlan) -> None:
    """Nothing while no stack serves its workloads. Where no named stack is there, every other one takes its place."""
    served = Workload.objects.filter(stacks__active=True).distinct()
    workloads = _named(served, shipped.workloads) if shipped.workloads else list(served.filter(journey=None))
    serving = Stack.objects.filter(active=True, workloads__in=workloads).distinct()
    stacks = _named(serving, shipped.stacks) or list(serving)
    if stacks and _searchable(shipped, stacks):
        tries = {TRY_FIELDS[setting]: list(values) for setting, values in shipped.tries.items()}
        plan = BenchmarkPlan.objects.create(
            name=shipped.name, profile=shipped.profile, objective_ms=shipped.objective_ms, **tries
        )
        plan.stacks.set(stacks)
        plan.workloads.set(workloads)


def _searchable(shipped: ShippedPlan, stacks: Sequence[Stack]) -> bool:
    """No other stack takes the place of the one that is to be tuned."""
    named = [stack for stack in stacks if stack.slug in shipped.stacks]
    return not shipped.tries or any(shipped.tries.keys() <= set(stack.tunable) for stack in named)


def _named(rows: QuerySet[_Row], slugs: Sequence[str]) -> list[_Row]:
    return list(rows.filter(slug__in=slugs) if slugs else rows)


def needs_first_user() -> bool:
    """Whether nobody could administer the service: there is no superuser, and none was demoted on purpose."""
    return not (User.objects.filter(is_superuser=True) | User.objects.filter(username=FIRST_USER)).exists()


def create_first_user(*, password: str) -> bool:
    """Create the superuser `admin` when one is needed; False when not. Raises Refused for a weak password."""
    with transaction.atomic():
        take_turn(Turn.SET_UP)
        if not needs_first_user():
            return False
        user = User(username=FIRST_USER, is_staff=True, is_superuser=True)
        _refuse_weak(password, user)
        user.set_password(password)
        user.save(force_insert=True)
    return True


def _refuse_weak(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(
            f"The password of {FIRST_USER} is refused: {' '.join(error.messages)}", field="password"
        ) from error
