"""What Locust runs: users who send the workload's prepared requests, or those of a locustfile named after this one.

Run by locust_engine.py, never imported. The plan is the first line of standard input; the bounds of the counted window
and then the raw response times go to standard output as JSON lines. Of several processes the first measures and the
others send: both sides talk by Locust's own messages.
"""

import itertools
import json
import os
import random
import sys
import time
from collections import Counter
from typing import Any

import gevent
import locust.stats
from locust import FastHttpUser, between, constant_throughput, events, task
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from benchmarks.load.ring import RingItem

PLAN: dict[str, Any] = json.loads(sys.stdin.readline())
ADDRESS = f"{PLAN['host']}:{PLAN['port']}"
RING = [RingItem(ADDRESS, data) for data in PLAN["ring"]]
ITEMS = itertools.cycle(RING)
PER_USER_RATE: float = PLAN["rate"] / PLAN["users"]
THINK_S: list[float] | None = PLAN["think_s"]
MOST_PARTS = 20  # names of requests; a file that numbers them has thousands
REPORT_LIMIT_S = 30.0

# Only we speak on standard output; what a locustfile prints goes to the log.
OUT = os.fdopen(os.dup(sys.stdout.fileno()), "w")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

# Locust rounds response times to two digits before it counts them; its own statistics keep whole ms here, ours us.
setattr(locust.stats, "bucket_response_time", round)  # noqa: B010 - declared for buckets of its own


class Record:
    """Every request of this process that ended inside the counted window."""

    def __init__(self) -> None:
        self.counting = False
        self.right_us: list[int] = []
        self.parts: dict[str, list[int]] = {}  # the right ones of each part of a journey
        self.errors = self.wrong = 0
        self.first_error = ""
        self._cpu_s = 0.0

    def note(self, response_time_ms: float, reason: str, *, answered: bool, part: str) -> None:
        """A right answer when there is no reason against it."""
        if not self.counting:
            return
        if not reason:
            self.right_us.append(int(response_time_ms * 1000))
            if part:
                self.parts.setdefault(part, []).append(self.right_us[-1])
        elif answered:
            self.wrong += 1
        else:
            self.errors += 1
        self.first_error = self.first_error or reason

    def count(self, environment: Environment, msg: Any, **_: Any) -> None:
        """Told by whoever measures, at both bounds of the window; the second time it is answered with the record."""
        self.counting = bool(msg.data)
        self._cpu_s = time.process_time() - self._cpu_s
        if not self.counting:
            _runner(environment).send_message("recorded", self.result())

    def result(self) -> dict[str, Any]:
        """Plain values."""
        counts = {"errors": self.errors, "wrong": self.wrong, "first_error": self.first_error}
        return {"right_us": self.right_us, "parts": self.parts, "generator_cpu_s": self._cpu_s, **counts}


RECORD = Record()
REPORTS: list[dict[str, Any]] = []


class PlannedUser(FastHttpUser):
    """Sends the ring's next request at its share of the rate, or after a pause to think; begins at a random moment."""

    abstract = PLAN["own_file"]
    host = f"http://{ADDRESS}"
    wait_time = between(*THINK_S) if THINK_S else constant_throughput(PER_USER_RATE)
    max_redirects = 0
    connection_timeout = network_timeout = 10.0

    def on_start(self) -> None:
        """Users that begin together would send in bursts."""
        gevent.sleep(random.uniform(0, 1 / PER_USER_RATE))

    @task
    def next_request(self) -> None:
        """One prepared request; status and whole body are compared."""
        item = next(ITEMS)
        headers = {"Accept-Encoding": "identity", **dict(item.data["headers"])}
        path, body = item.data["path"], item.data["body"] or None
        known = {"part": item.data["part"], "status": item.status}
        with self.client.request(
            item.data["method"], path, name=item.label, data=body, headers=headers, context=known, catch_response=True
        ) as response:
            reason = _reason(item, response)
            if reason:
                response.failure(reason)
            else:
                response.success()


def _reason(item: RingItem, response: Any) -> str:
    """What is wrong, empty if nothing; Locust gives requests without an answer the status 0."""
    if not response.status_code:
        return f"{item.label}: no answer: {response.request_meta['exception']}"
    content = response.content or b""
    fault = item.fault(response.status_code, len(content), content)
    return f"{item.label}: {fault}" if fault else ""


def note(
    *,
    request_type: str,
    name: str,
    response_time: float,
    exception: Any,
    response: Any = None,
    context: Any = None,
    **_: Any,
) -> None:
    """Any user's request. Of a locustfile of one's own its name is the part, and what it calls a failure is one."""
    status = getattr(response, "status_code", 0)
    if PLAN["own_file"]:
        part, answered = f"{request_type} {name}", 200 <= status < 400
        reason = f"{part}: {exception}" if exception else ""
    else:
        part, answered = context["part"], status == context["status"]
        reason = str(exception) if exception else ""
    RECORD.note(response_time, reason, answered=answered, part=part)


def _runner(environment: Environment) -> Any:
    assert environment.runner is not None  # noqa: S101 - it started us
    return environment.runner


def _say(message: dict[str, Any]) -> None:
    OUT.write(json.dumps(message) + "\n")
    OUT.flush()


def _measured(environment: Environment) -> None:
    runner, own_cpu_s = _runner(environment), 0.0
    gevent.sleep(PLAN["warm_s"])
    started_s, own_cpu_s = time.monotonic(), time.process_time()
    runner.send_message("counting", True)
    _say({"event": "opened"})
    gevent.sleep(PLAN["duration_s"])
    duration_s, own_cpu_s = time.monotonic() - started_s, time.process_time() - own_cpu_s
    _say({"event": "closed"})
    runner.send_message("counting", False)
    with gevent.Timeout(REPORT_LIMIT_S):
        while len(REPORTS) < PLAN["processes"]:
            gevent.sleep(0.01)
    senders_cpu_s = sum(report["generator_cpu_s"] for report in REPORTS)
    cpu_s = senders_cpu_s + (own_cpu_s if isinstance(runner, MasterRunner) else 0.0)
    _say({**_merged(REPORTS), "duration_s": duration_s, "generator_cpu_s": cpu_s})
    runner.quit()


def _merged(reports: list[dict[str, Any]]) -> dict[str, Any]:
    sizes: Counter[str] = Counter()
    for report in reports:
        sizes.update({part: len(values_us) for part, values_us in report["parts"].items()})
    kept = {part for part, _ in sizes.most_common(MOST_PARTS)}
    parts: dict[str, list[int]] = {}
    for part, values_us in itertools.chain.from_iterable(report["parts"].items() for report in reports):
        parts.setdefault(part if part in kept else "others", []).extend(values_us)
    return {
        "right_us": [value for report in reports for value in report["right_us"]],
        "parts": parts,
        "errors": sum(report["errors"] for report in reports),
        "wrong": sum(report["wrong"] for report in reports),
        "first_error": next((report["first_error"] for report in reports if report["first_error"]), ""),
    }


def meet(environment: Environment, runner: Any, **_: Any) -> None:
    """Who measures hears records, who sends hears when to count; of one process both are the same."""
    if not isinstance(runner, MasterRunner):
        runner.register_message("counting", RECORD.count)
        events.request.add_listener(note)  # type: ignore[no-untyped-call]
    if not isinstance(runner, WorkerRunner):
        runner.register_message("recorded", lambda environment, msg, **_: REPORTS.append(msg.data))


def begin(environment: Environment, **_: Any) -> None:
    """Whoever measures waits for the end of the warm-up; of several senders each begins at its place in the ring."""
    runner = _runner(environment)
    if not isinstance(runner, WorkerRunner):
        gevent.spawn(_measured, environment)
        return
    skipped = len(RING) * runner.worker_index // PLAN["processes"]
    next(itertools.islice(ITEMS, skipped, skipped), None)


events.init.add_listener(meet)  # type: ignore[no-untyped-call]
events.test_start.add_listener(begin)  # type: ignore[no-untyped-call]
