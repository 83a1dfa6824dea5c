"""The cast of the API's tests: keys of every kind, people of every role, and rows of every noun."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from estimator.domain.cost.traffic import TrafficTarget as Traffic
from estimator.models import (
    ApiKey,
    BenchmarkPlan,
    Claim,
    ClaimSet,
    ContainerPrice,
    DeveloperRate,
    Estimate,
    ExchangeRate,
    FunctionPrice,
    HardwareProfile,
    Journey,
    LinePrice,
    MigrationCase,
    Price,
    Run,
    Stack,
    TrafficTarget,
    Workload,
)
from estimator.models.profiles import TrafficProfile
from estimator.queries.projections import cost_report, frozen_json
from estimator.services.approvals import approve_estimate
from estimator.services.estimates import content_hash, freeze_estimate
from estimator.services.journeys import write_journey
from estimator.services.roles import ADMIN, ensure_roles
from estimator.services.shares import share_estimate
from tests.kept import kept
from tests.reports import measured_run

Keys = Callable[..., str]


@pytest.fixture(autouse=True)
def _plain_http(settings: Any) -> None:
    """The test client speaks HTTP; the redirect to HTTPS is not the API's."""
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """No test inherits what another one has used up."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def owner(db: None) -> User:
    """The person whose keys these are, in the role that may do everything: the scopes decide."""
    return member("key-owner", ADMIN)


@pytest.fixture
def secret(owner: User) -> Keys:
    """Makes a key and returns what its holder was given."""

    def make(*scopes: str, **fields: Any) -> str:
        _, text = ApiKey.objects.create_key(**{"name": "test", "owner": owner, "scopes": list(scopes), **fields})
        return text

    return make


@pytest.fixture
def reader(secret: Keys) -> Client:
    """Asks with a key that may read."""
    return with_key(secret("read"))


@pytest.fixture
def writer(secret: Keys) -> Client:
    """Asks with a key that may do both."""
    return with_key(secret("read", "run"))


def with_key(text: str) -> Client:
    return Client(headers={"Authorization": f"Api-Key {text}"})


@pytest.fixture
def administrator(secret: Keys) -> Client:
    """Asks with a key that may do everything."""
    return with_key(secret("read", "run", "admin"))


UNUSABLE = ("nonsense", "empty", "unknown", "another secret", "expired", "revoked", "owner is gone")


def unusable_keys(secret: Keys) -> dict[str, str]:
    """Keys that open nothing, by why."""
    gone = member("gone", ADMIN)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    good = secret("read", "run")
    return {
        "nonsense": "nonsense",
        "empty": "",
        "unknown": "abcdefgh." + "x" * 32,
        "another secret": good[:-1] + ("a" if good[-1] != "a" else "b"),
        "expired": secret("read", "run", expiry_date=timezone.now() - timedelta(seconds=1)),
        "revoked": secret("read", "run", revoked=True),
        "owner is gone": secret("read", "run", owner=gone),
    }


def member(name: str, role: str | None) -> User:
    """A person of that role."""
    ensure_roles()
    user = User.objects.create_user(name)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def signed_in(role: str | None, *, csrf: bool = False) -> Client:
    """A person of that role, signed in on the web pages."""
    client = Client(enforce_csrf_checks=csrf)
    client.force_login(member(f"person-{role}-{User.objects.count()}", role))
    return client


@dataclass(frozen=True, kw_only=True)
class World:
    """One row of each noun."""

    hardware: HardwareProfile
    price: Price
    tariffs: "Tariffs"
    target: TrafficTarget
    profile: TrafficProfile
    measured: measured_run.Measured
    journey: Journey
    claim: Claim
    rate: ExchangeRate
    estimate: Estimate


@dataclass(frozen=True, kw_only=True)
class Tariffs:
    """What is rented by use, and what developers cost."""

    container: ContainerPrice
    function: FunctionPrice
    line: LinePrice
    rate: DeveloperRate
    migration: MigrationCase


@pytest.fixture
def plan(db: None) -> BenchmarkPlan:
    """A plan of three registered stacks that nothing was measured of."""
    return measured_run.register()


@pytest.fixture
def price(db: None) -> Price:
    """Something to rent."""
    return priced(machine())


@pytest.fixture
def standing(price: Price) -> TrafficTarget:
    """Something to ask for."""
    return standing_example()


def standing_example() -> TrafficTarget:
    return TrafficTarget.objects.create(name="Ten million", requests_per_day=Decimal(10_000_000), standing=True)


@pytest.fixture(scope="module")
def kept_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """All of it, a measured run and an estimate: made once for the tests of a file, each rolled back to it."""
    with kept(django_db_blocker):
        yield a_world(priced(machine()), standing_example())


@pytest.fixture
def world(db: None, kept_world: World) -> World:
    """The same, in rows of one's own; not in a file whose tests ask for `price` or `standing` beside it."""
    return deepcopy(kept_world)


@pytest.fixture
def fresh_world(price: Price, standing: TrafficTarget) -> World:
    """The same made anew, for files whose other tests start from less."""
    return a_world(price, standing)


def a_world(price: Price, standing: TrafficTarget) -> World:
    measured = measured_run.measure()
    return World(
        hardware=price.hardware,
        price=price,
        tariffs=tariffs(),
        target=standing,
        profile=a_week(),
        measured=measured,
        journey=a_journey(),
        claim=a_claim(),
        rate=a_rate(),
        estimate=signed_off(frozen()),
    )


def tariffs() -> Tariffs:
    """A row of each; of another provider than the machines, so that no projection changes."""
    said = {"provider": "test", "region": "nowhere", "source": "a price list", "as_of": date(2026, 11, 1)}
    rate = DeveloperRate.objects.create(name="Anybody", hourly_low=25, hourly_high=40, source="pay roll")
    stacks = {"from_stack": Stack.objects.get(slug="flask"), "to_stack": Stack.objects.get(slug="fastapi")}
    return Tariffs(
        container=ContainerPrice.objects.create(
            **said, name="Containers", vcpu_hour=Decimal("0.04"), gib_hour=Decimal("0.004"), sizes="1:2-8/1"
        ),
        function=FunctionPrice.objects.create(
            **said, name="Functions", per_million_requests=Decimal("0.2"), gib_second=Decimal("0.00002"), sizes="1024:1"
        ),
        line=LinePrice.objects.create(**said, name="Disk", line="disk", unit="GB-month", unit_price=Decimal("0.08")),
        rate=rate,
        migration=MigrationCase.objects.create(
            name="Admin", hours_low=80, hours_high=160, rate=rate, source="us", **stacks
        ),
    )


def a_rate(**fields: Any) -> ExchangeRate:
    """A euro in dollars."""
    values = {"base": "EUR", "quote": "USD", "rate": Decimal("1.25"), "as_of": date(2026, 11, 1)}
    return ExchangeRate.objects.create(**{**values, "source": "a central bank", **fields})


def a_week(name: str = "Evenings") -> TrafficProfile:
    """Twice the traffic in the last four hours of each day."""
    hourly = ([1.0] * 20 + [2.0] * 4) * 7
    return TrafficProfile.objects.create(name=name, hourly=hourly, source="a log", as_of=date(2026, 11, 1))


def a_claim(**fields: Any) -> Claim:
    """A published rate, in a set of its own."""
    values = {"claim_id": "rps", "topic": "speed", "metric": "requests per second", "low": 4200, "high": 4200}
    values |= {"unit": "req/s", "check_by": "throughput", "stack": "fastapi", "workload": "user_lookup", "cores": 8}
    claim_set = ClaimSet.objects.create(name="A blog", source="a blog of 2026")
    return Claim.objects.create(**{**values, "claim_set": claim_set, **fields})


def a_journey() -> Journey:
    return write_journey(
        Journey(name="Browse", slug="browse"),
        changes={"steps": [{"workload": Workload.objects.get(slug="user_lookup"), "weight": 1}]},
    )


def machine(name: str = "m7i.large", **fields: Any) -> HardwareProfile:
    values = {"provider": "aws", "vcpus": 2, "memory_mib": 8192, "vcpu_kind": "hyperthread", "reference": True}
    return HardwareProfile.objects.create(
        **{**values, "name": name, "source": "a price list", "as_of": date(2026, 11, 1), **fields}
    )


def priced(hardware: HardwareProfile, hourly: str = "0.1008", **fields: Any) -> Price:
    values = {"region": "us-east-1", "currency": "USD", "source": "a price list", "as_of": date(2026, 11, 1)}
    return Price.objects.create(**{**values, "hardware": hardware, "hourly": Decimal(hourly), **fields})


def frozen(title: str = "Budget 2027", target_name: str = "Ten million", **fields: Any) -> Estimate:
    """An estimate of the standing example on the newest measurements; fields of the target change the example."""
    changes = {
        name: fields.pop(name)
        for name in list(fields)
        if name in Traffic.__dataclass_fields__ and name != "cost_centre"
    }
    content = frozen_json(cost_report(target=Traffic(name=target_name, **changes)))
    return freeze_estimate(title=title, target_name=target_name, content=content, created_by=None, **fields)


def signed_off(estimate: Estimate) -> Estimate:
    """With an approval, and a link that shows it."""
    by = User.objects.create_user("second-pair-of-eyes")
    approve_estimate(estimate=estimate, by=by)
    share_estimate(estimate=estimate, by=by)
    return estimate


def refrozen(estimate: Estimate) -> Estimate:
    """An estimate whose hash fits what a test made of it."""
    estimate.content_hash = content_hash(estimate)
    return estimate


def newest_run() -> Run:
    return Run.objects.latest("id")
