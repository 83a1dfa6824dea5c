"""`manage.py register_stacks`: make stacks, workloads and this host known to the database."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from benchmarks.errors import BenchmarkError
from benchmarks.host import canary, host_facts
from benchmarks.load.network import load_network
from benchmarks.load.own_journeys import OwnJourney, read_journeys
from benchmarks.resources import split_cores
from benchmarks.stack_catalogue import StackManifest, manifest_hash, read_manifests
from estimator.services.errors import Refused
from estimator.services.first_start import ensure_shipped_plans
from estimator.services.hosts import register_host
from estimator.services.journeys import JourneyFacts, ensure_default_journey, register_journeys
from estimator.services.migrations import ensure_shipped_migrations
from estimator.services.stacks import StackFacts, register_stacks


class Command(BaseCommand):
    """Reads the manifests under STACKS_DIR and JOURNEYS_DIR and in OWN_APPS; runs at each start of the service."""

    help = "Register the stacks under STACKS_DIR and this machine as a hardware profile."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            load_network(  # a mistake in its settings is told now, not by the first run
                workers=settings.LOCUST_REMOTE_WORKERS,
                address=settings.LOAD_ADDRESS,
                port=settings.LOAD_PORT,
                processes=settings.LOCUST_PROCESSES,
            )
            manifests = read_manifests(settings.STACKS_DIR, settings.OWN_APPS)
            journeys = read_journeys(settings.JOURNEYS_DIR)
            count = register_stacks([_facts(manifest) for manifest in manifests])
            register_journeys([_journey_facts(journey) for journey in journeys])
        except (BenchmarkError, Refused) as error:
            raise CommandError(str(error)) from error
        score = canary(core=split_cores().app[0])
        host = register_host(name=settings.BENCH_HOST, facts=host_facts(), canary_score=score)
        ensure_default_journey()
        ensure_shipped_plans()
        ensure_shipped_migrations()
        self.stdout.write(f"{count} stacks registered; {host} has {host.vcpus} vCPUs, canary {score:,.0f} units/s")


def _journey_facts(journey: OwnJourney) -> JourneyFacts:
    return JourneyFacts(
        slug=journey.slug,
        title=journey.title,
        source=str(journey.source),
        locustfile=journey.locustfile.name,
        think_s=journey.think_s,
        weights=journey.mix,
    )


def _facts(manifest: StackManifest) -> StackFacts:
    return StackFacts(
        slug=manifest.slug,
        title=manifest.title,
        framework=manifest.framework,
        server=manifest.server,
        folder=manifest.folder.name,
        position=manifest.position,
        manifest_hash=manifest_hash(manifest),
        settings=manifest.settings,
        tunable=manifest.tunable,
        workloads=manifest.served,
        workload_titles={slug: one.title for slug, one in manifest.workloads.items() if one.title},
        unsupported=manifest.unsupported,
    )
