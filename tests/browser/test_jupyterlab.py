"""A reader opens the first notebook in JupyterLab and runs it, in a real browser."""

import json
import os
import shutil
import time

import pytest

pytest.importorskip("jupyterlab", reason="no jupyterlab: the laboratory is not installed")
sync_api = pytest.importorskip(
    "playwright.sync_api", reason="no playwright: JupyterLab is not driven", exc_type=ImportError
)

from musictools.lab import _kernel, _server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
PATIENCE_S = 240
STAND_IN = ["import sys", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"]
ERRORS = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]'
STDERR = '[data-mime-type="application/vnd.jupyter.stderr"]'
# Done when a cell failed, after which the rest never runs, or when every filled cell has a number.
DONE = """([errors, wanted]) => document.querySelector(errors) ||
  [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
    .filter(prompt => /\\[\\d+\\]/.test(prompt.textContent)).length >= wanted"""


@pytest.fixture
def notebook(root, tmp_path):
    """A copy of the first notebook, or a small stand-in."""
    work = tmp_path / "work"
    first = root / "notebooks" / "00-start-here.ipynb"
    if first.is_file():
        hidden = shutil.ignore_patterns(".*", "__pycache__")
        return shutil.copytree(first.parent, work, ignore=hidden) / first.name
    nbformat = pytest.importorskip("nbformat")
    work.mkdir()
    cells = [nbformat.v4.new_code_cell(source) for source in STAND_IN]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), work / first.name)
    return work / first.name


@pytest.fixture
def lab(notebook, tmp_path):
    """A running JupyterLab in folders of its own, started as ``musictools lab`` starts it."""
    private = tmp_path / "home"
    private.mkdir()
    with _server.serving(notebook.parent, private=private, timeout_s=120) as server:
        yield server


@pytest.fixture
def page(chromium, lab, tmp_path):
    """A browser page that notes what it asks of the world and what it complains about."""
    with sync_api.sync_playwright() as browsers:
        context = browsers.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=chromium, headless=True, args=FLAGS
        )
        page = context.pages[0] if context.pages else context.new_page()
        ours = (lab.url, lab.url.replace("http", "ws", 1), "data:", "blob:", "about:")
        page.outside, page.complaints = [], []
        page.on("request", lambda one: one.url.startswith(ours) or page.outside.append(one.url))
        page.on("websocket", lambda one: one.url.startswith(ours) or page.outside.append(one.url))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda one: one.type == "error" and page.complaints.append(one.text))
        yield page
        context.close()


def wait_for_kernel(server, name):
    # The indicator says idle before there is any kernel, and Run All would then ask for one.
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        for session in server.ask("/api/sessions"):
            kernel = session["kernel"]
            if (
                session["path"] == name
                and kernel["connections"]
                and kernel["execution_state"] == "idle"
            ):
                return
        time.sleep(0.2)
    pytest.fail(f"no idle kernel for {name} in {PATIENCE_S} s")


def test_first_notebook_runs_in_the_browser(lab, page, notebook):
    cells = _kernel.code_cells(notebook)
    page.goto(f"{lab.url}/doc/tree/{notebook.name}?token={lab.token}&reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=PATIENCE_S * 1000)
    wait_for_kernel(lab, notebook.name)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(DONE, arg=[ERRORS, len(cells)], timeout=PATIENCE_S * 1000)
    indicator = page.locator(".jp-Notebook-ExecutionIndicator")
    sync_api.expect(indicator).to_have_attribute("data-status", "idle", timeout=PATIENCE_S * 1000)
    picture = os.environ.get("MUSICTOOLS_SCREENSHOT")
    if picture:
        page.screenshot(path=picture)
    assert page.locator(ERRORS).all_inner_texts() == []
    assert page.locator(STDERR).all_inner_texts() == []
    assert page.outside == []
    assert page.complaints == []
    assert json.loads(notebook.read_text())["cells"]
