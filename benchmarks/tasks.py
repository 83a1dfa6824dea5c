"""The Celery door: an id in, measurements recorded, every write fenced."""

import contextlib
import ctypes
import logging
import os
import signal
from typing import Any

import psutil
from celery.signals import heartbeat_sent, worker_process_init, worker_ready
from django.conf import settings
from django.db import Error

from benchmarks import runner
from benchmarks.bench_host import BenchHost
from benchmarks.errors import BenchmarkError, Stopped
from benchmarks.host_lock import only_one_here
from benchmarks.load.network import load_network
from benchmarks.load.own_journeys import read_journeys
from benchmarks.process_records import sweep
from benchmarks.process_tree import ProcessTree
from benchmarks.resources import split_cores
from benchmarks.stack_catalogue import read_manifests
from estimator.celery import app
from estimator.jobs import RUN_BENCHMARK
from estimator.models import HardwareProfile
from estimator.queries import measurements
from estimator.queries.finished_blocks import finished_measurements
from estimator.runtime.embedded import find_services
from estimator.runtime.supervisor import SUPERVISOR_PID
from estimator.services import attempts, heartbeats, recording, runs
from estimator.services.errors import StaleClaim

logger = logging.getLogger(__name__)
_PR_SET_PDEATHSIG = 1


@app.task(name=RUN_BENCHMARK)
def run_benchmark(run_id: int) -> None:
    """Measure one run, if it still waits and this host is free; what cannot start now is told again later."""
    with (
        only_one_here(settings.BENCH_DIR) as alone,
        attempts.attempt(run_id, host=this_host()) if alone else contextlib.nullcontext() as attempt,
    ):
        if attempt is not None:
            _measure(attempt)


def _measure(attempt: attempts.Attempt) -> None:
    claim = attempt.claim
    try:
        earlier = finished_measurements(run_id=claim.run)
        for measurement in runner.measure(claim.spec, bench_host(attempt), earlier=earlier):
            recording.record(claim, measurement)
    except (StaleClaim, Stopped):
        logger.info("attempt %s of run %s was ended from outside", claim.attempt, claim.run)
    except BenchmarkError as error:
        runs.fail_run(claim, reason=str(error))
    else:
        _finish(claim)


def _finish(claim: runs.Claim) -> None:
    if measurements.has_results(run_id=claim.run):
        runs.finish_run(claim)
    else:
        reasons = "; ".join(measurements.failure_reasons(run_id=claim.run))
        runs.fail_run(claim, reason=f"no stack could be measured: {reasons}")


def bench_host(attempt: attempts.Attempt) -> BenchHost:
    """This machine as the runner sees it; the word to stop is the claim's."""
    manifests = read_manifests(settings.STACKS_DIR, settings.OWN_APPS)
    return BenchHost(
        folder=settings.BENCH_DIR,
        stacks={manifest.slug: manifest for manifest in manifests},
        cores=split_cores(),
        should_stop=attempt.over.is_set,
        ours=our_processes(),
        journeys={journey.slug: journey for journey in read_journeys(settings.JOURNEYS_DIR)},
        locust_processes=settings.LOCUST_PROCESSES,
        load_network=load_network(
            workers=settings.LOCUST_REMOTE_WORKERS,
            address=settings.LOAD_ADDRESS,
            port=settings.LOAD_PORT,
            processes=settings.LOCUST_PROCESSES,
        ),
    )


def our_processes() -> list[ProcessTree]:
    """What runs beside us for the service itself: the supervisor's other children, and the embedded servers."""
    servers = find_services(settings.VAR_DIR)
    roots = [server.pid for server in (servers.postgres, servers.valkey) if server is not None]
    return [ProcessTree(root=pid) for pid in [*roots, *_siblings()]]


def _siblings() -> list[int]:
    """Programs beside this worker under one supervisor, whose process id it put into our environment."""
    supervisor = int(os.environ.get(SUPERVISOR_PID, "0"))
    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    children = psutil.Process(supervisor).children() if supervisor else []
    return [child.pid for child in children if child.pid not in ours]


def this_host() -> HardwareProfile:
    """The hardware profile that this machine is registered as. Raises when `register_stacks` never ran."""
    return HardwareProfile.objects.get(provider="host", name=settings.BENCH_HOST)


@worker_process_init.connect
def _die_with_the_worker(**_: Any) -> None:
    """A pool process busy with a task would outlive a killed worker: the kernel ends it instead."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


@heartbeat_sent.connect
def _show_life(**_: Any) -> None:
    """Every 2 s, from the worker's main process: also while its child measures."""
    heartbeats.beat(heartbeats.BENCH)


@worker_ready.connect
def _clear_what_was_left(**_: Any) -> None:
    """End processes and give back runs that an earlier worker of this host left in the middle."""
    with only_one_here(settings.BENCH_DIR) as alone:
        if not alone:
            return
        sweep(settings.BENCH_DIR / "processes")
        with contextlib.suppress(HardwareProfile.DoesNotExist, Error):
            host = this_host()
            with attempts.host_lock(host) as held:
                if held:
                    runs.release_host(host)
