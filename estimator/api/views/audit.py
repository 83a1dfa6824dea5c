"""The audit, for administrators."""

from estimator.api import filters
from estimator.api.serializers.audit import AuditEntrySerializer
from estimator.api.views.base import Rows
from estimator.models import AuditEntry


class AuditEntries(Rows):
    """Who changed, ran, froze, approved, shared, revoked, imported or exported what. Newest first."""

    noun = "auditentry"
    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    filterset_class = filters.AuditFilter
