"""Who may do what: the matrix that every door relies on."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User

from estimator.services.roles import ADMIN, ANALYST, OPERATOR, VIEWER, ensure_roles

pytestmark = pytest.mark.django_db

EVERYTHING = {"view", "add", "change", "delete"}
# Every model of ours that is not in its role's row below may be looked at and nothing else; keys not even that.
BEYOND_VIEW = {
    VIEWER: {},
    ANALYST: {
        "traffictarget": EVERYTHING,
        "claimset": EVERYTHING,
        "claim": EVERYTHING,
        "trafficprofile": EVERYTHING,
        "estimate": {"view", "add"},
        "developerrate": EVERYTHING,
        "migrationcase": EVERYTHING,
        "estimateshare": {"view", "add", "delete"},
    },
    OPERATOR: {"benchmarkplan": EVERYTHING, "journey": EVERYTHING, "journeystep": EVERYTHING, "run": {"view", "add"}},
}
MODELS = sorted(model._meta.model_name or "" for model in apps.get_app_config("estimator").get_models())


def member_of(role: str) -> User:
    """A user with that role, permissions read afresh."""
    ensure_roles()
    user = User.objects.create_user(f"{role}-person")
    user.groups.add(Group.objects.get(name=role))
    return User.objects.get(pk=user.pk)


def granted(user: User, model: str) -> set[str]:
    return {action for action in EVERYTHING if user.has_perm(f"estimator.{action}_{model}")}


@pytest.mark.parametrize("role", [VIEWER, ANALYST, OPERATOR])
def test_each_role_holds_exactly_its_permissions_on_each_model(role: str) -> None:
    user = member_of(role)

    found = {model: granted(user, model) for model in MODELS}

    expected = {model: BEYOND_VIEW[role].get(model, {"view"}) for model in MODELS}
    assert found == expected | {"apikey": set(), "auditentry": set()}


def test_the_admin_role_holds_every_permission_there_is() -> None:
    user = member_of(ADMIN)

    assert user.get_all_permissions() == {
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Permission.objects.select_related("content_type")
    }


@pytest.mark.parametrize("role", [VIEWER, ANALYST, OPERATOR])
def test_only_administrators_manage_users_and_roles(role: str) -> None:
    user = member_of(role)

    assert not {name for name in user.get_all_permissions() if not name.startswith("estimator.")}


def test_a_second_start_changes_nothing() -> None:
    ensure_roles()
    before = {group.name: set(group.permissions.values_list("pk", flat=True)) for group in Group.objects.all()}

    ensure_roles()

    assert before == {group.name: set(group.permissions.values_list("pk", flat=True)) for group in Group.objects.all()}
    assert set(before) == {VIEWER, ANALYST, OPERATOR, ADMIN}


def test_a_permission_that_an_administrator_withdrew_or_granted_stays_so() -> None:
    ensure_roles()
    analysts = Group.objects.get(name=ANALYST)
    withdrawn = Permission.objects.get(codename="delete_traffictarget")
    extra = Permission.objects.get(codename="change_price")
    analysts.permissions.remove(withdrawn)
    analysts.permissions.add(extra)

    ensure_roles()

    assert withdrawn not in analysts.permissions.all()
    assert extra in analysts.permissions.all()


def test_a_model_that_a_new_version_brings_is_granted_to_the_existing_roles() -> None:
    ensure_roles()
    through = Group.permissions.through.objects
    through.filter(permission__content_type__model="traffictarget").delete()  # as if no role knew it yet

    ensure_roles()

    assert Permission.objects.filter(group__name=ANALYST, codename="change_traffictarget").exists()
    assert Permission.objects.filter(group__name=VIEWER, codename="view_traffictarget").exists()
