"""The cast of the admin tests: a person of each role, and one row of everything."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from estimator.domain.measuring.measurement import BlockFinished, StackFailed, TrialFinished
from estimator.models import (
    ApiKey,
    AuditEntry,
    BenchmarkPlan,
    Claim,
    ClaimSet,
    DeveloperRate,
    Estimate,
    ExchangeRate,
    HardwareProfile,
    Journey,
    MigrationCase,
    Price,
    Run,
    RunEvent,
    Stack,
    TrafficTarget,
    TrialRecord,
    WindowRecord,
    Workload,
)
from estimator.models.profiles import TrafficProfile
from estimator.services import recording, runs
from estimator.services.estimates import freeze_estimate
from estimator.services.journeys import save_journey, set_parts
from estimator.services.roles import ensure_roles
from tests.services.benchmark_cast import a_claim, a_plan, a_run, a_start, a_window

HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=1+1",
    "{{ 7 * 7 }}",
    "O'Brien & Söhne",
)


def a_person(role: str) -> User:
    """A member of that role who may enter the admin; `superuser` and `stranger` are no groups."""
    ensure_roles()
    if role == "superuser":
        return User.objects.create_superuser("superuser", password="not used here")
    person = User.objects.create_user(f"{role}-person", is_staff=True)
    if role != "stranger":
        person.groups.add(Group.objects.get(name=role))
    return person


class Browser(Client):
    """On HTTPS, which the default settings insist on."""

    def generic(self, *args: Any, **options: Any) -> Any:
        """Each request, whatever its method."""
        return super().generic(*args, **options | {"secure": True})


def browser(person: User | None = None) -> Client:
    """A browser, signed in as that person."""
    client = Browser()
    if person:
        client.force_login(person, "estimator.services.sign_in.ThrottledBackend")
    return client


def signed_in(role: str) -> Client:
    """The browser of a person of that role."""
    return browser(a_person(role))


def address(row: Model | type[Model], view: str) -> str:
    """The admin's page of a row, or of its list."""
    options = row._meta
    args = [row.pk] if isinstance(row, Model) else []
    return reverse(f"admin:{options.app_label}_{options.model_name}_{view}", args=args)


def text(response: Any) -> str:
    """The page as text."""
    return str(response.content.decode())


def errors(response: Any) -> dict[str, list[str]]:
    """What the form of a refused page says, by field."""
    return {field: list(messages) for field, messages in response.context["adminform"].form.errors.items()}


def a_profile(name: str = "m7i.large", **values: Any) -> HardwareProfile:
    defaults: dict[str, Any] = {"provider": "aws", "vcpus": 2, "memory_mib": 8192, "source": "a list"}
    return HardwareProfile.objects.create(name=name, as_of=date(2026, 9, 1), **(defaults | values))


def a_price(hardware: HardwareProfile, hourly: str = "0.1008", **values: Any) -> Price:
    defaults: dict[str, Any] = {"region": "us-east-1", "source": "a list", "as_of": date(2026, 9, 1)}
    return Price.objects.create(hardware=hardware, hourly=Decimal(hourly), **(defaults | values))


def a_target(name: str = "Shop", **values: Any) -> TrafficTarget:
    return TrafficTarget.objects.create(name=name, **({"requests_per_day": 10_000_000} | values))


def a_week(name: str = "Evenings", **values: Any) -> TrafficProfile:
    """Twice the traffic in the last four hours of each day."""
    hourly = ([1.0] * 20 + [2.0] * 4) * 7
    return TrafficProfile.objects.create(
        **({"name": name, "hourly": hourly, "source": name, "as_of": date(2026, 9, 1)} | values)
    )


def a_rate(name: str = "FastAPI developer", **values: Any) -> DeveloperRate:
    """What an hour costs."""
    defaults = {"name": name, "hourly_low": 25, "hourly_high": 40, "source": name}
    return DeveloperRate.objects.create(**(defaults | values))


def a_migration(name: str, rate: DeveloperRate) -> MigrationCase:
    """From one registered stack to another."""
    stacks = {"from_stack": Stack.objects.get(slug="flask"), "to_stack": Stack.objects.get(slug="fastapi")}
    return MigrationCase.objects.create(name=name, hours_low=80, hours_high=160, rate=rate, source=name, **stacks)


@dataclass(frozen=True, kw_only=True)
class Everything:
    """One row of each noun that the admin shows."""

    target: TrafficTarget
    profile: TrafficProfile
    plan: BenchmarkPlan
    run: Run
    estimate: Estimate
    hardware: HardwareProfile
    price: Price
    stack: Stack
    workload: Workload
    journey: Journey
    claim_set: ClaimSet
    claim: Claim
    developer_rate: DeveloperRate
    migration_case: MigrationCase
    trial: TrialRecord
    window: WindowRecord
    event: RunEvent
    key: ApiKey
    exchange_rate: ExchangeRate
    audit_entry: AuditEntry

    def rows(self) -> dict[str, Model]:
        """By the model's name."""
        return {str(row._meta.model_name): row for row in vars(self).values()}


def everything(name: str = "a name") -> Everything:
    """Rows that carry `name` wherever people or apps may write one."""
    hardware = a_profile(name, family=name, cpu_model=name, source=name)
    claim_set = ClaimSet.objects.create(name=name, source=name, note=name)
    run = _a_measured_run(name)
    return Everything(
        target=a_target(name, cost_centre=name),
        profile=a_week(name),
        plan=run.plan,
        run=run,
        estimate=freeze_estimate(
            title=name, target_name=name, content={name: [name]}, created_by=None, cost_centre=name
        ),
        hardware=hardware,
        price=a_price(hardware, region=name, source=name, cross_check_note=name),
        stack=Stack.objects.get(slug="fastapi"),
        workload=Workload.objects.get(slug="user_lookup"),
        journey=_a_journey(name),
        claim_set=claim_set,
        claim=Claim.objects.create(
            claim_set=claim_set, claim_id="one", topic=name[:60], subject=name, metric=name, conditions=name
        ),
        developer_rate=(rate := a_rate(name)),
        migration_case=a_migration(name, rate),
        trial=TrialRecord.objects.get(stack__slug="flask"),
        window=WindowRecord.objects.get(),
        event=RunEvent.objects.filter(kind="stack_failed").get(),
        key=_a_key(name[:50]),
        exchange_rate=ExchangeRate.objects.create(
            quote="USD", rate=Decimal("1.1298"), source=name, as_of=date(2026, 9, 1)
        ),
        audit_entry=AuditEntry.objects.filter(noun="estimate").latest("id"),
    )


def _a_journey(name: str) -> Journey:
    journey = save_journey(Journey(name=name, slug="browse"))
    set_parts(journey, weights={"user_lookup": 1})
    return journey


def _a_measured_run(name: str) -> Run:
    plan = a_plan(name)
    Stack.objects.update(title=name, settings={name: name})
    Workload.objects.update(title=name)
    claim = a_claim(a_run(plan))
    for measurement in (
        a_start(),
        a_window(notes=(name,)),
        TrialFinished(stack="fastapi", workload="user_lookup", block=0, warnings=(name,)),
        StackFailed(stack="flask", workload="user_lookup", block=0, reason=name),
        BlockFinished(block=0),
    ):
        recording.record(claim, measurement)
    runs.fail_run(claim, reason=name)
    return Run.objects.get(pk=claim.run)


def _a_key(name: str) -> ApiKey:
    key, _ = ApiKey.objects.create_key(name=name, owner=User.objects.create_user("key-owner"))
    made: ApiKey = ApiKey.objects.get(pk=key.pk)
    return made
