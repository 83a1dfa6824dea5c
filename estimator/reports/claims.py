"""Published claims beside what was measured here."""

from collections import Counter
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from estimator.domain.claims.values import ClaimCheck, ClaimVerdict
from estimator.models import Claim
from estimator.queries.claims import CheckedSet, checked_sets
from estimator.reports.sections import all_open


@dataclass(frozen=True, kw_only=True)
class TopicRows:
    """The claims of one topic, in the order of the set."""

    name: str
    title: str
    rows: tuple[tuple[Claim, ClaimCheck], ...]
    open: bool

    @property
    def told(self) -> str:
        """How often each verdict was given, the most frequent first."""
        verdicts = Counter(str(check.verdict) for _, check in self.rows)
        return ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())


@require_safe
def claims(request: HttpRequest) -> HttpResponse:
    """Every claim set with its verdicts."""
    context = {
        "sets": [(one, _counts(one), _topics(one, everything=all_open(request))) for one in checked_sets()],
        "may_enter": request.user.has_perm("estimator.add_claimset") and getattr(request.user, "is_staff", False),
    }
    return render(request, "claims.html", context)


def _counts(one: CheckedSet) -> list[tuple[ClaimVerdict, int]]:
    return list(one.counts.items())


def _topics(one: CheckedSet, *, everything: bool) -> list[TopicRows]:
    titles = dict.fromkeys(row.topic for row, _ in one.rows)
    return [
        TopicRows(
            name=f"claims-{one.claim_set.pk}-{number}",
            title=title,
            rows=tuple(pair for pair in one.rows if pair[0].topic == title),
            open=everything,
        )
        for number, title in enumerate(titles, 1)
    ]
