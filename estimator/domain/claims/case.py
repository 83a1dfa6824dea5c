"""One claim among those of its set, beside the evidence; and when a claim agrees with a measurement."""

from collections.abc import Sequence
from dataclasses import dataclass

from estimator.domain.claims.values import Claim, ClaimCheck, ClaimVerdict, Evidence, Finding, figure
from estimator.domain.statistics import Interval

TOLERANCE = 1.15  # beyond the interval: what versions and settings of the same software differ in


@dataclass(frozen=True, kw_only=True)
class Case:
    """One claim with its set and the evidence."""

    claim: Claim
    claims: Sequence[Claim]
    evidence: Evidence

    @property
    def peers(self) -> list[Claim]:
        """The same thing claimed of other stacks."""
        own = self.claim
        alike = [one for one in self.claims if (one.check, one.workload) == (own.check, own.workload)]
        return [one for one in alike if one.stack != own.stack and one.requests_per_day == own.requests_per_day]

    @property
    def name(self) -> str:
        """What people call the claim's stack."""
        return self.evidence.title(self.claim.stack)

    def answer(
        self,
        verdict: ClaimVerdict,
        why: str,
        *,
        holds_if: str = "",
        finding: Finding | None = None,
        absolute: Finding | None = None,
    ) -> ClaimCheck:
        """With what the source says against itself in words, whatever the verdict; by arithmetic, `why` holds it."""
        said = self.claim.contradiction
        own = f" The source contradicts itself: {said}." if said and verdict is not ClaimVerdict.INCONSISTENT else ""
        return ClaimCheck(
            claim=self.claim, verdict=verdict, why=why + own, holds_if=holds_if, finding=finding, absolute=absolute
        )

    def judged(
        self, holds: bool, why: str, holds_if: str, *, finding: Finding, absolute: Finding | None = None
    ) -> ClaimCheck:
        """Reproduced, with nothing to assume; or not."""
        verdict = ClaimVerdict.REPRODUCED if holds else ClaimVerdict.NOT_REPRODUCED
        assumed = "" if holds else holds_if
        return self.answer(verdict, why, holds_if=assumed, finding=finding, absolute=absolute)

    def missing(self, remedy: str) -> ClaimCheck:
        """Nothing was measured: only the source can speak against itself."""
        if not self.claim.contradiction:
            return self.answer(ClaimVerdict.UNSUPPORTED, f"Not measured here: {remedy}.")
        why = f"The source contradicts itself: {self.claim.contradiction}. Not measured here: {remedy}."
        return self.answer(ClaimVerdict.INCONSISTENT, why)


def agrees(claimed: Interval, ours: Interval, *, factor: float = TOLERANCE) -> bool:
    """Whether a claim lies within our interval, widened by the factor each way."""
    return claimed.low <= ours.high * factor and claimed.high >= ours.low / factor


def scaled(interval: Interval, factor: float) -> Interval:
    """Both ends and the middle times a factor above zero."""
    return Interval(low=interval.low * factor, mid=interval.mid * factor, high=interval.high * factor)


def ends(claimed: Interval) -> str:
    """A claimed figure, or both ends of a range."""
    return figure(claimed.mid) if claimed.is_exact else f"{figure(claimed.low)} to {figure(claimed.high)}"
