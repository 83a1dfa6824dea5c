"""Default deny: a person needs the role's permission; a key needs the scope, and an owner with that role."""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from estimator.api.authentication import person
from estimator.models import ApiKey
from estimator.models.access import Scope

if TYPE_CHECKING:  # REST framework loads these defaults while its own views load
    from rest_framework.views import APIView

_ACTIONS = {
    "GET": "view",
    "HEAD": "view",
    "OPTIONS": "view",
    "POST": "add",
    "PUT": "change",
    "PATCH": "change",
    "DELETE": "delete",
}


def scopes_for(view: "APIView", method: str) -> tuple[Scope, ...]:
    """Any of these will do."""
    if method not in SAFE_METHODS:
        return (getattr(view, "write_scope", Scope.RUN),)
    return (Scope.READ, Scope.EXPORT) if getattr(view, "is_export", False) else (Scope.READ,)


class ScopeOrRole(BasePermission):
    """Views name the rows they stand for (`noun = "run"`); views without a noun are open to whoever is known."""

    message = "This needs a key or a signed-in session."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the key's scopes, or the person's roles, allow the method here."""
        method = str(request.method)
        if not request.user.is_authenticated:
            return False
        if method not in view.allowed_methods:
            return True  # answered with 405, which says more than 403
        if getattr(view, "only_reads", False):
            method = "GET"  # whatever it is sent with
        if isinstance(request.auth, ApiKey) and not self._has_scope(request.auth, scopes_for(view, method)):
            return False
        return self._has_role(request, getattr(view, "noun", None), _ACTIONS[method])

    def _has_scope(self, key: ApiKey, wanted: tuple[Scope, ...]) -> bool:
        if key.export_only:
            self.message = f"API key {key.prefix} fetches the files of estimates and nothing else; ask for another key."
        else:
            missing = f"API key {key.prefix} lacks the scope {wanted[0].value!r}"
            self.message = f"{missing}; ask an administrator for a key with it."
        return not set(wanted).isdisjoint(key.scopes)

    def _has_role(self, request: Request, noun: str | None, action: str) -> bool:
        """A key never does what its owner may not: who loses a role loses it in every key."""
        whose = "The role of this key's owner" if request.auth else "Your role"
        self.message = f"{whose} may not {action} a {noun}; ask an administrator for one that may."
        return noun is None or person(request).has_perm(f"estimator.{action}_{noun}")
