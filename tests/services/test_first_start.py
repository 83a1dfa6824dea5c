"""The first start makes what is missing; every later one leaves what people did as it is."""

import stat
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from pytest_django import Settings

from estimator.catalogue.loader import load_catalogue
from estimator.models import BenchmarkPlan, HardwareProfile, Price, Stack, TrafficTarget, Workload
from estimator.services import first_start
from estimator.services.errors import Refused
from estimator.services.setups import setups_of
from tests.catalogue.few_types import reference_catalogue
from tests.catalogue.shipped import shipped_catalogue
from tests.services.benchmark_cast import a_stack, in_threads

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path / "var"
    settings.ADMIN_PASSWORD = ""
    return tmp_path / "var"


def set_up(*, whole_catalogue: bool = False) -> str:
    """What the command prints; with the reference types only where the catalogue is not the point."""
    out = StringIO()
    with pytest.MonkeyPatch.context() as patch:
        if not whole_catalogue:
            patch.setattr("estimator.management.commands.set_up.read_catalogue", reference_catalogue)
        call_command("set_up", stdout=out)
    return out.getvalue()


def stack(slug: str, *, active: bool = True, workload: str = "user_lookup") -> Stack:
    made = Stack.objects.create(slug=slug, title=slug, framework=slug, server="s", folder=slug, active=active)
    made.workloads.add(Workload.objects.get_or_create(slug=workload, defaults={"title": workload})[0])
    return made


def test_the_first_start_makes_roles_targets_catalogue_and_one_superuser() -> None:
    set_up(whole_catalogue=True)

    assert Group.objects.count() == 4
    assert TrafficTarget.objects.count() == 4
    assert HardwareProfile.objects.count() == len(shipped_catalogue().hardware)
    assert Price.objects.count() == len(shipped_catalogue().prices)
    assert [user.username for user in User.objects.filter(is_superuser=True, is_staff=True)] == ["admin"]


def test_the_standing_example_is_the_one_that_is_documented() -> None:
    set_up()

    standing = TrafficTarget.objects.get(standing=True)
    assert standing.requests_per_day == Decimal(10_000_000)
    assert (standing.peak_to_mean, standing.slo_p99_ms, standing.headroom) == (1.7, 100.0, 0.25)
    assert (standing.zones, standing.survive_zone_loss, standing.minimum_instances) == (3, True, 3)
    assert (standing.currency, standing.region) == ("USD", "")
    standing.full_clean()


def test_the_other_targets_differ_from_the_standing_one_in_traffic_alone() -> None:
    set_up()

    varying = {"id", "name", "requests_per_day", "standing"}
    rest = [
        {name: value for name, value in row.items() if name not in varying} for row in TrafficTarget.objects.values()
    ]
    assert all(row == rest[0] for row in rest)
    assert sorted(TrafficTarget.objects.values_list("requests_per_day", flat=True)) == [10**5, 10**7, 10**8, 10**9]


def test_the_generated_password_is_kept_in_a_private_file_and_never_printed(var_folder: Path) -> None:
    printed = set_up()

    file = var_folder / "admin-password"
    password = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert User.objects.get(username="admin").check_password(password)
    assert password not in printed
    assert str(file) in printed


def test_a_deployment_may_give_the_password_and_then_no_file_is_written(var_folder: Path, settings: Settings) -> None:
    settings.ADMIN_PASSWORD = "a-long-deployment-secret"

    printed = set_up()

    assert User.objects.get(username="admin").check_password("a-long-deployment-secret")
    assert "a-long-deployment-secret" not in printed
    assert not (var_folder / "admin-password").exists()


def test_a_weak_given_password_is_refused_with_the_remedy(settings: Settings) -> None:
    settings.ADMIN_PASSWORD = "admin"

    with pytest.raises(CommandError, match=r"too short.*Set ADMIN_PASSWORD to another one"):
        set_up()

    assert not User.objects.exists()


def test_a_start_at_which_nothing_is_left_to_do_says_nothing() -> None:
    assert "prices" in set_up()

    assert set_up() == ""


def test_no_user_is_made_where_a_superuser_exists(var_folder: Path) -> None:
    User.objects.create_superuser("root-of-all", password="x")

    set_up()

    assert not User.objects.filter(username="admin").exists()
    assert not (var_folder / "admin-password").exists()


def test_a_demoted_admin_is_not_made_a_superuser_again() -> None:
    User.objects.create_user("admin")

    set_up()

    assert not User.objects.filter(is_superuser=True).exists()


def test_the_password_that_a_person_chose_survives_the_next_start() -> None:
    set_up()
    user = User.objects.get(username="admin")
    user.set_password("chosen by a person")
    user.save()

    set_up()

    assert User.objects.get(username="admin").check_password("chosen by a person")


def test_a_target_that_a_person_changed_renamed_or_deleted_stays_so() -> None:
    set_up()
    standing, small, large, _ = TrafficTarget.objects.order_by("-standing", "requests_per_day")
    standing.headroom = 0.5
    standing.save()
    small.name = "Our intranet"
    small.save()
    large.delete()

    set_up()

    assert TrafficTarget.objects.get(standing=True).headroom == 0.5
    assert not TrafficTarget.objects.filter(name="100k requests/day").exists()
    assert TrafficTarget.objects.count() == 3


def test_the_shipped_example_does_not_displace_a_standing_target_of_the_users() -> None:
    TrafficTarget.objects.create(name="Ours", requests_per_day=5, standing=True)

    set_up()

    assert TrafficTarget.objects.get(standing=True).name == "Ours"


def plans() -> dict[str, BenchmarkPlan]:
    first_start.ensure_shipped_plans()
    return {plan.name: plan for plan in BenchmarkPlan.objects.all()}


def test_the_default_plan_measures_the_three_frameworks_under_the_headline_workload() -> None:
    for slug in ("fastapi", "flask", "django", "quart"):
        stack(slug)
    stack("retired", active=False)

    plan = plans()[first_start.DEFAULT_PLAN]

    assert {one.slug for one in plan.stacks.all()} == {"fastapi", "flask", "django"}
    assert [one.slug for one in plan.workloads.all()] == ["user_lookup"]
    assert plan.profile == "quick"


def test_the_default_plan_measures_whatever_there_is_when_none_of_the_three_is() -> None:
    stack("quart")
    stack("json-only", workload="json")

    assert [one.slug for one in plans()[first_start.DEFAULT_PLAN].stacks.all()] == ["quart"]


def test_one_shipped_plan_measures_everything_that_is_served() -> None:
    stack("quart")
    stack("json-only", workload="json")
    stack("retired", active=False, workload="forgotten")

    plan = plans()["Every stack, every workload"]

    assert {one.slug for one in plan.stacks.all()} == {"quart", "json-only"}
    assert {one.slug for one in plan.workloads.all()} == {"user_lookup", "json"}


def test_there_is_no_shipped_plan_before_there_are_stacks() -> None:
    assert plans() == {}
    stack("fastapi")
    assert set(plans()) == {shipped.name for shipped in first_start.SHIPPED_PLANS if not shipped.tries}


def test_a_shipped_plan_keeps_what_a_person_changed_and_stays_deleted() -> None:
    stack("fastapi")
    plan = plans()[first_start.DEFAULT_PLAN]
    plan.profile = "rigorous"
    plan.save()
    stack("flask")

    again = plans()[first_start.DEFAULT_PLAN]
    assert (again.profile, again.stacks.count()) == ("rigorous", 1)

    again.delete()
    assert first_start.DEFAULT_PLAN not in plans()


def test_a_second_first_user_is_not_made() -> None:
    assert first_start.create_first_user(password="a-long-enough-secret")
    assert not first_start.create_first_user(password="another-long-secret")
    assert User.objects.count() == 1


def test_a_weak_first_password_is_refused() -> None:
    with pytest.raises(Refused, match="too short"):
        first_start.create_first_user(password="short")


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_start_at_once_make_everything_once() -> None:
    outcomes = in_threads(*[_start] * 2)

    assert sorted(outcomes) == [False, True]  # who made the first user
    assert (TrafficTarget.objects.count(), Group.objects.count(), User.objects.count()) == (4, 4, 1)


def _start() -> bool:
    first_start.ensure_first_rows()
    load_catalogue(reference_catalogue())
    return first_start.create_first_user(password="a-long-enough-secret")


def test_the_shipped_search_tunes_flask_where_its_command_can_be_tuned_and_nothing_else() -> None:
    name = "Flask, workers x threads"
    a_stack("flask")
    assert name not in plans()
    Stack.objects.filter(slug="flask").update(tunable=["threads", "workers"], settings={"workers": 1, "threads": 8})
    plan = plans()[name]

    assert [setup.suffix for setup in setups_of(plan)] == ["w1-t8", "w1-t4", "w1-t16", "w2-t4", "w2-t8", "w2-t16"]
    assert (plan.profile, [one.slug for one in plan.workloads.all()]) == ("quick", ["user_lookup"])
