"""The notebooks for a reader who has a notebook and nothing optional: the same, without a word."""

import importlib.util
import os
import re
import tomllib
from pathlib import Path

import pytest

from tests import notebook_rules as rules
from tests.test_notebooks_contract import PATHS, ROOT, run

WITHOUT = Path(__file__).parent / "without"
#: Bring the notebook itself, or are the name of a package that is imported by another.
NOTEBOOK = {"jupyterlab"}
#: Those that want something optional if it is there: widgets in 09, DuckDB's bar in 07.
MEETING = ("07", "09")


def gone():
    path = WITHOUT / "sitecustomize.py"
    return set(re.findall(r'"(\w+)"', re.search(r"(?s)GONE = \{(.*?)\n\}", path.read_text())[1]))


def test_what_is_blocked_is_what_the_extras_bring(root):
    extras = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    lines = [line for part in extras["optional-dependencies"].values() for line in part]
    names = {re.match(r"[\w-]+", line)[0].replace("-", "_") for line in lines}
    assert names - NOTEBOOK <= gone()


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_no_notebook_imports_what_is_optional(path):
    notebook = rules.Notebook.read(path)
    used = re.findall(r"(?m)^\s*(?:import|from) (\w+)", "\n".join(c["text"] for c in notebook.code))
    assert set(used) & gone() == set()


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize(
    "path", [p for p in PATHS if p.name.startswith(MEETING)], ids=lambda p: p.stem
)
def test_notebook_runs_clean_without_extras(path, tmp_path, monkeypatch):
    nbformat = pytest.importorskip("nbformat", reason="nbformat comes with the extra lab")
    assert importlib.util.find_spec("ipykernel"), "the notebook itself"
    first = os.environ["PYTHONPATH"].split(os.pathsep)[0]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([first, str(WITHOUT), str(ROOT)]))
    notebook = nbformat.read(path, as_version=4)
    probe = "import importlib.util as u\ntry:\n    u.find_spec('av')\nexcept ImportError: pass\n"
    notebook.cells.append(
        nbformat.v4.new_code_cell(probe + "else: raise SystemError('av is there')")
    )
    told, _, _ = run(notebook, tmp_path)
    assert told == "0 figures left open\noffline\n"
    assert list(rules.output_problems(notebook)) == []
