"""Journeys: each is measured as a workload of its own, by every stack that serves all its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from estimator.domain.measuring.journeys import JOURNEY_PREFIX
from estimator.models import Journey, JourneyStep, Stack, Workload
from estimator.models.audit import Verb
from estimator.services.audit import record
from estimator.services.errors import Refused
from estimator.services.locks import Turn, take_turn

DEFAULT_JOURNEY = "60 % user lookup, 40 % JSON"
_DEFAULT_SLUG, _DEFAULT_MIX = "browse", {"user_lookup": 60, "json": 40}
_AFTER_ALL_WORKLOADS = 1000


def save_journey(journey: Journey) -> Journey:
    """Write a new or changed journey, and the workload that it is measured as. Raises ValidationError per field."""
    if journey.pk and Journey.objects.get(pk=journey.pk).slug != journey.slug:
        raise Refused(f"the slug of {journey} is what its runs are called by; make another journey.", field="slug")
    with transaction.atomic():
        title = f"Journey: {journey.name}"
        defaults = {"title": title[:120], "position": _AFTER_ALL_WORKLOADS}
        slug = f"{JOURNEY_PREFIX}{journey.slug}"
        journey.workload = Workload.objects.update_or_create(slug=slug, defaults=defaults)[0]
        journey.full_clean()
        journey.save()
    return journey


def write_journey(journey: Journey, *, changes: Mapping[str, Any]) -> Journey:
    """A new or changed journey with its parts, in one piece. Raises ValidationError per field, or Refused.

    Of `changes`, `steps` are the parts: each a workload and its weight.
    """
    refuse_folder_owned(journey)
    for name in changes.keys() - {"steps"}:
        setattr(journey, name, changes[name])
    verb = Verb.CHANGED if journey.pk else Verb.ADDED
    with transaction.atomic():
        save_journey(journey)
        if "steps" in changes:
            set_parts(journey, weights=_weights(changes["steps"]))
        record(verb, journey, detail=", ".join(changes))
    journey.refresh_from_db()  # without parts that were read before
    return journey


def _weights(steps: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    weights = {step["workload"].slug: step["weight"] for step in steps}
    if len(weights) < len(steps):
        raise Refused("a workload is a part of a journey once; add up its weights.", field="parts")
    return weights


def delete_journey(journey: Journey) -> None:
    """What was measured under it stays; from now on no stack serves it, so nothing more is. Raises Refused."""
    refuse_folder_owned(journey)
    with transaction.atomic():
        record(Verb.REMOVED, journey)
        _remove(journey)


def refuse_folder_owned(journey: Journey) -> None:
    """Raises Refused: what a folder says is changed there."""
    if journey.locustfile:
        raise Refused(f"{journey} comes from its folder; change its journey.toml, then register the stacks again.")


def _remove(journey: Journey) -> None:
    with transaction.atomic():
        journey.workload.stacks.clear()
        journey.delete()


def set_parts(journey: Journey, *, weights: Mapping[str, int]) -> None:
    """Workload slug -> weight; what was there before is replaced. Raises Refused for no part or an unknown one."""
    workloads = {one.slug: one for one in part_workloads().filter(slug__in=weights)}
    unknown = sorted(set(weights) - set(workloads))
    if unknown or not weights:
        problem = f"{unknown[0]!r} is no workload" if unknown else "a journey needs at least one part"
        raise Refused(f"{problem}; choose from the workloads that stacks serve.", field="parts")
    with transaction.atomic():
        journey.steps.all().delete()
        JourneyStep.objects.bulk_create(
            JourneyStep(journey=journey, workload=workloads[slug], weight=weight) for slug, weight in weights.items()
        )
        follow_parts()


@dataclass(frozen=True, kw_only=True)
class JourneyFacts:
    """What a folder says of a journey; `source` is its manifest, for messages."""

    slug: str
    title: str
    source: str
    locustfile: str
    think_s: tuple[float, float]
    weights: Mapping[str, int]


def register_journeys(facts: Sequence[JourneyFacts]) -> None:
    """Make the rows follow the folders; a journey whose folder is gone is removed. Raises Refused."""
    with transaction.atomic():
        for gone in Journey.objects.exclude(locustfile="").exclude(slug__in=[one.slug for one in facts]):
            _remove(gone)
        for one in facts:
            try:
                _follow(one)
            except (Refused, ValidationError) as error:
                problem = error if isinstance(error, Refused) else " ".join(error.messages)
                raise Refused(f"{one.source}: {problem}") from error


def _follow(one: JourneyFacts) -> None:
    journey = Journey.objects.filter(slug=one.slug).first() or Journey(slug=one.slug)
    if journey.pk and not journey.locustfile:
        raise Refused(f"journey.slug {one.slug!r} is taken by a journey that a person entered; choose another slug.")
    think_from_s, think_to_s = one.think_s
    values = {
        "name": one.title,
        "locustfile": one.locustfile,
        "think_from_s": think_from_s,
        "think_to_s": think_to_s,
    }
    if not journey.pk or any(getattr(journey, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(journey, name, value)
        save_journey(journey)
    if dict(journey.mix) != dict(one.weights):
        set_parts(journey, weights=one.weights)


def part_workloads() -> QuerySet[Workload]:
    """What a journey may consist of: no other journey, nor what is left of one."""
    return Workload.objects.filter(journey=None).exclude(slug__startswith=JOURNEY_PREFIX)


def follow_parts() -> None:
    """Who serves all parts of a journey serves the journey; call it when stacks or journeys have changed."""
    for journey in Journey.objects.prefetch_related("steps"):
        parts = {step.workload_id for step in journey.steps.all()}
        stacks = Stack.objects.filter(active=True).prefetch_related("workloads")
        serving = [one for one in stacks if parts and parts <= {workload.pk for workload in one.workloads.all()}]
        journey.workload.stacks.set(serving)


def ensure_default_journey() -> None:
    """The shipped journey, once its parts are served; none that a person deleted or renamed comes back."""
    with transaction.atomic():
        take_turn(Turn.SET_UP)
        served = Workload.objects.filter(slug__in=_DEFAULT_MIX, stacks__active=True).distinct().count()
        if served < len(_DEFAULT_MIX) or Journey.history.filter(slug=_DEFAULT_SLUG).exists():
            return
        journey = save_journey(Journey(name=DEFAULT_JOURNEY, slug=_DEFAULT_SLUG))
        set_parts(journey, weights=_DEFAULT_MIX)
