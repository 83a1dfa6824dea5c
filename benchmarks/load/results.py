"""What a load generator reports, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from estimator.domain.measuring.measurement import Histogram
from estimator.domain.measuring.workload import LoadStep


@dataclass(frozen=True, kw_only=True)
class Verification:
    """How many requests were answered wrongly, and what was wrong with the first."""

    checked: int
    failures: int
    first_failure: str


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """One step. Counts and latency are of arrivals that fell due in the window of `duration_s`.

    `answered` counts answers that arrived between the window's bounds as they really were, `answered_s` apart:
    CPU used between the same bounds is to be divided by it. In a closed loop everything is counted by arrival.
    """

    step: LoadStep
    duration_s: float
    scheduled: int
    sent: int
    completed: int
    errors: int
    wrong: int
    unsent: int
    answered: int
    answered_s: float
    latency: Histogram
    lateness: Histogram
    busy_pool: int
    generator_cpu_s: float
    bins: tuple[int, ...]
    reconnects: int
    first_error: str

    @classmethod
    def of(cls, step: LoadStep, data: Mapping[str, Any]) -> "StepResult":
        """From the generator's JSON."""
        latency, lateness = Histogram.from_json(data["latency"]), Histogram.from_json(data["lateness"])
        rest = {name: value for name, value in data.items() if name not in ("latency", "lateness", "bins")}
        return cls(step=step, latency=latency, lateness=lateness, bins=tuple(data["bins"]), **rest)
