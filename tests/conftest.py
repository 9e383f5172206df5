"""What every test stands on: no network, no settings of the reader's, folders of its own."""

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OFFLINE = HERE / "offline"
KEPT = {"MUSICTOOLS_SHARED", "MUSICTOOLS_VENV"}
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ

# How long an example takes says more about who else works on the machine than about the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# They are loaded by name or path, and are no modules of the tests.
collect_ignore = ["offline", "without"]


def _isolate() -> str | None:
    """Set the surroundings of this process and all that it starts, before the first import."""
    path = [str(OFFLINE), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(path))
    spec = importlib.util.spec_from_file_location(
        "musictools_offline", OFFLINE / "sitecustomize.py"
    )
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    os.environ.setdefault("MPLBACKEND", "Agg")
    if IS_WORKER:
        # The process that started the workers has done the rest; they share its folder.
        return None
    for name in list(os.environ):
        if name.startswith(("MUSICTOOLS_", "SPOTIPY_")) and name not in KEPT:
            del os.environ[name]
    folder = tempfile.mkdtemp(prefix="musictools-tests-")
    os.environ["MUSICTOOLS_DATA_DIR"] = folder
    return folder


_FOLDER = _isolate()


def pytest_addoption(parser):
    # With "=": a folder that is there already would be taken for one of tests.
    parser.addoption("--keep-notebooks", type=Path, help="folder for notebooks that were run cold")


@pytest.fixture(scope="session")
def keep_notebooks(request):
    """Where notebooks that were run are kept, or None."""
    folder = request.config.getoption("--keep-notebooks")
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def pytest_unconfigure():
    if _FOLDER:
        shutil.rmtree(_FOLDER, ignore_errors=True)


@pytest.fixture(scope="session")
def root():
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared():
    """Research data beside the checkout; nothing of it is part of the product."""
    folder = Path(os.environ.get("MUSICTOOLS_SHARED") or ROOT.parent / "shared")
    if not (folder / "data").is_dir():
        pytest.skip("no research data: neither MUSICTOOLS_SHARED nor ../shared holds any")
    return folder


@pytest.fixture(scope="session")
def ffmpeg():
    """Path of ffmpeg."""
    return _program("ffmpeg")


@pytest.fixture(scope="session")
def chromium():
    """Path of Chromium or Chrome."""
    return _program("chromium", "chromium-browser", "google-chrome")


def _program(*names):
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip(f"{names[0]} is not installed")
    return found
