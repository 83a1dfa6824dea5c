"""What there is to rent, to measure and to ask for: hardware, prices, stacks, workloads, traffic targets."""

from estimator.api import filters
from estimator.api.serializers.exchange import ExchangeRateSerializer
from estimator.api.serializers.hardware import HardwareProfileSerializer, PriceSerializer
from estimator.api.serializers.stacks import StackSerializer, WorkloadSerializer
from estimator.api.serializers.traffic import TrafficProfileSerializer, TrafficTargetSerializer
from estimator.api.views.base import Rows, WritableRows
from estimator.models import ExchangeRate, HardwareProfile, Price, Stack, TrafficTarget, Workload
from estimator.models.profiles import TrafficProfile
from estimator.services.targets import delete_target, save_target


class HardwareProfiles(Rows):
    """Machine types that can be rented, and registered benchmark hosts."""

    noun = "hardwareprofile"
    queryset = HardwareProfile.objects.all()
    serializer_class = HardwareProfileSerializer
    filterset_class = filters.HardwareFilter


class Prices(Rows):
    """Dated, sourced prices."""

    noun = "price"
    queryset = Price.objects.select_related("hardware")
    serializer_class = PriceSerializer
    filterset_class = filters.PriceFilter


class ExchangeRates(Rows):
    """Dated, sourced exchange rates; a projection in another currency names the ones it used."""

    noun = "exchangerate"
    queryset = ExchangeRate.objects.all()
    serializer_class = ExchangeRateSerializer
    filterset_class = filters.ExchangeRateFilter


class Stacks(Rows):
    """Systems under test, by slug."""

    noun = "stack"
    queryset = Stack.objects.prefetch_related("workloads")
    serializer_class = StackSerializer
    filterset_class = filters.StackFilter
    lookup_field = "slug"


class Workloads(Rows):
    """Kinds of request, by slug."""

    noun = "workload"
    queryset = Workload.objects.all()
    serializer_class = WorkloadSerializer
    filterset_class = filters.WorkloadFilter
    lookup_field = "slug"


class TrafficProfiles(Rows):
    """How traffic spreads over the hours of a week, shipped and uploaded."""

    noun = "trafficprofile"
    queryset = TrafficProfile.objects.all()
    serializer_class = TrafficProfileSerializer
    filterset_class = filters.ProfileFilter


class TrafficTargets(WritableRows):
    """Traffic to be priced."""

    noun = "traffictarget"
    queryset = TrafficTarget.objects.all()
    serializer_class = TrafficTargetSerializer
    filterset_class = filters.TargetFilter
    save = staticmethod(save_target)
    remove = staticmethod(delete_target)
