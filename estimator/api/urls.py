"""All addresses below /api/v1/. Each works with and without a slash at its end; links have none."""

from typing import Any

from django.urls import URLPattern, path, re_path

from estimator.api.views import (
    audit,
    benchmarks,
    capacities,
    catalogue,
    claims,
    comparisons,
    dictionary,
    documentation,
    downloads,
    estimate_differences,
    estimate_files,
    estimate_shares,
    estimates,
    projections,
    tariffs,
)

app_name = "api"

_READ = {"get": "list"}, {"get": "retrieve"}
_MAKE = {"get": "list", "post": "create"}, {"get": "retrieve"}
_MAKE_AND_END = {"get": "list", "post": "create"}, {"get": "retrieve", "delete": "destroy"}
_WRITE = (
    {"get": "list", "post": "create"},
    {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"},
)


def _both(route: str, view: Any, name: str) -> list[URLPattern]:
    return [path(route, view, name=name), path(f"{route}/", view)]


def _rows(route: str, view: Any, name: str, *, actions: Any = _READ, row: str = "<int:pk>") -> list[URLPattern]:
    of_list, of_row = actions
    listed, one = view.as_view(of_list), view.as_view(of_row)
    return [*_both(route, listed, f"{name}-list"), *_both(f"{route}/{row}", one, name)]


urlpatterns = [
    *_rows("hardware-profiles", catalogue.HardwareProfiles, "hardware-profile"),
    *_rows("prices", catalogue.Prices, "price"),
    *_rows("container-prices", tariffs.ContainerPrices, "container-price"),
    *_rows("function-prices", tariffs.FunctionPrices, "function-price"),
    *_rows("line-prices", tariffs.LinePrices, "line-price"),
    *_rows("developer-rates", tariffs.DeveloperRates, "developer-rate"),
    *_rows("migration-cases", tariffs.MigrationCases, "migration-case"),
    *_rows("exchange-rates", catalogue.ExchangeRates, "exchange-rate"),
    *_rows("stacks", catalogue.Stacks, "stack", row="<slug:slug>"),
    *_rows("workloads", catalogue.Workloads, "workload", row="<slug:slug>"),
    *_rows("traffic-profiles", catalogue.TrafficProfiles, "traffic-profile"),
    *_rows("traffic-targets", catalogue.TrafficTargets, "traffic-target", actions=_WRITE),
    *_rows("plans", benchmarks.Plans, "plan", actions=_WRITE),
    *_rows("journeys", benchmarks.Journeys, "journey", actions=_WRITE),
    *_rows("runs", benchmarks.Runs, "run", actions=_MAKE),
    *_both("runs/<int:pk>/cancel", benchmarks.RunCancellation.as_view({"post": "create"}), "run-cancellation"),
    *_both("runs/<int:pk>/setups", benchmarks.RunSetups.as_view(), "run-setups"),
    path("runs/<int:pk>/windows.json", downloads.RunWindowsJson.as_view(), name="run-windows-json"),
    path("runs/<int:pk>/latency.hlog", downloads.RunLatencyLog.as_view(), name="run-latency-log"),
    *_rows("windows", benchmarks.Windows, "window"),
    *_rows("capacities", capacities.Capacities, "capacity"),
    *_rows("claims", claims.Claims, "claim"),
    path("claims.csv", claims.ClaimsCsv.as_view(), name="claims-csv"),
    path("claims.md", claims.ClaimsMarkdown.as_view(), name="claims-markdown"),
    *_both("projections", projections.Projections.as_view(), "projections"),
    *_both("comparisons", comparisons.RunComparisons.as_view(), "comparisons"),
    *_rows("estimates", estimates.Estimates, "estimate", actions=_MAKE),
    *_both("estimates/<int:pk>/difference", estimate_differences.EstimateDifference.as_view(), "estimate-difference"),
    *_both("estimates/<int:pk>/repriced", estimate_differences.EstimateRepriced.as_view(), "estimate-repriced"),
    *_rows("estimate-shares", estimate_shares.EstimateShares, "estimate-share", actions=_MAKE_AND_END),
    *_rows("estimate-approvals", estimate_shares.EstimateApprovals, "estimate-approval", actions=_MAKE),
    *_rows("audit-entries", audit.AuditEntries, "audit-entry"),
    path("estimates.csv", estimate_files.EstimatesCsv.as_view(), name="estimates-csv"),
    path("estimates.xlsx", estimate_files.EstimatesXlsx.as_view(), name="estimates-xlsx"),
    path("estimates.json", estimate_files.EstimatesJson.as_view(), name="estimates-json"),
    path("estimates/<int:pk>.csv", estimate_files.EstimateCsv.as_view(), name="estimate-csv"),
    path("estimates/<int:pk>.xlsx", estimate_files.EstimateXlsx.as_view(), name="estimate-xlsx"),
    path("estimates/<int:pk>.focus.csv", estimate_files.EstimateFocus.as_view(), name="estimate-focus"),
    path("estimates/<int:pk>.md", estimate_files.EstimateMarkdown.as_view(), name="estimate-markdown"),
    *_both("dictionary", dictionary.Dictionary.as_view(), "dictionary"),
    path("schema/", documentation.Schema.as_view(), name="schema"),
    path("docs/", documentation.Docs.as_view(), name="docs"),
    re_path("", documentation.Nothing.as_view(), name="nothing"),
]
