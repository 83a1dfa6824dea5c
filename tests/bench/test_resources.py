import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.cgroups import cpu_basis
from benchmarks.guarded_process import guarded
from benchmarks.process_tree import ProcessTree, cpu_s
from benchmarks.resources import ResourceSampler, Snapshot, core_times, split_cores
from tests.bench.programs import CORES, Bench, within

BURN = "import time\nwhile time.process_time() < float(__import__('sys').argv[1]): pass\nprint('burnt', flush=True)\n"
STAY = "import time; time.sleep(60)"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def sampler(app: ProcessTree, database: ProcessTree | None = None) -> ResourceSampler:
    return ResourceSampler(app=app, database=database, app_cores=CORES[-1:], load_cores=CORES[:1])


def test_cpu_of_a_burning_app_is_seen_and_is_the_apps_alone(bench: Bench) -> None:
    with guarded(bench.python(STAY)) as idle, guarded(bench.python(BURN + STAY, "0.3")) as burner:
        sampling = sampler(burner.tree, database=idle.tree)
        before = sampling.snapshot()
        assert within(30, lambda: burner.last_log_line() == "burnt")
        after = sampling.snapshot()

    use = sampling.use(before, after, burner.tree.memory())
    seconds = after.at_s - before.at_s
    assert use.cpu_basis == burner.tree.cpu_basis == cpu_basis()
    assert before.at_s < (use.memory_at_s or 0) <= time.monotonic()
    assert 0.1 < use.app_cpu_s <= seconds * len(CORES)
    assert 0 <= use.database_cpu_s < use.app_cpu_s
    assert use.generator_cpu_s == 0
    assert 0 <= use.foreign_cpu <= len(CORES)


def test_cpu_of_children_that_ended_is_kept(bench: Bench) -> None:
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN!r}, '0.3'])\n{STAY}"
    with guarded(bench.python(parent)) as process:
        before_s = process.tree.cpu_s()
        assert within(30, lambda: process.last_log_line() == "burnt")
        assert within(10, lambda: len(process.tree.pids()) == 1)

        assert process.tree.cpu_s() - before_s > 0.2


def test_cpu_of_threads_that_ended_is_kept() -> None:
    before_s = cpu_s(os.getpid())

    def burn() -> None:
        while time.thread_time() < 0.1:
            pass

    thread = threading.Thread(target=burn)
    thread.start()
    thread.join()

    assert cpu_s(os.getpid()) - before_s >= 0.1


def test_cpu_of_a_process_that_is_gone_is_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()

    assert cpu_s(process.pid) == 0
    assert ProcessTree(root=process.pid).cpu_s() == 0


def test_guard_is_no_part_of_the_apps_tree(bench: Bench) -> None:
    with guarded(bench.python(STAY)) as process:
        assert process.tree.pids() == [process.child_pid]
        assert ProcessTree(root=process.guard_pid).pids() == [process.guard_pid, process.child_pid]


def test_proportional_memory_grows_with_what_an_app_holds(bench: Bench) -> None:
    with (
        guarded(bench.python(STAY)) as small,
        guarded(bench.python(f"held = b'x' * (64 << 20); print('held', flush=True); {STAY}")) as large,
    ):
        assert within(10, lambda: large.last_log_line() == "held")

        small_memory, large_memory = small.tree.memory(), large.tree.memory()

    assert large_memory.basis in ("pss", "rss")
    assert large_memory.mib > small_memory.mib + 50


def test_shares_of_the_cores_stay_between_nothing_and_all() -> None:
    sampling = sampler(ProcessTree(root=os.getpid()))
    before = sampling.snapshot()
    time.sleep(0.05)
    use = sampling.use(before, sampling.snapshot())

    assert use.app_core_busy is not None
    for share in (use.app_core_busy, use.app_steal, use.load_steal):
        assert 0 <= share <= 1
    assert use.app_cores == 1
    assert use.memory_mib is None


def test_foreign_work_is_what_is_busy_beyond_our_own() -> None:
    idle = next(iter(core_times().values())).since(next(iter(core_times().values())))
    sampling = ResourceSampler(app=ProcessTree(root=1), app_cores=[1], load_cores=[0])

    def snapshot(at_s: float, busy_s: float, ours_s: float) -> Snapshot:
        core = type(idle)(busy_s=busy_s, idle_s=2 * at_s - busy_s, steal_s=0)
        return Snapshot(
            at_s=at_s,
            app_cpu_s=ours_s,
            database_cpu_s=ours_s,
            generator_cpu_s=ours_s,
            others_cpu_s=ours_s,
            cores={0: core},
            pressure_s=None,
        )

    use = sampling.use(snapshot(10, 5, 1), snapshot(12, 8, 1.5))

    assert use.foreign_cpu == pytest.approx((3 - 4 * 0.5) / 2)


@pytest.mark.parametrize(("before_s", "after_s", "share"), [(1.0, 2.5, 0.5), (None, 2.5, None), (1.0, None, None)])
def test_pressure_is_the_share_of_the_window_in_which_a_task_waited(
    before_s: float | None, after_s: float | None, share: float | None
) -> None:
    sampling = sampler(ProcessTree(root=os.getpid()))
    before = replace(sampling.snapshot(), at_s=10, pressure_s=before_s)
    use = sampling.use(before, replace(before, at_s=13, pressure_s=after_s))

    assert use.cpu_pressure == share


def test_snapshots_in_the_wrong_order_are_refused() -> None:
    sampling = sampler(ProcessTree(root=os.getpid()))
    first, second = sampling.snapshot(), sampling.snapshot()

    with pytest.raises(ValueError, match="in the order they were taken"):
        sampling.use(second, first)


@pytest.mark.parametrize(
    ("available", "app_cores", "app", "load"),
    [
        ([0, 1], 1, (1,), (0,)),
        ([0, 1], 8, (1,), (0,)),
        ([3, 2, 1, 0], 1, (3,), (0, 1, 2)),
        ([0, 1, 2, 3], 2, (2, 3), (0, 1)),
    ],
)
def test_app_and_load_never_share_a_core_where_there_are_two(
    available: list[int], app_cores: int, app: tuple[int, ...], load: tuple[int, ...]
) -> None:
    split = split_cores(app_cores, available)

    assert (split.app, split.load, split.warning) == (app, load, "")


def test_single_core_is_shared_with_a_warning() -> None:
    split = split_cores(1, [5])

    assert split.app == split.load == (5,)
    assert "competition" in split.warning
