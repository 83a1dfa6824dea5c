"""The audit, read only."""

from estimator.api.serializers.base import RowSerializer
from estimator.models import AuditEntry


class AuditEntrySerializer(RowSerializer):
    """Who did what, when, by what right and from where. Entries are only ever added."""

    class Meta:
        model = AuditEntry
        fields = ["id", "at", "actor", "through", "verb", "noun", "object_id", "label", "detail", "address"]
        read_only_fields = fields
