"""The worker pool: whatever happens inside a worker costs one task."""

import os
import subprocess
import sys
import time

import pytest

from musictools import _memory, _workers
from musictools.errors import MusictoolsError

HERE = "tests.worker_tasks"


@pytest.fixture(autouse=True)
def _tasks_importable(monkeypatch, request):
    monkeypatch.setenv(
        "PYTHONPATH",
        os.pathsep.join([str(request.config.rootpath), os.environ.get("PYTHONPATH", "")]),
    )


def outcomes(name, tasks, **options):
    found = list(_workers.run(f"{HERE}:{name}", tasks, jobs=2, **options))
    return {tuple(o.task.values()): o for o in found}


def test_every_task_is_answered_exactly_once():
    found = outcomes("double", [{"number": i} for i in range(20)])
    assert {key: o.result for key, o in found.items()} == {(i,): 2 * i for i in range(20)}


def test_floats_come_through_to_the_last_bit():
    value = 0.1 + 0.2
    assert outcomes("double", [{"number": value}])[(value,)].result == 2 * value


def test_a_crash_costs_one_task_and_says_what_the_process_said():
    found = outcomes("crash_on_odd", [{"number": i} for i in range(6)])
    assert [found[(i,)].result for i in (0, 2, 4)] == [0, 2, 4]
    for i in (1, 3, 5):
        assert found[(i,)].result is None
        assert "WorkerDied" in found[(i,)].error
        assert f"last words {i}" in found[(i,)].error


def test_a_killed_worker_is_named_by_its_signal():
    if sys.platform == "win32":
        pytest.skip("no signals on Windows")
    assert "signal 9" in outcomes("kill_itself", [{}])[()].error


def test_errors_carry_their_class_and_message():
    found = outcomes("fail", [{"kind": "ours"}, {"kind": "other"}])
    assert found[("ours",)].error.startswith("InputError: try: got 1; expected 2. Try: 3")
    assert found[("other",)].error.startswith("ZeroDivisionError")
    assert "report it" in found[("other",)].error


def test_a_task_that_takes_too_long_is_ended():
    started = time.monotonic()
    found = outcomes("sleep", [{"seconds": 60}, {"seconds": 0}], timeout_s=5)
    assert found[(60,)].error == "TimedOut: no answer within 5 s"
    assert found[(0,)].error is None
    assert time.monotonic() - started < 40


def test_what_a_library_prints_is_not_an_answer():
    assert outcomes("chatter", [{"number": 3}])[(3,)].result == 3


def test_leaving_early_leaves_no_process():
    run = _workers.run(f"{HERE}:pid", [{"number": i} for i in range(50)], jobs=1)
    pid = next(run).result
    run.close()
    deadline = time.monotonic() + 10
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(pid)


def _alive(pid):
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def test_no_main_guard_is_needed(tmp_path, request):
    script = tmp_path / "plain_script.py"
    script.write_text(
        "from musictools import _workers\n"
        f"print(sum(o.result for o in _workers.run('{HERE}:double', "
        "[{'number': 1}, {'number': 2}], jobs=2)))\n"
    )
    ran = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, env=os.environ
    )
    assert ran.stdout == "6\n"


def test_a_worker_that_cannot_start_is_one_error(monkeypatch):
    with pytest.raises(MusictoolsError, match=r"(?s)start a worker.*No module named 'nowhere'"):
        list(_workers.run("nowhere:f", [{"number": i} for i in range(3)], jobs=2))
    monkeypatch.setattr(sys, "executable", "no-such-python")
    with pytest.raises(MusictoolsError, match="start a worker"):
        list(_workers.run(f"{HERE}:double", [{"number": 1}], jobs=1))


def test_no_task_starts_no_process():
    assert list(_workers.run("no.such.module:function", [], jobs=2)) == []


def test_a_task_that_fills_memory_costs_itself_only():
    tasks = [{"mebibytes": size, "then_wait_s": 0.5} for size in (1, 2000, 2, 3)]
    found = outcomes("hold", tasks, memory_mib=700)
    assert [found[(size, 0.5)].error for size in (1, 2, 3)] == [None] * 3
    assert found[(2000, 0.5)].error.startswith("OutOfMemory: ")
    assert "700 MiB" in found[(2000, 0.5)].error


def test_what_earlier_tasks_left_behind_is_not_a_tasks_fault():
    tasks = [{"mebibytes": 300 + i, "then_wait_s": 0.3} for i in range(6)]
    found = outcomes("hold", tasks, memory_mib=800)
    assert all(o.error is None for o in found.values())
    assert {o.result for o in found.values()} <= {1, 2}


def test_the_watch_knows_how_much_is_held():
    before = _memory.resident_mib()
    held = bytearray(200 * 2**20)
    assert _memory.resident_mib() - before == pytest.approx(200, abs=20) or sys.platform == "darwin"
    assert held
