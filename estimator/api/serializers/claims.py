"""What a checked claim looks like: the schema of what `queries.claims.check_json` returns."""

from typing import Any

from rest_framework import serializers

from estimator.domain.claims.values import ClaimVerdict
from estimator.models.claims import CHECK_TITLES


class ClaimIntervalSerializer(serializers.Serializer[Any]):
    """A figure with both ends of its range or of its 95 % interval."""

    low = serializers.FloatField()
    mid = serializers.FloatField()
    high = serializers.FloatField()


class FindingSerializer(serializers.Serializer[Any]):
    """Claim and measurement in one unit; a `ratio` is taken over the stack that `against` names."""

    unit = serializers.CharField()
    against = serializers.CharField(allow_blank=True)
    claimed = ClaimIntervalSerializer()
    ours = ClaimIntervalSerializer()


class CheckedClaimSerializer(serializers.Serializer[Any]):
    """A published figure, ours, and the verdict. `findings` is empty where nothing was measured.

    The verdict rests on the first finding; beside a ratio, the second is the figure itself, of other hardware.
    """

    id = serializers.IntegerField()
    claim_set = serializers.IntegerField(help_text="Id of the set: one source.")
    claim_id = serializers.CharField()
    topic = serializers.CharField()
    subject = serializers.CharField(allow_blank=True)
    metric = serializers.CharField()
    claimed_low = serializers.FloatField(allow_null=True)
    claimed_high = serializers.FloatField(allow_null=True)
    unit = serializers.CharField(allow_blank=True)
    conditions = serializers.CharField(allow_blank=True)
    contradiction = serializers.CharField(allow_blank=True, help_text="What the source says elsewhere against it.")
    check = serializers.ChoiceField(choices=[check.value for check in CHECK_TITLES], help_text="The rule.")
    stack = serializers.CharField(allow_blank=True)
    workload = serializers.CharField(allow_blank=True)
    verdict = serializers.ChoiceField(choices=[verdict.value for verdict in ClaimVerdict])
    ours = serializers.CharField(help_text="Our figure in words, with its interval.")
    findings = FindingSerializer(many=True)
    why = serializers.CharField()
    holds_if = serializers.CharField(allow_blank=True, help_text="The assumption under which the claim would hold.")
    runs = serializers.ListField(child=serializers.CharField())
