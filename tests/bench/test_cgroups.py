import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import cgroups, guarded_process
from benchmarks.cgroups import (
    PROC,
    V1,
    V2,
    Cgroup,
    Hierarchy,
    cpu_basis,
    existing_cgroups,
    hierarchies,
    made_cgroup,
    usable_hierarchies,
    v1_cpu_s,
    v2_cpu_s,
)
from benchmarks.errors import BenchmarkError
from benchmarks.guarded_process import guarded
from benchmarks.process_records import sweep
from benchmarks.process_tree import ProcessIdentity, ProcessTree
from tests.bench.programs import Bench, all_gone, identity, within
from tests.bench.test_guarded_process import started, worker

# As they are on a machine with both versions mounted, here one that runs a container of its own.
HYBRID = """\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw
"""
HYBRID_MEMBER = "4:memory:/jobs/7\n2:cpuacct:/jobs\n1:name=systemd:/\n0::/session\n"
UNIFIED = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"
CONTAINER = "30 23 0:26 /docker/abc /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw\n"
CO_MOUNTED = "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
CPU_STAT = """\
usage_usec 2082741
user_usec 1900123
system_usec 182618
nice_usec 0
core_sched.force_idle_usec 0
nr_periods 0
"""
# Forks, burns and exits, with and without waiting for the child; then burns itself and stays.
FAMILY = """
import os, time
def child():
    while time.process_time() < 0.04: pass
    os._exit(0)
for _ in range(5):
    pid = os.fork()
    if not pid: child()
    os.waitpid(pid, 0)
until = time.process_time() + 0.2
while time.process_time() < until: pass
print("burnt", flush=True)
time.sleep(60)
"""
IGNORANT = f"import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n{FAMILY}".replace(
    "os.waitpid(pid, 0)", "time.sleep(0.1)"
)
STAY = "import time; time.sleep(60)"
TICK_S = 0.01  # of /proc, once for each of user and system time of the children, and of the guard
LIVE_BASES = {one.basis for one in usable_hierarchies()}
LIVE = [
    pytest.param(basis, marks=pytest.mark.skipif(basis not in LIVE_BASES, reason=f"no {basis} group can be made here"))
    for basis in (V2, V1)
]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def only(monkeypatch: pytest.MonkeyPatch, *bases: str) -> None:
    """Measure as on a machine that has these alone."""
    kept = [one for one in usable_hierarchies() if one.basis in bases]
    monkeypatch.setattr(cgroups, "usable_hierarchies", lambda: kept)


def burnt(bench: Bench, source: str) -> tuple[float, float]:
    """CPU-seconds of a program, by its tree's meter and from /proc."""
    with guarded(bench.python(source)) as process:
        assert within(30, lambda: process.last_log_line() == "burnt")
        from_proc = ProcessTree(root=process.guard_pid, with_root=False)
        return process.tree.cpu_s(), from_proc.cpu_s()


def test_both_versions_are_found_with_our_own_group_and_the_newer_first() -> None:
    assert hierarchies(HYBRID, HYBRID_MEMBER) == [
        Hierarchy(basis=V2, parent=Path("/sys/fs/cgroup/unified/session")),
        Hierarchy(basis=V1, parent=Path("/sys/fs/cgroup/cpuacct/jobs")),
    ]


def test_a_unified_hierarchy_is_found() -> None:
    assert hierarchies(UNIFIED, "0::/user.slice/user-1000.slice\n") == [
        Hierarchy(basis=V2, parent=Path("/sys/fs/cgroup/user.slice/user-1000.slice"))
    ]


def test_a_mount_of_a_part_shows_our_group_below_that_part() -> None:
    assert hierarchies(CONTAINER, "0::/docker/abc/web\n")[0].parent == Path("/sys/fs/cgroup/web")


def test_cpuacct_is_found_where_it_is_mounted_with_the_cpu_controller() -> None:
    assert hierarchies(CO_MOUNTED, "2:cpu,cpuacct:/\n") == [
        Hierarchy(basis=V1, parent=Path("/sys/fs/cgroup/cpu,cpuacct"))
    ]


def test_a_machine_without_cgroups_has_none() -> None:
    assert hierarchies("22 1 254:0 / / rw - ext4 /dev/root rw\n", "") == []


def test_a_group_that_would_share_out_time_is_not_used(tmp_path: Path) -> None:
    here = Hierarchy(basis=V2, parent=tmp_path)
    assert not here.usable()
    (tmp_path / "cgroup.procs").touch()
    assert here.usable()
    (tmp_path / "cgroup.subtree_control").write_text("cpuset cpu memory\n")
    assert not here.usable()
    (tmp_path / "cgroup.subtree_control").write_text("memory pids\n")
    assert here.usable()
    (tmp_path / "cpu.shares").write_text("1024\n")
    assert not here.usable()


def test_counters_are_read_in_seconds() -> None:
    assert v2_cpu_s(CPU_STAT) == pytest.approx(2.082741)
    assert v1_cpu_s("2082741000\n") == pytest.approx(2.082741)


@pytest.mark.parametrize("basis", LIVE)
def test_cgroup_and_proc_agree_on_a_tree_that_forks_burns_and_exits(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, basis: str
) -> None:
    only(monkeypatch, basis)
    by_group, by_proc = burnt(bench, FAMILY)
    assert by_group >= 0.39
    assert by_proc == pytest.approx(by_group, abs=4 * TICK_S)


@pytest.mark.parametrize("basis", LIVE)
def test_cgroup_keeps_the_time_of_children_nobody_waited_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, basis: str
) -> None:
    only(monkeypatch, basis)
    by_group, by_proc = burnt(bench, IGNORANT)
    assert by_group >= 0.39
    assert by_proc < by_group - 0.1, "the kernel adds their time to nobody's"


def test_without_cgroups_the_time_comes_from_proc(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    assert cpu_basis() == PROC
    with guarded(bench.python(STAY)) as process:
        assert process.tree.cpu_basis == PROC
        assert within(10, lambda: process.tree.cpu_s() > 0)


@pytest.mark.parametrize("basis", LIVE)
def test_group_lives_as_long_as_its_program(bench: Bench, monkeypatch: pytest.MonkeyPatch, basis: str) -> None:
    only(monkeypatch, basis)
    with guarded(bench.python(STAY)) as process:
        assert process.cgroup is not None
        assert process.tree.cpu_basis == basis
        assert set(process.cgroup.pids()) == {process.guard_pid, process.child_pid}
    assert not process.cgroup.folder.exists()
    assert process.tree.cpu_s() == 0


@pytest.mark.parametrize("basis", LIVE)
def test_nothing_is_left_when_the_program_cannot_be_started(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, basis: str
) -> None:
    only(monkeypatch, basis)
    bench.records.touch()  # no folder, so no record of the guard can be written
    with pytest.raises(BenchmarkError, match="could not be started"), guarded(bench.python(STAY)):
        pass
    own = identity(os.getpid())  # other tests measure beside this one
    assert not [one for one in existing_cgroups() if one.owner() == (own.pid, own.started_ticks)]


@pytest.mark.parametrize("basis", LIVE)
def test_guard_that_cannot_join_is_measured_from_proc(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, basis: str
) -> None:
    only(monkeypatch, basis)
    made = made_cgroup((1, 1))
    assert made is not None
    made.end()
    monkeypatch.setattr(guarded_process, "made_cgroup", lambda _: made)  # one that is not there
    with guarded(bench.python(STAY)) as process:
        assert process.tree.cpu_basis == PROC


@pytest.mark.parametrize("basis", LIVE)
def test_sweep_ends_groups_of_dead_owners_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, basis: str) -> None:
    only(monkeypatch, basis)
    mine = identity(os.getpid())
    ours = made_cgroup((mine.pid, mine.started_ticks))
    left = made_cgroup((mine.pid, mine.started_ticks - 1))  # of an earlier process with our id
    assert ours is not None and left is not None
    with subprocess.Popen([sys.executable, "-c", STAY], start_new_session=True) as escaped:
        (left.folder / "cgroup.procs").write_text(str(escaped.pid))
        who = ProcessIdentity.of_child(escaped.pid)
        assert escaped.pid in sweep(tmp_path)
        assert all_gone([who])
    assert not left.folder.exists()
    assert ours.folder.exists()
    ours.end()


@pytest.mark.skipif(not LIVE_BASES, reason="no cgroup can be written here")
def test_group_of_a_killed_worker_is_removed_by_the_next_ones_sweep(tmp_path: Path) -> None:
    with worker(tmp_path, sys.executable, "-c", STAY) as process:
        owner = identity(process.pid)
        everyone = [identity(pid) for pid in started(tmp_path)[:2]]
        assert [one for one in existing_cgroups() if one.owner() == (owner.pid, owner.started_ticks)]

        os.kill(process.pid, signal.SIGKILL)
        process.wait()

        assert all_gone(everyone)
    sweep(tmp_path / "records")
    assert not [one for one in existing_cgroups() if one.owner() == (owner.pid, owner.started_ticks)]


def test_a_group_that_is_not_ours_has_no_owner(tmp_path: Path) -> None:
    for name in ("measured-7", "session-1-2-3", "measured-a-1-2"):
        assert Cgroup(basis=V2, folder=tmp_path / name).owner() is None
    assert Cgroup(basis=V2, folder=tmp_path / "measured-7-2-1").owner() == (7, 2)
