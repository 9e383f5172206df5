"""Compiled loops give one number, whichever process compiled which of them."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import musictools

PACKAGE = Path(musictools.__file__).parent
ROOMS = sorted(PACKAGE.rglob("*_kernels.py"))


def kernels(path):
    """The kernels of a room: name, node, and the options of the decorator."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            for made in node.decorator_list:
                if isinstance(made, ast.Call) and ast.unparse(made.func) == "kernel":
                    yield node.name, node, {k.arg: ast.unparse(k.value) for k in made.keywords}


def known(path):
    """The options of every kernel that a room can call, by the name that it has there."""
    found = {name: options for name, _, options in kernels(path)}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("_kernels"):
            there = PACKAGE.parent / Path(*node.module.split(".")).with_suffix(".py")
            others = {name: options for name, _, options in kernels(there)}
            found |= {a.asname or a.name: others[a.name] for a in node.names if a.name in others}
    return found


@pytest.mark.parametrize("path", ROOMS, ids=lambda p: p.stem)
def test_what_may_sum_in_any_order_is_compiled_into_its_caller(path):
    options = known(path)
    for name, node, _ in kernels(path):
        called = {
            c.func.id
            for c in ast.walk(node)
            if isinstance(c, ast.Call) and isinstance(c.func, ast.Name)
        }
        for other in called & set(options) - {name}:
            free = options[other].get("fastmath", "False") != "False"
            assert not free or options[other].get("inlined") == "True", f"{name} calls {other}"


def test_there_are_such_calls():
    assert len(ROOMS) > 15
    assert "_top" in known(PACKAGE / "audio" / "_loudness_kernels.py")


PEAKS = """
import hashlib, sys, numba, numpy as np
for _ in range(int(sys.argv[1])):  # names of what is compiled carry a running number
    numba.njit("float64(float64)")(lambda x: x + 1)
from musictools.audio._true_peak import TruePeaks
peaks = TruePeaks(44_100, ("L", "R"))
peaks.update(np.random.default_rng(0).standard_normal((2, 882_000)).astype(np.float32) * 0.1)
print(hashlib.sha256(peaks.series()).hexdigest())
"""


@pytest.mark.slow
def test_a_cache_that_two_processes_filled_changes_no_number(tmp_path):
    def peaks(cache, before):
        env = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
        command = [sys.executable, "-c", PEAKS, str(before)]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout

    one, other, mixed = (tmp_path / name for name in ("one", "other", "mixed"))
    alone = peaks(one, 0)
    assert peaks(other, 3) == alone
    shutil.copytree(one, mixed)
    helper = "_loudness_kernels._top-*"
    for file in mixed.rglob(helper):
        file.unlink()
    brought = list(other.rglob(helper))
    assert brought
    for file in brought:
        shutil.copy(file, mixed / file.relative_to(other))
    assert peaks(mixed, 0) == alone
