from pathlib import Path

from benchmarks.validation.doubling import ONCE_US, TWICE_US, WORKLOAD, burning, doubling_rows
from benchmarks.validation.rows import Outcome
from benchmarks.validation.synthetic import synthetic_run
from benchmarks.workloads import PreparedRequest


def test_twice_the_demand_on_a_known_queue_holds() -> None:
    rows = doubling_rows(synthetic_run(1, demand_s=0.001), synthetic_run(2, demand_s=0.002))
    assert [row.outcome for row in rows] == [Outcome.HOLDS] * 2
    assert rows[0].measured.startswith(("1.9", "2.0"))


def test_the_same_demand_twice_falls_short() -> None:
    rows = doubling_rows(synthetic_run(1, demand_s=0.001), synthetic_run(2, demand_s=0.001))
    assert [row.outcome for row in rows] == [Outcome.FALLS_SHORT] * 2


def test_both_stacks_run_our_server_and_expect_its_answer() -> None:
    for microseconds in (ONCE_US, TWICE_US):
        stack = burning(microseconds)
        assert not stack.needs_python
        assert stack.argv[-1] == f"burn:{microseconds}"
        assert (Path(stack.folder) / stack.argv[1]).exists()
        (request, *_) = stack.workloads[WORKLOAD].ring(WORKLOAD, seed=1, size=5)
        assert request == PreparedRequest(path="/", expected_json={"status": "ok"})
