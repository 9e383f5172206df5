"""The face of the package: light to import, and true to its stubs."""

import ast
import importlib
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

import musictools

PACKAGE = Path(musictools.__file__).parent
STUBS = sorted(PACKAGE.rglob("__init__.pyi"))
HEAVY = {
    "numpy", "scipy", "pandas", "numba", "librosa", "sklearn", "matplotlib", "seaborn", "soundfile",
    "soxr", "statsmodels", "essentia", "duckdb", "pyarrow", "narwhals", "requests", "typer", "rich",
}  # fmt: skip


def in_fresh_python(code):
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


def test_importing_loads_nothing_heavy():
    loaded = in_fresh_python("import sys, musictools; print(*sys.modules)")
    assert HEAVY.isdisjoint(loaded), HEAVY.intersection(loaded)
    bare = in_fresh_python("import sys; print(*sys.modules)")
    assert len(loaded) - len(bare) <= 120
    assert len(loaded) <= 150


def test_naming_a_wing_loads_no_other():
    code = (
        "import sys, musictools as mt; mt.audio, mt.datasets, mt.plot, mt.lab; print(*sys.modules)"
    )
    assert HEAVY.isdisjoint(in_fresh_python(code))


@pytest.mark.parametrize("stub", STUBS, ids=lambda p: p.parent.name)
def test_every_name_of_a_stub_is_there(stub):
    module = importlib.import_module(
        ".".join(["musictools", *stub.parent.relative_to(PACKAGE).parts])
    )
    named = {
        alias.asname or alias.name
        for node in ast.parse(stub.read_text("utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert named == {n for n in module.__all__ if n != "__version__"} | (named & {"__version__"})
    for name in named:
        assert getattr(module, name) is not None
        assert name in dir(module)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_wing"):
        musictools.no_such_wing  # noqa: B018 - touching the name is the test


def test_types_are_shipped():
    assert (PACKAGE / "py.typed").is_file()


def test_versions_name_what_is_missing():
    found = musictools.show_versions()
    assert found["python"] == sys.version.split()[0]
    assert found["musictools-research"] not in {"", "not installed"}
    assert all(found.values())


def test_what_nothing_needs_is_called_optional(monkeypatch):
    def version(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    found = musictools.show_versions()
    assert found["numpy"] == "not installed"
    assert found["essentia"] == found["jupyterlab"] == "not installed (optional)"
