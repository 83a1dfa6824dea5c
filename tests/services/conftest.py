"""The real queue, read by the test; and a queue that is away."""

import contextlib
from collections.abc import Callable, Iterator

import pytest
from celery import Celery
from kombu.simple import SimpleQueue

from estimator import jobs
from estimator.celery import app


@pytest.fixture
def told() -> Iterator[Callable[[], list[int]]]:
    """Takes from the real queue the ids that it was told of since last asked."""
    with app.connection_for_read() as broker, broker.SimpleQueue("bench", no_ack=True) as queue:
        queue.clear()
        yield lambda: list(_taken(queue))


def _taken(queue: SimpleQueue) -> Iterator[int]:
    with contextlib.suppress(SimpleQueue.Empty):
        while True:
            yield queue.get_nowait().payload[0][0]


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app of its own, with the service's settings, at an address where nobody answers."""
    nobody = Celery(broker="redis://127.0.0.1:1/0")
    nobody.conf.broker_transport_options = app.conf.broker_transport_options
    monkeypatch.setattr(jobs, "app", nobody)
