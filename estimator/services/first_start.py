"""What a new installation starts with. Called at each start: makes what was never there, touches nothing that is."""

from decimal import Decimal

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from estimator.models import BenchmarkPlan, Stack, TrafficTarget, Workload
from estimator.services.errors import Refused
from estimator.services.locks import Turn, take_turn
from estimator.services.roles import ensure_roles

FIRST_USER = "admin"
DEFAULT_PLAN = "Three frameworks, user lookup"
HEADLINE_WORKLOAD = "user_lookup"
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


def ensure_default_plan() -> BenchmarkPlan | None:
    """The plan that measures each active stack under the headline workload; call it once stacks are registered.

    None while no stack serves that workload, and when a person deleted or renamed the plan.
    """
    with transaction.atomic():
        take_turn(Turn.SET_UP)
        if BenchmarkPlan.history.filter(name=DEFAULT_PLAN).exists():
            return BenchmarkPlan.objects.filter(name=DEFAULT_PLAN).first()
        stacks = Stack.objects.filter(active=True, workloads__slug=HEADLINE_WORKLOAD)
        return _default_plan(list(stacks)) if stacks else None


def _default_plan(stacks: list[Stack]) -> BenchmarkPlan:
    plan = BenchmarkPlan.objects.create(name=DEFAULT_PLAN, profile="quick")
    plan.stacks.set(stacks)
    plan.workloads.set(Workload.objects.filter(slug=HEADLINE_WORKLOAD))
    return plan


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
