"""The site: a look at links that sees what is wrong, recipes that run, pages from docstrings."""

import re
import sys

import numpy as np
import pytest
import soundfile

import musictools as mt

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


def cells(path):
    """Python cells of a recipe."""
    blocks = re.split(r"(?m)^\.\. code-block:: python\n\n", path.read_text("utf-8"))[1:]
    return [
        re.match(r"((?:   .*\n|\n)+)", block)[1].replace("\n   ", "\n").strip() for block in blocks
    ]


@pytest.mark.parametrize(
    ("recipe", "stand_in", "export"),
    [
        ("your-own-listening", "my_spotify_data.zip", "spotify_history"),
        ("your-own-statement", "my-statement.tsv", "distrokid"),
        # It measures a whole report, compiled loops included.
        pytest.param("your-own-song", "my-song.wav", None, marks=pytest.mark.slow),
    ],
)
def test_recipes_run_in_three_cells(root, exports, tmp_path, recipe, stand_in, export):
    found = cells(root / "docs" / "how-to" / f"{recipe}.rst")
    assert 1 <= len(found) <= 3
    assert stand_in in found[0]
    if export is None:
        path = tmp_path / stand_in
        tone = 0.1 * np.sin(np.arange(5 * 44_100) * 0.06)
        soundfile.write(path, np.stack([tone, tone], axis=1), 44_100)
    else:
        path = exports[export].path
    space = {}
    for code in found:
        *before, last = code.replace(stand_in, str(path)).rsplit("\n", 1)
        exec("\n".join(before), space)  # noqa: S102 - our own recipes
        assert eval(last, space) is not None  # noqa: S307
