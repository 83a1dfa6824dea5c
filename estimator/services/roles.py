"""Roles: who may see and change what, as Django groups and permissions."""

from collections.abc import Mapping
from types import MappingProxyType

from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet

VIEWER, ANALYST, OPERATOR, ADMIN = "viewer", "analyst", "operator", "admin"

_EDIT = ("add", "change", "delete")
# A person asks for a run and cancels it with `add_run`; nobody edits a run or an estimate.
# `delete_estimateshare` revokes a link; approving is for administrators, and whom they grant it.
_MAY_ALSO: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        VIEWER: {},
        ANALYST: {
            "traffictarget": _EDIT,
            "claimset": _EDIT,
            "claim": _EDIT,
            "trafficprofile": _EDIT,
            "estimate": ("add",),
            "estimateshare": ("add", "delete"),
            "developerrate": _EDIT,
            "migrationcase": _EDIT,
        },
        OPERATOR: {"benchmarkplan": _EDIT, "journey": _EDIT, "journeystep": _EDIT, "run": ("add",)},
    }
)
_ROLES = (*_MAY_ALSO, ADMIN)
_NOT_FOR_ALL = ("apikey", "auditentry")  # who holds which key, and who did what, is the administrators' business


def ensure_roles() -> None:
    """Make the four groups, and give them their permissions once for each model.

    What an administrator grants or withdraws later stays as it is: only a model that no role knows yet, because this
    version brought it, is granted again.
    """
    known, before = _known_models(), set(_roles().values_list("name", flat=True))
    Group.objects.bulk_create([Group(name=role) for role in _ROLES if role not in before], ignore_conflicts=True)
    permissions = list(
        Permission.objects.values_list("pk", "codename", "content_type__app_label", "content_type__model")
    )
    granted = [
        Group.permissions.through(group_id=group, permission_id=key)
        for group, role in _roles().values_list("pk", "name")
        for key, codename, app, model in permissions
        if _holds(role, codename, app, model) and (role not in before or (app, model) not in known)
    ]
    Group.permissions.through.objects.bulk_create(granted, ignore_conflicts=True)


def _roles() -> QuerySet[Group]:
    return Group.objects.filter(name__in=_ROLES)


def _known_models() -> set[tuple[str, str]]:
    held = Permission.objects.filter(group__name__in=_ROLES).distinct()
    return set(held.values_list("content_type__app_label", "content_type__model").order_by())


def _holds(role: str, codename: str, app: str, model: str) -> bool:
    if role == ADMIN:
        return True
    if app != "estimator" or model in _NOT_FOR_ALL:
        return False
    action = codename.partition("_")[0]
    return action == "view" or action in _MAY_ALSO[role].get(model, ())
