"""The gallery: every notebook gets its page, and no page needs a network."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("nbconvert", reason="no nbconvert: the laboratory is not installed")

from musictools.errors import InputError
from musictools.lab import _formulas, _gallery, _pages

DRAW = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"


@pytest.fixture
def built(notebook, tmp_path):
    about = {"musictools": {"track": "production", "level": "first steps"}}
    first = notebook(
        "00-good.ipynb", "md:# Good <morning>\n\nA first & last look, $x^2$.", DRAW, **about
    )
    notebook("01-bad.ipynb", "md:# Bad", "raise ValueError('<script>alert(1)</script>')", "1")
    return _gallery.build_gallery(first.parent, out=tmp_path / "out")


def test_gallery_shows_what_ran_and_what_failed(built):
    good, bad = built.pages
    told = good.lesson
    assert (told.title, told.track, told.level) == ("Good <morning>", "production", "first steps")
    assert told.description == "A first & last look, $x^2$."
    assert good.picture.startswith("iVBOR")
    assert not good.error
    assert bad.error == "ValueError: <script>alert(1)</script>"
    assert not built.passed
    index = built.index.read_text()
    assert "<script" not in index
    assert "Good &lt;morning&gt;" in index
    assert 'href="00-good.html"' in index
    assert "Production: How good is this recording?" in index
    assert "<h2>Others</h2>" in index
    for page in built.pages:
        text = built.index.with_name(page.name.replace(".ipynb", ".html")).read_text()
        assert _pages.fetches(text) == []
        assert "require.min.js" not in text
        assert not re.search(r"import\(|src=.https?:", text)
        assert "prefers-color-scheme: dark" in text
    assert 'href="01-bad.html">Next' in built.index.with_name("00-good.html").read_text()


def test_resuming_runs_what_failed_or_changed_only(notebook, tmp_path):
    count = f"open({str(tmp_path / 'runs')!r}, 'a').write('x')"
    path = notebook("00-good.ipynb", count)
    notebook("01-bad.ipynb", count, "raise ValueError")
    for change, runs in (("", 2), ("", 3), ("y", 5)):
        if change:
            notebook("00-good.ipynb", count, "changed = True")
        made = _gallery.build_gallery(path.parent, out=tmp_path / "out", resume=True)
        assert len(made.pages) == 2
        assert (tmp_path / "runs").read_text() == "x" * runs


def test_the_front_page_shows_the_picture_with_a_description():
    nbformat = pytest.importorskip("nbformat")
    v4 = nbformat.v4
    plain = v4.new_output("display_data", {"image/png": "AAAAAAAA"})
    told = [
        v4.new_output("display_data", {"image/png": png}, metadata={"musictools": {"alt": alt}})
        for png, alt in (("BB", "a small one"), ("CCCC", "a large one"))
    ]
    cells = [v4.new_code_cell("", outputs=[plain]), v4.new_code_cell("", outputs=told)]
    assert _gallery._best_picture(v4.new_notebook(cells=cells)) == ("CCCC", "a large one")
    assert _gallery._best_picture(v4.new_notebook(cells=cells[:1])) == ("AAAAAAAA", "")


def test_notebooks_stay_as_they_are(notebook, tmp_path):
    path = notebook("00-good.ipynb", "print(1)")
    before = path.read_bytes()
    _gallery.build_gallery(path.parent, out=tmp_path / "out")
    assert path.read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_gallery_that_is_stopped_leaves_no_kernel(notebook, tmp_path):
    pid = tmp_path / "pid"
    write = f"import os, pathlib; pathlib.Path({str(pid)!r}).write_text(str(os.getpid()))"
    path = notebook("long.ipynb", write, "import time; time.sleep(600)")
    command = [sys.executable, "-m", "musictools", "gallery", str(path.parent), "-o", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while not pid.exists() or not pid.read_text():
            assert process.poll() is None
            time.sleep(0.1)
        process.terminate()
        _, complaints = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert complaints == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_fetches_sees_what_would_be_fetched():
    page = (
        '<script src="https://a.b/c.js"></script><link rel=x href=//a.b/c.css><a href="https://a">'
    )
    assert len(_pages.fetches(page)) == 2


def test_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="0 notebooks"):
        _gallery.build_gallery(tmp_path, out=tmp_path / "out")


@pytest.mark.parametrize(
    "text",
    ["no formula", "it costs $5 and then $6", "`$x$`", "```\n$a$ and $b$\n```", r"\$x\$", "$ x $"],
)
def test_what_is_no_formula_stays(text):
    assert _formulas.draw_formulas(text) == text


def test_formulas_become_pictures_with_their_text():
    drawn = _formulas.draw_formulas("so $a < b$ and $$\\frac{1}{n}$$ end")
    assert drawn.count("data:image/svg+xml;base64,") == 2
    assert 'alt="a &lt; b"' in drawn
    assert _formulas.draw_formulas(r"$\nonsense{1}$") == r"<code>\nonsense{1}</code>"


def test_folded_cells_are_folded_and_bars_are_gone():
    nbformat = pytest.importorskip("nbformat")
    v4 = nbformat.v4
    bar = {
        "application/vnd.jupyter.widget-view+json": {"model_id": "1"},
        "text/plain": "0%|  | 0/8",
    }
    seen = {"text/plain": "seen", "text/html": "<b>seen</b>"}
    outputs = [v4.new_output("display_data", data=data) for data in (bar, seen)]
    hidden = {"jupyter": {"source_hidden": True}}
    cells = [
        v4.new_code_cell("the_question = 1", outputs=outputs),
        v4.new_code_cell("the_answer = 2", metadata=hidden),
    ]
    page = _pages.notebook_page(v4.new_notebook(cells=cells), name="folded")
    assert "0/8" not in page
    assert "<b>seen</b>" in page
    assert page.count("<details") == 1
    assert page.index("the_question") < page.index("<details") < page.index("the_answer")
