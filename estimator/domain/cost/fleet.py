"""How many instances stand: from the load to a fleet that keeps its promise when a zone is lost."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from estimator.domain.cost.traffic import Redundancy
from estimator.domain.statistics import Floats

_WHOLE = 1 - 1e-12  # a load of 2.0000000000001 instances is two; the rest is arithmetic


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetRule:
    """n = max(floor, step x ceil(k / share) + spares) for k instances' worth of load.

    Where the loss of one of Z zones must be survived, Z - 1 zones carry the load: step Z, share Z - 1, no spares.
    """

    floor: int
    step: int
    share: int
    spares: int
    redundancy: Redundancy

    @classmethod
    def of(cls, redundancy: Redundancy) -> "FleetRule":
        """The rule of a redundancy policy."""
        zones, minimum = redundancy.zones, redundancy.minimum_instances
        if redundancy.survive_zone_loss:
            floor = zones * math.ceil(minimum / zones)
            return cls(floor=floor, step=zones, share=zones - 1, spares=0, redundancy=redundancy)
        return cls(floor=minimum, step=1, share=1, spares=redundancy.spares, redundancy=redundancy)

    def instances(self, load: float) -> int:
        """Instances for a load in units of one instance's capacity."""
        needed = max(1, math.ceil(load * _WHOLE))
        return max(self.floor, self.step * -(-needed // self.share) + self.spares)

    def instances_of(self, loads: Floats) -> npt.NDArray[np.int64]:
        """The same for an array of loads."""
        needed = np.maximum(1, np.ceil(loads * _WHOLE)).astype(np.int64)
        return np.maximum(self.floor, self.step * -(-needed // self.share) + self.spares)

    def greatest_load(self, instances: int) -> int:
        """The greatest load these instances carry within the rule; 0 where they are below its floor."""
        if instances < self.floor:
            return 0
        return max(0, (instances - self.spares) // self.step * self.share)

    def floor_name(self, load: float) -> str | None:
        """Which rule, not the load, decides the count; None where the load does."""
        needed = max(1, math.ceil(load * _WHOLE))
        policy = self.redundancy
        if self.step * -(-needed // self.share) + self.spares > self.floor:
            return "spares" if needed == 1 else None
        if policy.survive_zone_loss and policy.minimum_instances < policy.zones:
            return "zone loss"
        return "redundancy minimum" if policy.minimum_instances > 1 else "one instance"
