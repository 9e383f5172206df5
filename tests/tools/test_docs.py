"""The site: a look at links that sees what is wrong, recipes that run, pages from docstrings."""

import ast
import inspect
import re
import sys
from pathlib import Path
from unittest.mock import create_autospec

import numpy as np
import pytest
import soundfile

import musictools as mt
from tests import notebook_rules as rules

ROOT = Path(__file__).resolve().parents[2]
WINGS = (mt.audio, mt.collect, mt.trends, mt.marketing, mt.economics, mt.datasets, mt.lab)
GOOD = '<h1 id="top-of-it">x</h1><a href="b.html#a%20place">b</a> <a href="https://far.example">far</a>'


@pytest.fixture(scope="module")
def tools(root):
    """The modules of the site, found the way they find each other."""
    folder = str(root / "tools")
    before, path = set(sys.modules), list(sys.path)
    sys.path.insert(0, folder)
    try:
        import docs

        yield docs
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - before:
            if name == "docs" or name.startswith("_site"):
                del sys.modules[name]


@pytest.fixture
def site(tmp_path):
    (tmp_path / "a.html").write_text(GOOD)
    picture = '<img alt="A line" src="data:image/png;base64,iVBOR//x=">'
    (tmp_path / "b.html").write_text(f'<p id="a place">{picture}</p><a href="#">up</a>')
    (tmp_path / "look.css").write_text('@import url("other.css"); a { background: url(a.html) }')
    (tmp_path / "other.css").write_text("b { color: red }")
    return tmp_path


def test_a_good_site_has_no_problem(tools, site):
    assert tools.links.problems(site) == []
    assert tools.check([str(site)]) == 0


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('<a href="none.html">', "a link to nowhere: none.html"),
        ('<a href="b.html#none">', "a link to no place on its page: b.html#none"),
        ('<a href="#none">', "a link to no place on its page: #none"),
        ('<a href="/a.html">', "a link that is not relative: /a.html"),
        ('<a href="../a.html">', "a link to nowhere: ../a.html"),
        ('<a href="file:///a.html">', "a link that is not relative: file:///a.html"),
        ('<img src="b.html">', "<img> without alternative text"),
        ('<img alt="x" src="none.png">', "a link to nowhere: none.png"),
        ('<img alt="x" src="https://a.b/c.png">', "<img> is fetched from https://a.b/c.png"),
        ('<script src="//a.b/c.js">', "<script> is fetched from //a.b/c.js"),
        ("<style>@import 'https://a.b/c.css'</style>", "a style fetches https://a.b/c.css"),
        ('<audio src="data:audio/wav;base64,AA"></audio>', "<audio> without aria-label"),
        (
            '<img alt="No description has been provided for this image" src="b.html">',
            "<img> without alternative text",
        ),
    ],
)
def test_what_is_wrong_is_told(tools, site, wrong, told):
    (site / "c.html").write_text(wrong)
    assert tools.links.problems(site) == [f"c.html: {told}"]


def test_styles_are_looked_at(tools, site):
    (site / "look.css").write_text('@import "none.css"; a { background: url(http://a.b/c.png) }')
    assert tools.links.problems(site) == [
        "look.css: a style names no file: none.css",
        "look.css: a style fetches http://a.b/c.png",
    ]
    assert tools.links.problems(site / "none") == [f"{site / 'none'}: no page at all"]


def test_every_public_name_has_a_page_with_its_notebooks(tools):
    pages = tools.reference.reference(
        ["", "lab", "errors"], used_in={"mt.lab.check": {"00-x": "All *of* it"}}
    )
    mark = {name: "-class" * isinstance(getattr(mt.lab, name), type) for name in mt.lab.__all__}
    assert {f"reference/lab.{name}{end}.rst" for name, end in mark.items()} <= set(pages)
    assert ".. autofunction:: musictools.lab.check\n" in pages["reference/lab.check.rst"]
    assert "`All \\*of\\* it <../tutorials/00-x.html>`__" in pages["reference/lab.check.rst"]
    assert (
        ".. autoexception:: musictools.errors.InputError"
        in pages["reference/errors.InputError.rst"]
    )
    assert "show_versions <show_versions>" in pages["reference/index-musictools.rst"]


def test_a_name_is_found_behind_a_shorter_one(tools, root):
    found = tools.used_in([root / "notebooks" / "09-who-gets-paid.ipynb"])
    assert {"mt.economics.payouts", "mt.economics.rules.compromise"} <= found.keys()
    assert found["mt.economics.payouts"] == {"09-who-gets-paid": "Would another rule pay us more?"}


def test_no_two_pages_differ_in_case_only(tools):
    pages = tools.reference.reference(["audio"], used_in={})
    assert {"reference/audio.key.rst", "reference/audio.Key-class.rst"} <= set(pages)
    assert len({name.lower() for name in pages}) == len(pages)


def test_limits_come_from_notes_and_references(tools):
    pytest.importorskip("numpydoc", reason="numpydoc is in the test group")
    text = tools.reference.explanation("audio", title="Sound")
    assert "mt.audio.loudness\n-----------------\n\nMeasure loudness" in text
    assert "**Sources.** ITU-R BS.1770-5 (2023)" in text
    assert "mt.audio.read\n" not in text, "it has neither notes nor references"
    assert "]_" not in text


def test_descriptors_have_a_line_for_each_form_and_lose_none(tools):
    table = tools._ranged(mt.audio.descriptors())
    assert table["columns"].sum() == len(mt.audio.descriptors())
    assert len(table) < 400
    found = table.set_index("name").loc["mfcc_NN_STATISTIC_db"]
    assert found["columns"] == 13 * 7
    assert found["meaning"].startswith("Of the first: Mel-frequency cepstral coefficient 0 of 40")
    assert "; over all frames" in found["meaning"]
    assert found["range"] == "-inf to inf"


def test_tables_escape_markup(tools):
    text = tools.words.table(["a"], [[tools.words.plain("2*x_\n|y|")]])
    assert "   * - 2\\*x\\_ \\|y\\|" in text


def test_markdown_links_lead_to_the_site_or_nowhere(tools):
    pytest.importorskip("mistune", reason="mistune comes with nbconvert")
    text = "# A `title`\n\n[one](one.md), [two](../two.py), [far](https://a.b)\n\n"
    text += "| a |\n|---|\n| 1 |\n"
    title, body = tools.words.markdown(text, link=lambda a: "1.html" if a == "one.md" else None)
    assert title == "A title"
    assert '<a href="1.html">one</a>, two, <a href="https://a.b">far</a>' in body
    assert "<td>1</td>" in body


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    return mt.datasets.simulate_exports(folder, formats=["spotify_history", "distrokid"], rng=1)


def cells(text):
    """Python cells of a recipe."""
    blocks = re.split(r"(?m)^\.\. code-block:: python\n\n", text)[1:]
    return [
        re.match(r"((?:   .*\n|\n)+)", block)[1].replace("\n   ", "\n").strip() for block in blocks
    ]


def run_cell(code, space):
    """Run a cell as a notebook does; what its last line shows comes back."""
    tree = ast.parse(code)
    last = ast.Expression(tree.body.pop().value)
    exec(compile(tree, "a recipe", "exec"), space)  # noqa: S102 - our own recipes
    return eval(compile(last, "a recipe", "eval"), space)  # noqa: S307


HOW_TO = ROOT / "docs" / "how-to"
RECIPES = {p.stem: p.read_text("utf-8") for p in sorted(HOW_TO.glob("*.rst"))}
RECIPES = {name: text for name, text in RECIPES.items() if cells(text)}
#: What a recipe calls the reader's own file, and the format of the export that stands in for it.
STAND_INS = {
    "your-own-listening": ("my_spotify_data.zip", "spotify_history"),
    "your-own-statement": ("my-statement.tsv", "distrokid"),
    "your-own-song": ("my-song.wav", None),
    "look-and-listen": ("my-song.wav", None),
}
#: Tempo, beats and quality with their compiled loops; placebos of a panel; an account's habits.
SLOW = {"your-own-song", "look-and-listen", "figures-for-a-paper", "suspicious-plays"}


def song(folder):
    path = folder / "my-song.wav"
    tone = 0.1 * np.sin(np.arange(5 * 44_100) * 0.06)
    soundfile.write(path, np.stack([tone, tone], axis=1), 44_100)
    return path


@pytest.mark.parametrize(
    "recipe", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in RECIPES]
)
def test_recipes_run_in_three_cells(recipe, exports, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = cells(RECIPES[recipe])
    assert 1 <= len(found) <= 3
    if recipe in STAND_INS:
        stand_in, export = STAND_INS[recipe]
        assert stand_in in found[0]
        path = exports[export].path if export else song(tmp_path)
        found = [code.replace(stand_in, str(path)) for code in found]
    for door in ("launch", "check", "build_gallery"):
        # Run by the tests of the laboratory; what the recipe hands to them is looked at here.
        monkeypatch.setattr(mt.lab, door, create_autospec(getattr(mt.lab, door)))
    space = {}
    for code in found:
        shown = run_cell(code, space)
        assert shown is not None
        assert not (isinstance(shown, mt.plot.Picture) and shown.unlabelled)


def test_tables_of_files_and_platforms_name_all_of_them(tools, exports):
    pages = tools.recipe_tables()
    files, platforms = pages["how-to/which-file.rst"], pages["how-to/which-platform.rst"]
    readers = {name for name in mt.collect.__all__ if name.startswith("read_")}
    named = set(re.findall(r"``mt\.collect\.(\w+)``", files + platforms))
    assert readers - {"read_table"} <= named
    assert set(mt.collect.capabilities().index) <= named
    assert re.search(r"``mt.collect.Deezer``\n +- search, artist,", platforms)
    path = str(exports["distrokid"].path)
    assert run_cell(cells(files)[0].replace("my-statement.tsv", path), {}).kind == "royalties"
    assert run_cell(cells(platforms)[0], {}) is not None


def used(text):
    return set(re.findall(r"\bmt(?:\.\w+)+", text))


def never_shown(shown):
    """Public functions and clients that no page of the site uses."""
    missing, clients = set(), mt.collect.capabilities().index
    for name in rules.public_names(ROOT / "musictools"):
        thing = mt
        for part in name.split(".")[1:]:
            thing = getattr(thing, part)
        # Classes that functions give back are met there; those that a reader asks are clients.
        asked = isinstance(thing, type) and name[11:] in clients
        if (inspect.isfunction(thing) or asked) and name not in shown:
            missing.add(name)
    return missing


def test_every_public_function_is_in_a_notebook_or_a_recipe(tools):
    shown = set().union(*map(used, [*tools.recipe_tables().values(), *RECIPES.values()]))
    shown |= tools.used_in(sorted((ROOT / "notebooks").glob("*.ipynb"))).keys()
    # A result draws itself: its picture is met wherever its function is.
    made = (getattr(wing, name) for wing in WINGS for name in wing.__all__)
    shown |= {f"mt.plot.{kind._drawn_by}" for kind in made if hasattr(kind, "_drawn_by")}
    assert never_shown(shown) == set()
    assert never_shown(shown - {"mt.audio.key", "mt.collect.Deezer"}) == {
        "mt.audio.key",
        "mt.collect.Deezer",
    }
