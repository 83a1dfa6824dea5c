"""Shipped migrations and rates: there once, a person's afterwards."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from estimator.models import DeveloperRate, MigrationCase, Stack
from estimator.queries.migrations import migration_cases
from estimator.services.migrations import ARTICLE, ensure_shipped_migrations

pytestmark = pytest.mark.django_db


def stack(slug: str) -> Stack:
    return Stack.objects.create(slug=slug, title=slug.title(), framework=slug, server="s", folder=slug)


@pytest.fixture
def shipped() -> MigrationCase:
    stack("django")
    stack("fastapi")
    ensure_shipped_migrations()
    return MigrationCase.objects.get()


def test_shipped_ranges_are_the_articles_and_say_so(shipped: MigrationCase) -> None:
    (case,) = migration_cases()

    assert (case.from_stack, case.to_stack) == ("django", "fastapi")
    assert (case.hours.low, case.hours.high) == (Decimal(80), Decimal(160))
    assert (case.rate.low, case.rate.high, case.currency) == (Decimal(25), Decimal(40), "USD")
    assert case.source == ARTICLE


def test_every_framework_of_the_question_has_a_rate(shipped: MigrationCase) -> None:
    rates = {rate.name: (rate.hourly_low, rate.hourly_high) for rate in DeveloperRate.objects.all()}

    assert rates["FastAPI developer"] == (Decimal(25), Decimal(40))
    assert rates["Flask developer"] == rates["Django developer"] == (Decimal(20), Decimal(35))


def test_without_its_stacks_a_case_waits_for_them() -> None:
    ensure_shipped_migrations()
    assert not MigrationCase.objects.exists()

    stack("django")
    stack("fastapi")
    ensure_shipped_migrations()

    assert MigrationCase.objects.count() == 1


def test_what_a_person_deleted_or_changed_stays_so(shipped: MigrationCase) -> None:
    shipped.delete()
    rate = DeveloperRate.objects.get(name="Flask developer")
    rate.hourly_high = Decimal(90)
    rate.save()

    ensure_shipped_migrations()

    assert not MigrationCase.objects.exists()
    assert DeveloperRate.objects.get(name="Flask developer").hourly_high == 90


def test_two_sources_are_both_told(shipped: MigrationCase) -> None:
    shipped.source = "our own estimate"
    shipped.save()

    assert migration_cases()[0].source == f"our own estimate; {ARTICLE}"


def test_ranges_out_of_order_are_refused_with_the_remedy(shipped: MigrationCase) -> None:
    shipped.hours_high = Decimal(1)
    with pytest.raises(ValidationError, match="enter both above 0"):
        shipped.full_clean()

    shipped.rate.hourly_low = Decimal(100)
    with pytest.raises(ValidationError, match="enter both above 0"):
        shipped.rate.full_clean()


def test_a_migration_to_the_same_stack_is_refused(shipped: MigrationCase) -> None:
    shipped.to_stack = shipped.from_stack

    with pytest.raises(ValidationError, match="choose another one to move to"):
        shipped.full_clean()
