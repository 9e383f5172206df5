"""The site's and the gallery's pages on a telephone: nothing scrolls sideways, all can be read."""

import subprocess
import sys

import pytest

pytest.importorskip("nbconvert", reason="no nbconvert: no page of a notebook is made")
pytest.importorskip("numpydoc", reason="no numpydoc: no page of the site is made")
pytest.importorskip("playwright", reason="no playwright: no browser is driven")

import nbformat
from nbformat import v4
from playwright import sync_api

from musictools._html import document
from musictools.lab import _executed, _gallery, _pages
from tests import cards
from tests.browser.test_jupyterlab import FLAGS

pytestmark = pytest.mark.browser

WIDTH_PX = 400
#: WCAG 2.2, 1.4.3 (AA).
LEAST_CONTRAST = 4.5
#: Cards that are made in a moment: figures, tables of many columns, long words, a model.
QUICK = ("EventStudy", "Funnel", "Hazards", "MediaMix", "SampleSize", "Split", "Statement")
#: Pages of the reference: a long signature, a class with methods, wide tables, an example.
NAMES = ("audio.describe", "marketing.MediaMix-class", "economics.payouts", "index-lab")
LONG = "a_name_without_any_place_to_break_it_" * 3  #: Code with a word of every colour.
CODE = """import musictools as mt  # a comment

def made(first: int = 1, *rest) -> bool:
    return not first or mt.audio.key("song.wav")[0] >= 0.5 or len(rest) is None"""

#: Builds a small site in a process of its own: Sphinx changes much in the one that it runs in.
BUILD = """
import pathlib, sys
tools, gallery, folder, *names = sys.argv[1:]
sys.path.insert(0, tools)
import docs
made = docs.reference.reference(["audio", "economics", "lab", "marketing"], used_in={})
pages = {f"reference/{name}.rst": made[f"reference/{name}.rst"] for name in names}
pages |= docs.tutorials(pathlib.Path(gallery)) | docs.recipe_tables()
docs.write_sources(pages, pathlib.Path(folder, "sources"))
docs.run_sphinx(pathlib.Path(folder, "sources"), pathlib.Path(folder, "out"))
"""

#: Text whose colour is too near to that of what is behind it, with the ratio.
FAINT = """(least) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const dot = (colours) => {
    pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return pen.getImageData(0, 0, 1, 1).data;
  };
  const light = (colours) => [...dot(colours)].slice(0, 3)
    .map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const paper = matchMedia("(prefers-color-scheme: dark)").matches ? "#121212" : "#ffffff";
  const behind = (element) => element
    ? [...behind(element.parentElement), getComputedStyle(element).backgroundColor] : [paper];
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement, text = walk.currentNode.data.trim();
    if (!text || !element.checkVisibility({ visibilityProperty: true })) continue;
    const under = behind(element);
    const [dark, bright] = [light(under), light([...under, getComputedStyle(element).color])]
      .sort((one, other) => one - other);
    const ratio = (bright + 0.05) / (dark + 0.05);
    if (ratio < least) found.push(`${ratio.toFixed(1)}: ${text.slice(0, 40)}`);
  }
  return found;
}"""


def notebook_of(kinds):
    """Give a notebook as if it had run, with a card of each kind among words, code and text."""
    wide = f"# All cards\n\n{LONG} `{LONG}`\n\n|{' name |' * 9}\n|{' - |' * 9}\n|{' 1 |' * 9}\n"
    printed = v4.new_output("stream", text=LONG)
    code = v4.new_code_cell(f"{CODE}\nprint({LONG!r})", outputs=[printed])
    cells = [v4.new_markdown_cell(wide), code]
    for kind in kinds:
        data = {"text/html": cards.one(kind)._repr_html_(), "text/plain": kind.__name__}
        shown = v4.new_output("execute_result", data)
        cells.append(v4.new_code_cell(f"mt.{kind.__name__}", outputs=[shown]))
    about = {_executed.RUN: {"seconds_s": 1.0, "error": f"ValueError: {LONG}"}}
    return v4.new_notebook(cells=cells, metadata=about)


def write_gallery(kinds, folder):
    """Write a notebook, its page, and the front page, which shows it as failed."""
    notebook, names = notebook_of(kinds), ["00-before", "01-cards", "02-after"]
    kept = folder / _gallery.EXECUTED / "01-cards.ipynb"
    kept.parent.mkdir()
    kept.write_text(nbformat.writes(notebook), encoding="utf-8")
    page = _pages.notebook_page(notebook, name="Cards", bar=_pages.link_bar(names, 1))
    front = _pages.index_page([_gallery.describe(notebook, kept.name)])
    made = {"01-cards.html": page, "index.html": front}
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in made]


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    kinds = [kind for kind in cards.kinds() if kind.__name__ in QUICK]
    assert len(kinds) == len(QUICK)
    return write_gallery(kinds, tmp_path_factory.mktemp("gallery"))


@pytest.fixture(scope="module")
def site(root, gallery, tmp_path_factory):
    """Pages of the site: tutorials, recipes, and a few of the reference."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-c", BUILD, root / "tools", gallery[0].parent, folder, *NAMES]
    subprocess.run(command, check=True, capture_output=True)
    return sorted(folder.joinpath("out").glob("*/*.html"))


@pytest.fixture(params=["light", "dark"])
def look(request, chromium):
    """Open a page on a narrow screen; what is too wide on it, and what is too faint."""
    with sync_api.sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        screen = {"width": WIDTH_PX, "height": 800}
        page = browser.new_page(color_scheme=request.param, viewport=screen)

        def looked(path):
            page.goto(path.as_uri())
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            wide = page.evaluate("document.scrollingElement.scrollWidth") - WIDTH_PX
            found = [f"{path.name}: {wide} px too wide"] if wide > 0 else []
            faint = page.evaluate(FAINT, LEAST_CONTRAST)
            return found + [f"{path.name}: {one}" for one in faint]

        yield looked
        browser.close()


def test_a_notebook_and_the_front_page_fit_a_telephone(look, gallery):
    assert [told for path in gallery for told in look(path)] == []


@pytest.mark.slow
def test_a_card_of_every_kind_fits_a_telephone(look, tmp_path):
    page, _ = write_gallery(cards.kinds(), tmp_path)
    assert look(page) == []


def test_the_site_fits_a_telephone(look, site):
    assert len(site) > len(NAMES)
    assert [told for path in site for told in look(path)] == []


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<p style='width:500px'>wide</p>", "px too wide"),
        ("<pre>" + "wide " * 50 + "</pre>", "px too wide"),
        ("<p style='color:#8888'>faint</p>", ": faint"),
        ("<p style='color:inherit;background:currentColor'>hidden</p>", ": hidden"),
    ],
)
def test_what_is_wide_or_faint_is_seen(look, tmp_path, inside, told):
    page = tmp_path / "page.html"
    page.write_text(document("One", inside, style=":root { color-scheme: light dark }"))
    (found,) = look(page)
    assert told in found
