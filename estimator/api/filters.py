"""What each list can be narrowed by; a value that cannot be is refused, not ignored."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet, TextChoices

from estimator.domain.measuring.workload import PROFILES, StepKind
from estimator.models import (
    AuditEntry,
    BenchmarkPlan,
    Claim,
    Estimate,
    EstimateApproval,
    EstimateShare,
    ExchangeRate,
    HardwareProfile,
    Journey,
    Price,
    Run,
    RunState,
    Stack,
    Term,
    TrafficTarget,
    TrialRecord,
    WindowRecord,
    Workload,
)
from estimator.models.audit import Verb
from estimator.models.hardware import CrossCheck
from estimator.models.profiles import TrafficProfile
from estimator.queries.estimates import with_approval


class _TrueOrFalse(forms.Field):
    def to_python(self, value: Any) -> bool | None:
        """The stock field takes anything else for 'not given'."""
        if value in (None, ""):
            return None
        if str(value) not in ("true", "false"):
            raise forms.ValidationError("Give true or false.")
        return str(value) == "true"


class FlagFilter(django_filters.BooleanFilter):  # type: ignore[misc]
    """`true` or `false`."""

    field_class = _TrueOrFalse

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, widget=forms.TextInput, **options)


class WholeFilter(django_filters.NumberFilter):  # type: ignore[misc]
    """A whole number."""

    field_class = forms.IntegerField


def _choice(values: Any, **options: Any) -> django_filters.ChoiceFilter:
    names = [str(value) for value in values]
    message = {"invalid_choice": f"This is none of: {', '.join(names)}; give one of them."}
    return django_filters.ChoiceFilter(choices=[(name, name) for name in names], error_messages=message, **options)


def _term(kind: type[TextChoices], **options: Any) -> django_filters.ChoiceFilter:
    return _choice(kind.values, **options)


class _Filters(django_filters.FilterSet):  # type: ignore[misc]
    """The package has no types."""


class HardwareFilter(_Filters):
    """Machine types by provider, size and kind."""

    vcpus = WholeFilter()
    vcpus_min = WholeFilter(field_name="vcpus", lookup_expr="gte")
    vcpus_max = WholeFilter(field_name="vcpus", lookup_expr="lte")
    memory_mib_min = WholeFilter(field_name="memory_mib", lookup_expr="gte")
    memory_mib_max = WholeFilter(field_name="memory_mib", lookup_expr="lte")
    burstable = FlagFilter()
    reference = FlagFilter()

    class Meta:
        model = HardwareProfile
        fields = ["provider", "name", "architecture"]


class PriceFilter(_Filters):
    """Prices by what they are for, where and how long they bind."""

    hardware = WholeFilter(field_name="hardware_id", label="Id of a hardware profile.")
    provider = django_filters.CharFilter(field_name="hardware__provider")
    hardware_name = django_filters.CharFilter(field_name="hardware__name")
    term = _term(Term)
    cross_check = _term(CrossCheck)
    as_of_after = django_filters.DateFilter(field_name="as_of", lookup_expr="gte", label="This day or later.")

    class Meta:
        model = Price
        fields = ["region", "currency"]


class ExchangeRateFilter(_Filters):
    """Rates by pair and day."""

    as_of_after = django_filters.DateFilter(field_name="as_of", lookup_expr="gte", label="This day or later.")

    class Meta:
        model = ExchangeRate
        fields = ["base", "quote"]


class TargetFilter(_Filters):
    """Targets by name and owner."""

    standing = FlagFilter()

    class Meta:
        model = TrafficTarget
        fields = ["name", "cost_centre", "region", "currency"]


class ProfileFilter(_Filters):
    """Weeks by name, and by whether somebody assumed them."""

    assumed = FlagFilter()

    class Meta:
        model = TrafficProfile
        fields = ["name"]


class StackFilter(_Filters):
    """Stacks by their parts."""

    workload = django_filters.CharFilter(field_name="workloads__slug", label="Slug of a workload that it serves.")
    active = FlagFilter()

    class Meta:
        model = Stack
        fields = ["slug", "framework", "server"]


class WorkloadFilter(_Filters):
    """Workloads by name."""

    class Meta:
        model = Workload
        fields = ["slug"]


class JourneyFilter(_Filters):
    """Journeys by name, and by what they consist of."""

    part = django_filters.CharFilter(
        field_name="steps__workload__slug", label="Slug of a workload that is a part of it."
    )

    class Meta:
        model = Journey
        fields = ["name", "slug"]


class PlanFilter(_Filters):
    """Plans by what they measure."""

    stack = django_filters.CharFilter(field_name="stacks__slug", label="Slug of a stack.")
    workload = django_filters.CharFilter(field_name="workloads__slug", label="Slug of a workload.")
    profile = _choice(PROFILES)

    class Meta:
        model = BenchmarkPlan
        fields = ["name"]


class CreatedFilter(_Filters):
    """Rows by when they were made; a time without an offset is UTC."""

    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")


class RunFilter(CreatedFilter):
    """Runs by plan, state and time."""

    plan = WholeFilter(field_name="plan_id", label="Id of a plan.")
    state = _term(RunState)
    host = django_filters.CharFilter(field_name="host__name", label="Name of a benchmark host.")

    class Meta:
        model = Run
        fields: list[str] = []


class WindowFilter(_Filters):
    """Windows by where they were recorded."""

    run = WholeFilter(field_name="trial__run_id", label="Id of a run.")
    block = WholeFilter(field_name="trial__block")
    stack = django_filters.CharFilter(field_name="trial__stack__slug", label="Slug of a stack.")
    workload = django_filters.CharFilter(field_name="trial__workload__slug", label="Slug of a workload.")
    kind = _choice(StepKind)
    void = FlagFilter()

    class Meta:
        model = WindowRecord
        fields: list[str] = []


class EstimateFilter(CreatedFilter):
    """Estimates by what they were made for, when, and whether somebody stands for them."""

    approved = FlagFilter(method="of_approval", label="Whether somebody approved it.")

    class Meta:
        model = Estimate
        fields = ["title", "version", "target_name", "cost_centre", "currency", "budget_status", "content_hash"]

    def of_approval(self, rows: QuerySet[Estimate], _name: str, value: bool) -> QuerySet[Estimate]:
        """Approvals are rows of their own."""
        return with_approval(rows, approved=value)


class EstimateShareFilter(_Filters):
    """Links by what they show."""

    estimate = WholeFilter(field_name="estimate_id", label="Id of an estimate.")
    revoked = FlagFilter(field_name="revoked_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = EstimateShare
        fields: list[str] = []


class EstimateApprovalFilter(_Filters):
    """Approvals by what they are of."""

    estimate = WholeFilter(field_name="estimate_id", label="Id of an estimate.")

    class Meta:
        model = EstimateApproval
        fields: list[str] = []


class ClaimFilter(_Filters):
    """Claims by source, topic and what they are about."""

    claim_set = WholeFilter(field_name="claim_set_id", label="Id of a claim set.")

    class Meta:
        model = Claim
        fields = ["claim_id", "topic", "stack", "workload"]


class AuditFilter(_Filters):
    """Entries by who, what, and when; a time without an offset is UTC."""

    verb = _term(Verb)
    at_after = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    at_before = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = AuditEntry
        fields = ["actor", "through", "noun", "object_id"]


class CapacityFilter(_Filters):
    """Capacities by what they were fitted from."""

    run = WholeFilter(field_name="run_id", label="Id of a run.")
    stack = django_filters.CharFilter(field_name="stack__slug", label="Slug of a stack.")
    workload = django_filters.CharFilter(field_name="workload__slug", label="Slug of a workload.")

    class Meta:
        model = TrialRecord
        fields: list[str] = []
