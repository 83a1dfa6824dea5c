"""What Locust runs to confirm a capacity: the workload's own prepared requests, each answer compared.

Run by locust_engine.py, never imported. The plan is the first line of standard input; the bounds of the counted window
and then the raw response times go to standard output as JSON lines.
"""

import itertools
import json
import random
import sys
import time
from typing import Any

import gevent
import locust.stats
from locust import FastHttpUser, between, constant_throughput, events, task
from locust.env import Environment

from benchmarks.load.ring import RingItem

PLAN: dict[str, Any] = json.loads(sys.stdin.readline())
ADDRESS = f"{PLAN['host']}:{PLAN['port']}"
ITEMS = itertools.cycle([RingItem(ADDRESS, data) for data in PLAN["ring"]])
PER_USER_RATE: float = PLAN["rate"] / PLAN["users"]
THINK_S: list[float] | None = PLAN["think_s"]


# Locust rounds response times to two digits before it counts them; its own statistics keep whole ms here, ours us.
setattr(locust.stats, "bucket_response_time", round)  # noqa: B010 - declared for buckets of its own


class Record:
    """Every request that ended inside the counted window."""

    def __init__(self) -> None:
        self.counting = False
        self.right_us: list[int] = []
        self.parts: dict[str, list[int]] = {}  # of a journey: the right ones of each workload
        self.errors = self.wrong = 0
        self.first_error = ""

    def note(self, response_time_ms: float, reason: str, *, answered: bool, part: str = "") -> None:
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

    def result(self, duration_s: float, cpu_s: float) -> dict[str, Any]:
        """Plain values."""
        counts = {"errors": self.errors, "wrong": self.wrong, "first_error": self.first_error}
        return {
            "right_us": self.right_us,
            "parts": self.parts,
            "duration_s": duration_s,
            "generator_cpu_s": cpu_s,
            **counts,
        }


RECORD = Record()


class PlannedUser(FastHttpUser):
    """Sends the ring's next request at its share of the rate, or after a pause to think; begins at a random moment."""

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
        with self.client.request(
            item.data["method"], path, name=item.label, data=body, headers=headers, catch_response=True
        ) as response:
            reason = _reason(item, response)
            if reason:
                response.failure(reason)
            else:
                response.success()
        answered = response.status_code == item.status
        RECORD.note(response.request_meta["response_time"], reason, answered=answered, part=item.data["part"])


def _reason(item: RingItem, response: Any) -> str:
    """What is wrong, empty if nothing; Locust gives requests without an answer the status 0."""
    if not response.status_code:
        return f"{item.label}: no answer: {response.request_meta['exception']}"
    content = response.content or b""
    fault = item.fault(response.status_code, len(content), content)
    return f"{item.label}: {fault}" if fault else ""


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _measured(environment: Environment) -> None:
    gevent.sleep(PLAN["warm_s"])
    RECORD.counting = True
    started_s, cpu_s = time.monotonic(), time.process_time()
    _say({"event": "opened"})
    gevent.sleep(PLAN["duration_s"])
    RECORD.counting = False
    duration_s, used_s = time.monotonic() - started_s, time.process_time() - cpu_s
    _say({"event": "closed"})
    _say(RECORD.result(duration_s, used_s))
    assert environment.runner is not None  # noqa: S101 - it started us
    environment.runner.quit()


def measure(environment: Environment, **_: Any) -> None:
    """Count from the end of the warm-up for the plan's duration, report, end."""
    gevent.spawn(_measured, environment)


events.test_start.add_listener(measure)  # type: ignore[no-untyped-call]
