"""Machines: what is known of a processor's speed, and a hardware profile one can rent."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from estimator.domain.statistics import Interval


class Smt(StrEnum):
    """What one vCPU is."""

    CORE = "core"
    HYPERTHREAD = "hyperthread"
    HIDDEN = "hidden"  # a guest that does not tell

    __hash__ = str.__hash__  # in C: a projection looks machines up by the thousand


# Work of a vCPU relative to a whole core when all vCPUs are busy.
SMT_YIELD = {
    Smt.CORE: Interval.exact(1.0),
    Smt.HYPERTHREAD: Interval(low=0.55, mid=0.625, high=0.70),
    Smt.HIDDEN: Interval(low=0.625, mid=0.8125, high=1.0),
}


@dataclass(frozen=True, kw_only=True)
class CpuSpeed:
    """What is known of a processor: None where it is not. Scores are higher for faster processors."""

    canary: float | None = None  # our own fixed work, per second and vCPU
    canary_on_all_vcpus: bool = False  # it ran on all at once, so it holds the SMT yield already
    single_thread: float | None = None  # published single-thread score
    smt: Smt = Smt.HIDDEN
    model: str = ""


# vCPUs, memory, network, what is known of a vCPU's speed but its name, and the share of it that is sustained.
MachineKind = tuple[int, float, float | None, tuple[float | None, bool, float | None, Smt], float | None]


@dataclass(frozen=True, kw_only=True)
class HardwareProfile:
    """A machine one can rent. `name` is unique within its provider."""

    provider: str
    name: str
    vcpus: int
    memory_mib: float
    burstable: bool = False
    sustained_share: float | None = None  # of each vCPU that a burstable machine keeps up; None is not published
    network_mbit_s: float | None = None  # sustained; None is not checked
    speed: CpuSpeed = field(default_factory=CpuSpeed)

    def __post_init__(self) -> None:
        """A machine without processors or memory carries nothing."""
        if self.vcpus < 1 or self.memory_mib <= 0:
            raise ValueError(f"{self.label} needs at least one vCPU and some memory; correct the hardware profile.")
        if self.sustained_share is not None and not 0 < self.sustained_share <= 1:
            raise ValueError(f"{self.label} sustains a share above 0 and at most 1; correct the hardware profile.")

    @cached_property
    def label(self) -> str:
        """Provider and name, as shown."""
        return f"{self.provider} {self.name}"

    @cached_property
    def kind(self) -> MachineKind:
        """All that a fleet is sized by: machines of one kind carry the same."""
        cpu = self.speed
        speed = cpu.canary, cpu.canary_on_all_vcpus, cpu.single_thread, cpu.smt
        sustained = self.sustained_share if self.burstable else None
        return self.vcpus, self.memory_mib, self.network_mbit_s, speed, sustained
