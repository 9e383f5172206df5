"""The contract of the notebooks: each rule holds for each, and each rule can fail."""

import copy
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile

import musictools as mt
from musictools.lab import _executed
from tests import notebook_rules as rules

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
KNOWN = rules.public_names(ROOT / "musictools")


def problems(nb):
    found = [f"{rule.__name__}: {p}" for rule in rules.RULES for p in rule(nb)]
    return found + [f"names: {p}" for p in rules.names(nb, known=KNOWN)]


@pytest.fixture(scope="module")
def tool():
    pytest.importorskip("jupytext", reason="jupytext is in the test group")
    spec = importlib.util.spec_from_file_location("notebooks_tool", ROOT / "tools/notebooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_notebooks_and_names():
    assert {"00-start-here.ipynb", "01-what-a-recording-measures.ipynb"} <= {p.name for p in PATHS}
    assert {"mt.audio.extract", "mt.plot.show", "mt.show_versions"} <= KNOWN


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_notebook_keeps_the_contract(path):
    assert problems(rules.Notebook.read(path)) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_notebook_is_in_the_map(path):
    about = json.loads(path.read_text("utf-8"))["metadata"]["musictools"]
    row = next(r for r in (FOLDER / "README.md").read_text("utf-8").splitlines() if path.name in r)
    assert about["title"] in row
    assert about["track"] in row
    assert about["level"] in row
    minutes = re.search(r"\*\*Time\.\*\* (\d+) minutes", path.read_text("utf-8"))[1]
    assert f"| {minutes} |" in row


def test_notebooks_and_sources_agree(tool, capsys):
    assert tool.check(FOLDER) == 0, capsys.readouterr().out


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_a_source_survives_the_way_there_and_back(tool, path):
    source = FOLDER / "source" / f"{path.stem}.py"
    assert tool.to_source(path) == source.read_text("utf-8")


def test_an_edited_notebook_is_noticed_and_synced(tool, tmp_path):
    source = tmp_path / "source" / PATHS[0].with_suffix(".py").name
    source.parent.mkdir()
    source.write_text((FOLDER / "source" / source.name).read_text("utf-8"), encoding="utf-8")
    assert tool.check(tmp_path) == 1, "a notebook that is missing"
    assert tool.build(tmp_path) == 0
    assert tool.check(tmp_path) == 0

    path = tmp_path / PATHS[0].name
    edited = json.loads(path.read_text("utf-8"))
    edited["cells"][0]["source"].append("\n\nA new sentence.")
    code = next(c for c in edited["cells"] if c["cell_type"] == "code")
    code["execution_count"] = 7
    code["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["hello"]}]
    edited["cells"][0]["id"] = "another"
    path.write_text(json.dumps(edited), encoding="utf-8")
    assert tool.check(tmp_path) == 1
    assert tool.sync(tmp_path) == 0
    assert tool.check(tmp_path) == 0
    assert "# A new sentence." in source.read_text("utf-8")
    assert "hello" not in path.read_text("utf-8")


FRONT = """# A small notebook

**Question.** Is it good?

**You will learn**

- one
- two
- three

**Before you start.** Nothing.

**Time.** 3 minutes.

**Data and licence.** Generated, CC0 1.0."""
CLOSING = """## Takeaways

- one
- two
- three

## Next

- [All](README.md)

## References

1. A standard. <https://example.org>"""
HIDDEN = {"tags": ["solution"], "jupyter": {"source_hidden": True, "outputs_hidden": True}}
FIGURE = """with mt.plot.style():
    figure, ax = plt.subplots()
    mt.plot.waveform(song, ax=ax)
mt.plot.show(ax, alt="A waveform that fills the picture.")"""
LISTEN = 'mt.plot.listen(song, alt="A song with drums and a tune.", credit="CC0 1.0.")'


def small():
    """A notebook that keeps every rule."""
    cells = [
        FRONT,
        ["import matplotlib.pyplot as plt\nimport numpy as np\n\nimport musictools as mt"],
        "The seed.",
        ["rng = np.random.default_rng(1)"],
        "## Look\n\nThe limit is 30 s [1].",
        [FIGURE],
        "Listen.",
        [LISTEN],
        "## Exercises\n\n**Exercise 1.** Do it.",
        ["# Your code here.", {"tags": ["your-turn"]}],
        "Folded.",
        ["answer = 1\nassert answer == 1", HIDDEN],
        "**Exercise 2.** Again.",
        ["# Your code here.", {"tags": ["your-turn"]}],
        "Folded.",
        ["assert rng is not None", HIDDEN],
        CLOSING,
        ["mt.show_versions()"],
    ]
    about = {"title": "A small notebook", "description": "Small.", "level": "intro"}
    about |= {"track": "production", "requires": ["audio"], "budget_s": 10}
    return {
        "metadata": {"kernelspec": {"name": "python3"}, "musictools": about},
        "cells": [_cell(c) for c in cells],
    }


def _cell(content):
    if isinstance(content, str):
        return {"cell_type": "markdown", "metadata": {}, "source": [content]}
    text, metadata = (*content, {})[:2]
    code = {"outputs": [], "execution_count": None, "source": [text]}
    return {"cell_type": "code", "metadata": copy.deepcopy(metadata)} | code


def edit(index, old, new):
    def break_it(nb):
        text = "".join(nb["cells"][index]["source"])
        assert old in text
        nb["cells"][index]["source"] = [text.replace(old, new)]

    return break_it


def add(index, content):
    return lambda nb: nb["cells"].insert(index, _cell(content))


def change(index, **metadata):
    return lambda nb: nb["cells"][index]["metadata"].update(metadata)


def about(**metadata):
    return lambda nb: nb["metadata"]["musictools"].update(metadata)


def code(index, text):
    return lambda nb: nb["cells"][index].update(source=[text])


BROKEN = {
    "two titles": ("one_title", edit(2, "The seed.", "# Another title")),
    "skipped level": ("one_title", edit(2, "The seed.", "### Too deep")),
    "no question": ("front_cell", edit(0, "**Question.**", "Question:")),
    "two goals": ("front_cell", edit(0, "- one\n", "")),
    "no prerequisites": ("front_cell", edit(0, "**Before you start.**", "Before:")),
    "no minutes": ("front_cell", edit(0, "3 minutes", "a while")),
    "no licence": ("front_cell", edit(0, "CC0 1.0", "yours")),
    "no way there": ("front_cell", edit(0, "Nothing.", "You know the basics.")),
    "no description": ("front_matter", about(description=None)),
    "unknown track": ("front_matter", about(track="cooking")),
    "slow": ("front_matter", about(budget_s=600)),
    "some songs": ("front_matter", about(songs="some")),
    "other title": ("front_matter", about(title="Another")),
    "needs essentia": ("front_matter", about(requires=["essentia"])),
    "output": ("stripped", lambda nb: nb["cells"][1].update(outputs=[{}])),
    "count": ("stripped", lambda nb: nb["cells"][1].update(execution_count=3)),
    "kernel": ("stripped", lambda nb: nb["metadata"]["kernelspec"].update(name="mine")),
    "second import": ("imports", code(3, "import os\nrng = np.random.default_rng(1)")),
    "no mt": ("imports", edit(1, "import musictools as mt", "import musictools")),
    "past mt": ("imports", edit(1, "import numpy", "import musictools.audio\nimport numpy")),
    "path": ("manners", edit(1, "import numpy", "sys.path.append('x')\nimport numpy")),
    "silence": ("manners", code(3, "warnings.filterwarnings('ignore')")),
    "global seed": ("manners", code(3, "np.random.seed(1)")),
    "bare player": ("manners", code(7, "Audio(song)")),
    "two seeds": ("one_seed", code(15, "rng = np.random.default_rng(2)\nassert rng")),
    "no seed": ("one_seed", code(3, "rng = None")),
    "empty seed": ("one_seed", code(3, "rng = np.random.default_rng()")),
    "idle seed": ("one_seed", edit(15, "rng", "answer")),
    "unseeded draw": ("one_seed", edit(15, "assert", "songs.sample(3)\nassert")),
    "long cell": ("small_cells", code(3, "rng = np.random.default_rng(1)\n" + "x = 1\n" * 15)),
    "long function": ("small_cells", code(3, "def f():\n" + "    x = 1\n" * 10)),
    "no words": ("words_first", lambda nb: nb["cells"].pop(2)),
    "few words": ("words_first", lambda nb: nb["cells"].extend([_cell(["1"])] * 9)),
    "figure not shown": ("pictures_speak", edit(5, "mt.plot.show(ax, alt=", "print(ax, alt=")),
    "no alt": ("pictures_speak", edit(5, "alt=", "text=")),
    "no style": ("pictures_speak", edit(5, "mt.plot.style()", "nothing()")),
    "no credit": ("pictures_speak", edit(7, ', credit="CC0 1.0."', "")),
    "own colour": ("house_colours", edit(5, "ax=ax)", 'ax=ax, color="red")')),
    "own colours": ("house_colours", edit(5, "ax=ax)", 'ax=ax, color=["0.7", "#12ab12"])')),
    "other engine": ("one_engine", edit(3, "(1)", '(1)\nmt.audio.extract([], engine="librosa")')),
    "essentia": ("one_engine", edit(1, "import numpy", "import essentia.standard\nimport numpy")),
    "open solution": ("exercises", change(11, jupyter={})),
    "no assert": ("exercises", code(11, "answer = 1")),
    "filled cell": ("exercises", code(9, "answer = 1")),
    "one exercise": ("exercises", edit(12, "**Exercise 2.**", "More.")),
    "no takeaways": ("closing", edit(16, "## Takeaways", "## Summary")),
    "other takeaways": ("closing", edit(16, "- one\n", "")),
    "no next": ("closing", edit(16, "[All](README.md)", "All")),
    "no such reference": ("closing", edit(4, "[1]", "[4]")),
    "idle reference": ("closing", edit(16, "example.org>", "example.org>\n2. Another.")),
    "no versions": ("versions_last", code(17, "print(1)")),
    "dead link": ("links", edit(16, "README.md", "nowhere.ipynb")),
    "absolute path": ("private", edit(2, "The seed.", "See /" + "home/me/music.")),
    "windows path": ("private", code(3, "rng = np.random.default_rng(1); p = 'C:\\\\Music'")),
    "a person": ("private", edit(2, "The seed.", "Ask " + "jo" + "@label.fm.")),
    "a key": ("private", code(3, 'token = "abcdef123456"')),
    "typed number": ("typed_numbers", edit(2, "The seed.", "It measures -9.1 LUFS.")),
    "bare decimal": ("typed_numbers", edit(2, "The seed.", "The rank correlation is 0.40.")),
    "other sign": ("typed_numbers", edit(2, "The seed.", "The level is -1 dB.")),
    "unknown name": ("names", edit(7, "mt.plot.listen", "mt.plot.hear")),
    "unknown short name": (
        "names",
        code(3, "rng = np.random.default_rng(a)\na = mt.audio\na.guess"),
    ),
    "unknown name in words": ("names", edit(2, "The seed.", "Use `mt.audio.guess`.")),
}
MAGIC = ["!pip install x", "%matplotlib inline"]


def as_notebook(content):
    return rules.Notebook(FOLDER / "small.ipynb", content)


def test_the_small_notebook_is_good():
    assert problems(as_notebook(small())) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_caught(name):
    rule, break_it = BROKEN[name]
    content = small()
    break_it(content)
    assert any(p.startswith(f"{rule}: ") for p in problems(as_notebook(content)))


@pytest.mark.parametrize("line", MAGIC)
def test_magic_is_caught(line):
    content = small()
    content["cells"][3]["source"] = [line]
    assert list(rules.manners(as_notebook(content)))


def picture(
    alt="A picture of a steady tone.",
    axes=(("Time (s)", "Level (dB)"),),
    width_px=800,
    unlabelled=0,
):
    data = {"image/png": "", "text/html": f'<img alt="{alt}" style="width:{width_px}px">'}
    notes = {"musictools": {"axes": axes, "unlabelled": unlabelled}}
    return {"output_type": "execute_result", "data": data, "metadata": notes}


def shown(page):
    return {"output_type": "display_data", "data": {"text/html": page}, "metadata": {}}


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "error", "ename": "ValueError"},
        {"output_type": "stream", "name": "stderr", "text": "careful"},
        picture(alt=""),
        picture(axes=(("Time", "Level (dB)"),)),
        picture(axes=(("", ""),)),
        picture(axes=()),
        picture(width_px=1200),
        picture(axes=(("Time (s)", ""),), unlabelled=1),
        {"output_type": "display_data", "data": {"image/png": ""}, "metadata": {}},
        {"output_type": "stream", "name": "stdout", "text": "in /" + "home/jo/songs"},
        shown("<td>C:\\Users</td>"),
        shown("<img src='data:,'>"),
        shown("<svg role='img'></svg>"),
    ],
)
def test_a_bad_output_is_caught(output):
    def ran(one):
        return {"cells": [{"source": ["x"], "outputs": [one]}]}

    assert list(rules.output_problems(ran(picture()))) == []
    assert list(rules.output_problems(ran(output)))


def test_a_bad_sound_is_caught():
    clip = mt.plot.listen(
        np.ones(8000), sample_rate=8000, alt="A constant, to be safe.", credit="-"
    )
    page = clip._repr_mimebundle_()[0]["text/html"]

    def found(text):
        output = {"output_type": "execute_result", "data": {"text/html": text}}
        return list(rules.output_problems({"cells": [{"source": [], "outputs": [output]}]}))

    assert found(page) == []
    assert found(page.replace("aria-label", "title"))
    loud = mt.plot.Clip("A loud one.", "-", _wav(np.ones(800)), 0.0, 0.0, 0.1)
    assert any("-1 dBFS" in p for p in found(loud._repr_mimebundle_()[0]["text/html"]))
    long = mt.plot.Clip("A long one.", "-", _wav(np.zeros(8000 * 31)), 0.0, 0.0, 31.0)
    assert any("30 s" in p for p in found(long._repr_mimebundle_()[0]["text/html"]))


def _wav(samples):
    stream = io.BytesIO()
    soundfile.write(stream, samples, 8000, format="WAV", subtype="PCM_16")
    return stream.getvalue()


def processor_s():
    """Processor time of finished children; unlike a clock, it does not see who else is working."""
    times = os.times()
    return times.children_user + times.children_system


@contextmanager
def watched():
    """The most memory that all processes below this one hold together, in MiB, as it grows."""
    psutil = pytest.importorskip("psutil", reason="psutil comes with the extra lab")
    held, over = [0.0], threading.Event()

    def look():
        while not over.wait(0.1):
            total = 0
            for one in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):  # it has ended meanwhile
                    total += one.memory_info().rss
            held[0] = max(held[0], total / 2**20)

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    try:
        yield held
    finally:
        over.set()
        watch.join()


#: What only the kernel knows once all cells have run: figures left open, and a way out.
LAST = """
import socket
import matplotlib.pyplot as plt
print(f"{len(plt.get_fignums())} figures left open")
try:
    socket.create_connection(("192.0.2.1", 9), timeout=1)
except PermissionError:
    print("offline")
"""
MOST_MIB = 2048


def run(notebook, folder):
    """Run a notebook; what the kernel says at its end, processor time and memory."""
    nbclient = pytest.importorskip("nbclient", reason="nbclient comes with the extra lab")
    nbformat = pytest.importorskip("nbformat", reason="nbformat comes with the extra lab")
    notebook.cells.append(nbformat.v4.new_code_cell(LAST))
    began_s = processor_s()
    with watched() as held_mib:
        nbclient.NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            store_widget_state=False,
        ).execute()
    last = notebook.cells.pop()
    told = "".join(output.get("text", "") for output in last.outputs)
    return told, processor_s() - began_s, held_mib[0]


@pytest.fixture(scope="module")
def songs_of_label(tmp_path_factory):
    """A data folder that holds nothing but the songs of the label."""
    folder = tmp_path_factory.mktemp("label") / "data"
    render = "import musictools as mt; mt.datasets.load_label().render()"
    env = os.environ | {"MUSICTOOLS_DATA_DIR": str(folder)}
    subprocess.run([sys.executable, "-c", render], check=True, env=env)
    return folder


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_notebook_runs_clean_from_a_cold_cache(
    path, tmp_path, monkeypatch, request, keep_notebooks
):
    nbformat = pytest.importorskip("nbformat", reason="nbformat comes with the extra lab")
    monkeypatch.setenv("MUSICTOOLS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    notebook = nbformat.read(path, as_version=4)
    if notebook.metadata.musictools.get("songs") == "all":
        shutil.copytree(request.getfixturevalue("songs_of_label"), tmp_path / "data")
    begun_s = time.monotonic()
    told, took_s, held_mib = run(notebook, tmp_path)
    seconds_s = time.monotonic() - begun_s
    assert list(rules.output_problems(notebook)) == []
    assert told == "0 figures left open\noffline\n"
    assert took_s > 0 or os.name == "nt"
    assert took_s <= notebook.metadata.musictools.budget_s, f"{took_s:.0f} s"
    assert 0 < held_mib <= MOST_MIB
    assert not list(FOLDER.glob("*.parquet")), "the checkout stays clean"
    if keep_notebooks:
        # The site shows them; nobody wants to wait for the same run twice.
        _executed.keep(notebook, path, keep_notebooks / path.name, seconds_s=seconds_s)


@pytest.mark.slow
@pytest.mark.alone
def test_a_run_that_leaves_figures_and_holds_much_is_seen(tmp_path):
    v4 = pytest.importorskip("nbformat", reason="nbformat comes with the extra lab").v4
    left = "import time, matplotlib.pyplot as plt\nplt.figure()\nmuch = bytes(1) * 2**29"
    bad = v4.new_notebook(cells=[v4.new_code_cell(f"{left}\ntime.sleep(1)")])
    told, _, held_mib = run(bad, tmp_path)
    assert told.startswith("1 figures left open\n")
    assert held_mib > 2**9
