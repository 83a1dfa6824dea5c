"""Stacks and workloads follow the manifests: registered when their folder is there, retired when it is gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from estimator.models import Stack, Workload
from estimator.services.journeys import follow_parts

# Titles and order of the workloads that the product knows; one of the user's own brings its title.
WORKLOAD_TITLES = {
    "user_lookup": "Authenticated user lookup",
    "user_lookup_raw": "User lookup without an ORM",
    "json": "Plain JSON",
    "article_page": "Article page",
    "create_order": "Create an order",
    "upstream": "Call of an upstream API",
    "cpu": "CPU-bound work",
    "stream": "Streamed tokens",
}


@dataclass(frozen=True, kw_only=True)
class StackFacts:
    """What a manifest says of a stack."""

    slug: str
    title: str
    framework: str
    server: str
    folder: str
    position: int
    manifest_hash: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    tunable: Sequence[str] = ()  # whole-number settings that a set-up search may vary
    workloads: Sequence[str] = ()
    workload_titles: Mapping[str, str] = field(default_factory=dict)  # of the workloads that are the user's own
    unsupported: Mapping[str, str] = field(default_factory=dict)  # workload -> why it cannot be measured


def register_stacks(facts: Sequence[StackFacts]) -> int:
    """Make the rows follow the manifests; stacks without a folder are kept for their runs but no longer active."""
    with transaction.atomic():
        titles = {slug: title for one in facts for slug, title in one.workload_titles.items()}
        slugs = {slug: None for one in facts for slug in (*one.workloads, *one.unsupported)}
        workloads = {slug: _workload(slug, titles.get(slug, slug)) for slug in slugs}
        for one in facts:
            _stack(one).workloads.set(workloads[slug] for slug in one.workloads)
        Stack.objects.exclude(slug__in=[one.slug for one in facts]).update(active=False)
        follow_parts()
    return len(facts)


def _workload(slug: str, title: str) -> Workload:
    known = list(WORKLOAD_TITLES)
    position = known.index(slug) if slug in known else len(known)
    title = WORKLOAD_TITLES.get(slug, title)
    return Workload.objects.update_or_create(slug=slug, defaults={"title": title, "position": position})[0]


def _stack(one: StackFacts) -> Stack:
    names = ("title", "framework", "server", "folder", "position", "manifest_hash")
    values = {name: getattr(one, name) for name in names}
    defaults = {
        **values,
        "settings": dict(one.settings),
        "tunable": list(one.tunable),
        "unsupported": dict(one.unsupported),
        "active": True,
    }
    return Stack.objects.update_or_create(slug=one.slug, defaults=defaults)[0]
