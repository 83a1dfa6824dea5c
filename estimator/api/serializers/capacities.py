"""What a capacity looks like: the schema of what `queries.capacity_json` returns."""

from typing import Any

from rest_framework import serializers


class RateSerializer(serializers.Serializer[Any]):
    """A measured figure with the ends of its 80 % interval; null where the objective is below what was measured."""

    p10 = serializers.FloatField(allow_null=True)
    p50 = serializers.FloatField(allow_null=True)
    p90 = serializers.FloatField(allow_null=True)


class LocustSerializer(serializers.Serializer[Any]):
    """What the second engine saw at half of the capacity."""

    offered_rps = serializers.FloatField(allow_null=True)
    achieved_rps = serializers.FloatField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # a field, not the property
    p99_ms = serializers.FloatField(allow_null=True)
    open_loop_achieved_rps = serializers.FloatField(allow_null=True, required=False, help_text="At the same rate.")
    open_loop_p99_ms = serializers.FloatField(allow_null=True, required=False)


class CrowdSerializer(serializers.Serializer[Any]):
    """A closed loop of hundreds of connections, as published load tests have it; it decides nothing."""

    achieved_rps = serializers.FloatField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # a field, not the property
    p50_ms = serializers.FloatField(allow_null=True)
    p99_ms = serializers.FloatField(allow_null=True)


class ConfirmationSerializer(serializers.Serializer[Any]):
    """One window at the capacity that all blocks tell, beside `objective_p99_ms`; what contradicts it is a warning."""

    offered_rps = serializers.FloatField(allow_null=True)
    p99_ms = serializers.FloatField(allow_null=True)
    utilisation = serializers.FloatField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # a field, not the property


class MeasuredSerializer(serializers.Serializer[Any]):
    """One stack under one workload: figures when `valid`, else the reasons why there are none."""

    stack = serializers.CharField()
    title = serializers.CharField()
    position = serializers.IntegerField(help_text="Where the stack stands among all, from 1.")
    workload = serializers.CharField()
    run = serializers.CharField()
    valid = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())
    objective_p99_ms = serializers.FloatField(required=False)
    capacity_rps = RateSerializer(required=False, allow_null=True)
    knee_utilisation = serializers.FloatField(required=False, allow_null=True)
    service_demand_ms = serializers.FloatField(required=False, help_text="App CPU per request.")
    service_demand_range_ms = RateSerializer(required=False, help_text="The same, in ms, with its 80 % interval.")
    database_demand_ms = serializers.FloatField(required=False, help_text="Database CPU per request.")
    saturation_rps = serializers.FloatField(required=False, allow_null=True)
    cpu_bound = serializers.BooleanField(required=False)
    disturbed = serializers.BooleanField(required=False, help_text="Windows stayed void; the interval is widened.")
    blocks = serializers.IntegerField(required=False)
    indicative = serializers.BooleanField(required=False, help_text="One block: its spread is a stated prior.")
    memory_mib = serializers.FloatField(required=False, allow_null=True, help_text="p95 under load, all workers.")
    idle_memory_mib = serializers.FloatField(required=False, allow_null=True)
    memory_peak_mib = serializers.FloatField(required=False, allow_null=True, help_text="Highest, warm-up included.")
    memory_slope_mib_s = serializers.FloatField(required=False, allow_null=True, help_text="Growth under load.")
    cold_start_s = serializers.FloatField(required=False, allow_null=True, help_text="The fastest block's.")
    cold_start_median_s = serializers.FloatField(required=False, allow_null=True)
    cold_starts_s = serializers.ListField(
        child=serializers.FloatField(), required=False, help_text="Spawn to first right answer, one for each block."
    )
    windows = serializers.IntegerField(required=False, help_text="Void ones included.")
    void_windows = serializers.IntegerField(required=False)
    locust = LocustSerializer(required=False, allow_null=True)
    crowd = CrowdSerializer(required=False)
    confirmation = ConfirmationSerializer(required=False)


class CapacitySerializer(MeasuredSerializer):
    """A measured stack with the id of its capacity."""

    id = serializers.IntegerField()
