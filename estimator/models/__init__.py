"""The rows, one file per noun."""

from estimator.models.access import ApiKey
from estimator.models.audit import AuditEntry
from estimator.models.benchmarks import (
    BenchmarkPlan,
    Block,
    HostLease,
    Run,
    RunEvent,
    RunState,
    TrialRecord,
)
from estimator.models.claims import Claim, ClaimSet
from estimator.models.developers import DeveloperRate, MigrationCase
from estimator.models.estimates import Estimate, EstimateApproval, EstimateShare
from estimator.models.exchange import ExchangeRate
from estimator.models.hardware import HardwareProfile, Price, Term, VcpuKind
from estimator.models.journeys import Journey, JourneyStep
from estimator.models.profiles import TrafficProfile
from estimator.models.requests import AnsweredRequest
from estimator.models.stacks import Stack, Workload
from estimator.models.tariffs import ContainerPrice, FunctionPrice, LinePrice
from estimator.models.traffic import TrafficTarget
from estimator.models.windows import WindowRecord

__all__ = [
    "AnsweredRequest",
    "ApiKey",
    "AuditEntry",
    "BenchmarkPlan",
    "Block",
    "Claim",
    "ClaimSet",
    "ContainerPrice",
    "DeveloperRate",
    "Estimate",
    "EstimateApproval",
    "EstimateShare",
    "ExchangeRate",
    "FunctionPrice",
    "HardwareProfile",
    "HostLease",
    "Journey",
    "JourneyStep",
    "LinePrice",
    "MigrationCase",
    "Price",
    "Run",
    "RunEvent",
    "RunState",
    "Stack",
    "Term",
    "TrafficProfile",
    "TrafficTarget",
    "TrialRecord",
    "VcpuKind",
    "WindowRecord",
    "Workload",
]
