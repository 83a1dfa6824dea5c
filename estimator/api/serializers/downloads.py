"""What a run's raw JSON file looks like: the schema of what `exports.run_windows.json_chunks` writes."""

from typing import Any

from rest_framework import serializers

from estimator.exports.run_windows import FIELDS


class FormatSerializer(serializers.Serializer[Any]):
    """Which file this is; fields are only ever added to a version."""

    name = serializers.CharField()
    version = serializers.IntegerField()


class RawRunSerializer(serializers.Serializer[Any]):
    """The run, its specification as it was asked for, and the host it ran on."""

    id = serializers.IntegerField()
    plan = serializers.CharField()
    state = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    spec: Any = serializers.JSONField()
    host = serializers.CharField(allow_null=True)
    host_facts: Any = serializers.JSONField()


class RawTrialSerializer(serializers.Serializer[Any]):
    """One stack under one workload in one block: a fresh process."""

    stack = serializers.CharField()
    title = serializers.CharField()
    workload = serializers.CharField()
    block = serializers.IntegerField(help_text=FIELDS["block"])
    attempt = serializers.IntegerField(help_text=FIELDS["attempt"])
    counted = serializers.BooleanField(help_text=FIELDS["counted"])
    finished = serializers.BooleanField()
    failure = serializers.CharField(allow_blank=True)
    warnings = serializers.ListField(child=serializers.CharField())
    cold_start_s = serializers.FloatField(allow_null=True, help_text=FIELDS["cold_start_s"])
    idle_memory_mib = serializers.FloatField(allow_null=True, help_text=FIELDS["idle_memory_mib"])
    versions: Any = serializers.JSONField()
    settings: Any = serializers.JSONField(help_text="The server's set-up as it ran; empty where none was recorded.")


class RawWindowsSerializer(serializers.Serializer[Any]):
    """The whole file. `fields` says what each name in `windows` means, and its unit."""

    format = FormatSerializer()
    fields: Any = serializers.DictField(child=serializers.CharField())
    run = RawRunSerializer()
    trials = RawTrialSerializer(many=True)
    windows = serializers.ListField(child=serializers.JSONField(), help_text="As `fields` describes them.")
