"""The widgets in JupyterLab: Python moves the browser, and hears what is done there."""

import pytest

pytest.importorskip("anywidget", reason="no anywidget: the explorer is a picture only")
pytest.importorskip("jupyterlab", reason="no jupyterlab: the laboratory is not installed")
pytest.importorskip("playwright", reason="no playwright: no browser is driven")

from tests.browser import test_jupyterlab
from tests.browser.test_jupyterlab import PATIENCE_S, keep, wait_for_kernel

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CELLS = (
    """import musictools as mt
song = mt.datasets.simulate_recording(duration_s=15, rng=1).recording""",
    "explorer = mt.lab.explore(song, title='Midnight Ferry')\nexplorer",
    "explorer.position_s = 4.0\nexplorer.selection_s = (2, 3)\nexplorer.layers = ['loudness']",
    "knobs = mt.lab.explore_releases()\nknobs",
)
BACK = "print('BACK', explorer.position_s, explorer.selection_s, knobs.values['taken'])"
lab, page = test_jupyterlab.lab, test_jupyterlab.page


@pytest.fixture
def notebook(tmp_path):
    nbformat = pytest.importorskip("nbformat", reason="no nbformat: no notebook is written")
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    # Without it, JupyterLab asks which kernel is meant.
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    path = tmp_path / "work" / "explorer.ipynb"
    path.parent.mkdir()
    nbformat.write(made, path)
    return path


def test_python_and_the_browser_move_each_other_in_jupyterlab(lab, page, notebook):
    page.set_default_timeout(PATIENCE_S * 1000)
    page.goto(f"{lab.url}/doc/tree/{notebook.name}?token={lab.token}&reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    wait_for_kernel(lab, notebook.name)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    failed = page.locator('[data-mime-type="application/vnd.jupyter.error"]')
    page.locator(".mt-knobs").or_(failed).first.wait_for()
    assert failed.all_inner_texts() == []
    page.wait_for_function("document.querySelector('.mt-explorer').dataset.position === '4.000'")
    root = page.locator(".mt-explorer")
    assert root.get_attribute("data-selection") == "2.000 3.000"
    assert page.get_by_role("checkbox", name="Loudness").is_checked()
    assert not page.get_by_role("checkbox", name="Chords").is_checked()
    cells = page.locator(".jp-Cell").count()
    # Keys of JupyterLab that would insert a cell above or below, or cut one.
    page.locator(".mt-stage").focus()
    for key in ("a", "b", "x"):
        page.keyboard.press(key)
    page.wait_for_function("document.querySelector('.mt-explorer').dataset.sound === 'ready'")
    page.keyboard.press("Space")
    page.wait_for_function("+document.querySelector('.mt-explorer').dataset.position > 5")
    page.keyboard.press("Space")
    page.wait_for_function("document.querySelector('.mt-explorer').dataset.playing === 'false'")
    page.keyboard.press("]")
    assert page.locator(".jp-Cell").count() == cells
    keep(page, "jupyterlab-explorer")
    slider = page.locator("[data-knob=taken]")
    slider.focus()
    words = page.locator(".mt-words").inner_text()
    page.keyboard.press("End")
    page.wait_for_function("w => document.querySelector('.mt-words').textContent !== w", arg=words)
    page.wait_for_timeout(500)
    told = asked(page, BACK)
    position, first, second, taken = (float(one.strip("(),")) for one in told.split()[1:])
    assert position > 5
    assert (first, second) == (2, pytest.approx(position, abs=0.3))
    assert taken == 60
    keep(page, "jupyterlab-knobs")
    assert page.outside == []
    assert page.complaints == []


def asked(page, code):
    """Run a line in the last cell, and give the line that it prints."""
    page.locator(".jp-CodeCell .cm-content").last.click()
    page.keyboard.press("Control+a")
    page.keyboard.type(code)
    page.keyboard.press("Control+Enter")
    line = page.locator(".jp-OutputArea-output pre", has_text="BACK").last
    line.wait_for()
    return line.inner_text()
