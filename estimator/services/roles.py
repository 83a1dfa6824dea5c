"""Roles: who may see and change what, as Django groups and permissions."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from django.contrib.auth.models import Group, Permission

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
_NOT_FOR_ALL = ("apikey",)  # who holds which key is the administrators' business


def ensure_roles() -> None:
    """Make the four groups, and give them their permissions once for each model.

    What an administrator grants or withdraws later stays as it is: only a model that no role knows yet, because this
    version brought it, is granted again.
    """
    known = _known_models()
    for role in (*_MAY_ALSO, ADMIN):
        group, new = Group.objects.get_or_create(name=role)
        granted = (permission for permission in _permissions(role) if new or permission.content_type_id not in known)
        group.permissions.add(*granted)


def _known_models() -> set[int]:
    roles = Permission.objects.filter(group__name__in=[*_MAY_ALSO, ADMIN])
    return set(roles.values_list("content_type_id", flat=True))


def _permissions(role: str) -> Iterable[Permission]:
    if role == ADMIN:
        return Permission.objects.all()
    ours = Permission.objects.filter(content_type__app_label="estimator").exclude(content_type__model__in=_NOT_FOR_ALL)
    return [permission for permission in ours.select_related("content_type") if _holds(role, permission)]


def _holds(role: str, permission: Permission) -> bool:
    action = permission.codename.partition("_")[0]
    return action == "view" or action in _MAY_ALSO[role].get(permission.content_type.model, ())
