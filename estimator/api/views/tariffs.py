"""Prices of what is rented by use, and what developers cost: read here, entered in the admin."""

from estimator.api import tariff_filters as filters
from estimator.api.serializers.developers import DeveloperRateSerializer, MigrationCaseSerializer
from estimator.api.serializers.tariffs import (
    ContainerPriceSerializer,
    FunctionPriceSerializer,
    LinePriceSerializer,
)
from estimator.api.views.base import Rows
from estimator.models import ContainerPrice, DeveloperRate, FunctionPrice, LinePrice, MigrationCase


class ContainerPrices(Rows):
    """Dated, sourced prices of containers."""

    noun = "containerprice"
    queryset = ContainerPrice.objects.all()
    serializer_class = ContainerPriceSerializer
    filterset_class = filters.ContainerPriceFilter


class FunctionPrices(Rows):
    """Dated, sourced prices of functions."""

    noun = "functionprice"
    queryset = FunctionPrice.objects.all()
    serializer_class = FunctionPriceSerializer
    filterset_class = filters.FunctionPriceFilter


class LinePrices(Rows):
    """Dated, sourced prices of databases, load balancers, egress and disks."""

    noun = "lineprice"
    queryset = LinePrice.objects.all()
    serializer_class = LinePriceSerializer
    filterset_class = filters.LinePriceFilter


class DeveloperRates(Rows):
    """What an hour of work costs."""

    noun = "developerrate"
    queryset = DeveloperRate.objects.all()
    serializer_class = DeveloperRateSerializer
    filterset_class = filters.DeveloperRateFilter


class MigrationCases(Rows):
    """What moves from one stack to another take; projections say when they pay back."""

    noun = "migrationcase"
    queryset = MigrationCase.objects.select_related("from_stack", "to_stack")
    serializer_class = MigrationCaseSerializer
    filterset_class = filters.MigrationCaseFilter
