"""A reader opens a notebook of each track in JupyterLab and runs it, in a real browser."""

import os
import shutil
import time
from pathlib import Path

import pytest

pytest.importorskip("jupyterlab", reason="no jupyterlab: the laboratory is not installed")
pytest.importorskip("playwright", reason="no playwright: JupyterLab is not driven")

from playwright import sync_api

from musictools.lab import _server

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


#: One of each track: production, streaming, marketing.
TRACKS = ("00-start-here", "10-deals-and-catalogues", "12-did-the-campaign-work")


@pytest.fixture(params=TRACKS)
def notebook(request, root, tmp_path):
    """A copy of a notebook among its fellows, so that the checkout stays clean."""
    first = root / "notebooks" / f"{request.param}.ipynb"
    if not first.is_file():
        pytest.skip(f"{first.name} is not there")
    hidden = shutil.ignore_patterns(".*", "__pycache__")
    return shutil.copytree(first.parent, tmp_path / "work", ignore=hidden) / first.name


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


def wait_for_end(page, server, name):
    """Save until the saved notebook has a failed cell, or a number on every cell with code."""
    # Not the page itself: JupyterLab takes cells out of it that are out of sight.
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        page.keyboard.press("Control+s")
        page.wait_for_timeout(1000)
        cells = server.ask(f"/api/contents/{name}?content=1", timeout_s=30)["content"]["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code" and cell["source"].strip()]
        outputs = [output for cell in code for output in cell["outputs"]]
        failed = any(output["output_type"] == "error" for output in outputs)
        if failed or all(cell["execution_count"] for cell in code):
            return outputs
    pytest.fail(f"{name} did not come to its end in {PATIENCE_S} s")


def keep(page, name):
    """Keep a screenshot, where a folder for them is named."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.browser
@pytest.mark.slow
def test_notebook_runs_in_the_browser(lab, page, notebook):
    page.goto(f"{lab.url}/doc/tree/{notebook.name}?token={lab.token}&reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=PATIENCE_S * 1000)
    wait_for_kernel(lab, notebook.name)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    outputs = wait_for_end(page, lab, notebook.name)
    keep(page, notebook.stem)
    errors = [f"{one['ename']}: {one['evalue']}" for one in outputs if "ename" in one]
    assert errors == []
    assert [one["text"] for one in outputs if one.get("name") == "stderr"] == []
    assert any("image/png" in one.get("data", {}) for one in outputs)
    assert page.outside == []
    assert page.complaints == []
