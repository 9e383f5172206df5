"""The gallery's web pages: everything inside the file, nothing fetched."""

import copy
import html
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from musictools import _optional
from musictools._html import document
from musictools.lab._formulas import draw_formulas
from musictools.lab._lesson import LEVELS, TRACKS

if TYPE_CHECKING:
    from musictools.lab._gallery import Page

#: Style of the cards, for every page that shows them.
CARD_STYLE = """
.cards { list-style: none; padding: 0; display: grid; gap: 1rem;
         grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); }
.cards > li { border: 1px solid #8884; border-radius: .5rem; padding: 1rem; margin: 0;
              overflow-wrap: anywhere; }
.cards img { width: 100%; height: 10rem; object-fit: contain; background: #fff;
             border-radius: .25rem; }
.cards h3 { font-size: 1.05rem; margin: .6rem 0 .3rem; }
.cards p { margin: .4rem 0; }
.cards small { background: #8882; border-radius: .25rem; padding: .1rem .4rem;
               display: inline-block; }
.cards .failed { border-color: #d55e00; }
.cards .failed strong { color: light-dark(#a84300, #ff9a57); }
"""
_STYLE = (
    """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
a { color: light-dark(#0059a3, #8ec8ff); }
"""
    + CARD_STYLE
)
# The empty blocks would each fetch a script from the network when the page opens; a cell that is
# folded in JupyterLab, such as the solution of an exercise, is folded here too. Both themes of
# JupyterLab are inside; the reader's own choice of light or dark picks one.
_TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js_requirejs -%}{%- endblock html_head_js_requirejs -%}
{%- block jupyter_widgets -%}{%- endblock jupyter_widgets -%}
{%- block html_head_js_mathjax -%}{%- endblock html_head_js_mathjax -%}
{%- block html_head_js_mermaidjs -%}{%- endblock html_head_js_mermaidjs -%}
{%- block html_head_css -%}
<style>@media screen and (prefers-color-scheme: dark) {
{{ resources.include_css("static/theme-dark.css")
   | replace('<style type="text/css">', '') | replace('</style>', '') }}
img[src^="data:image/svg+xml"] { filter: invert(.9); }
}
/* JupyterLab's own colours of these words are fainter than one can read easily. */
:root { color-scheme: light dark;
        --jp-mirror-editor-operator-color: light-dark(#8a10d8, #cf9bff);
        --jp-mirror-editor-number-color: light-dark(#006b00, #7fd17f);
        --jp-mirror-editor-comment-color: light-dark(#2f6666, #7fb5b5); }
body.jp-Notebook { max-width: 62rem; margin: 0 auto; }
nav.mt-bar { font: 14px/1.4 system-ui, sans-serif; display: flex; flex-wrap: wrap;
             gap: .3rem 1.5rem; padding: .6rem 1rem;
             border-bottom: 1px solid #8884; }
nav.mt-bar a { color: var(--jp-content-link-color); }
</style>
{%- endblock html_head_css -%}
{%- block body_header -%}
{{ super() }}{{ resources.mt_bar }}
{%- endblock body_header -%}
{%- block codecell -%}
{%- if cell.metadata.get("jupyter", {}).get("source_hidden") -%}
<details style="margin: .5rem 1rem"><summary>A folded cell</summary>{{ super() }}</details>
{%- else -%}{{ super() }}{%- endif -%}
{%- endblock codecell -%}
"""
_SHOWN_FIRST = [
    "text/html",
    "application/pdf",
    "text/latex",
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "text/markdown",
    "text/plain",
]
_FETCHES = re.compile(
    r"<(?:script|link|img|iframe)\b[^>]*?\s(?:src|href)=[\"']?(?:https?:)?//", re.IGNORECASE
)
_NOTEBOOK_LINK = re.compile(r"\]\((?![a-z]+:|/|#)([^)\s#]+)\.ipynb(#[^)\s]*)?\)")
_MAP_LINK = re.compile(r"\]\((?:\./)?README\.md(?:#[^)\s]*)?\)")


def notebook_page(notebook: Any, *, name: str, bar: str = "") -> str:
    """Give the page of a notebook that was run.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With its outputs.
    name : str
        Title of the page, if the notebook has none.
    bar : str
        HTML above the notebook.

    Returns
    -------
    str
        HTML with pictures, sound and style inside; formulas are drawn, as far as matplotlib can.
        Links to other notebooks lead to their pages.
    """
    jinja2, nbconvert = (
        _optional.require(module, extra="lab", purpose="build the gallery")
        for module in ("jinja2", "nbconvert")
    )
    exporter = nbconvert.HTMLExporter(
        extra_loaders=[jinja2.DictLoader({"musictools.html.j2": _TEMPLATE})],
        template_file="musictools.html.j2",
        embed_images=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    exporter.config.NbConvertBase.display_data_priority = _SHOWN_FIRST
    # A copy: the drawn formulas are for this page only.
    notebook = copy.deepcopy(notebook)
    title = notebook.metadata.get("musictools", {}).get("title", name)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = draw_formulas(link_pages(cell.source))
        elif cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if not _is_progress(one)]
    body, _ = exporter.from_notebook_node(
        notebook, {"metadata": {"name": str(title)}, "mt_bar": bar}
    )
    return str(body)


def link_pages(text: str) -> str:
    """Let links of a Markdown text to notebooks lead to their pages, and to the front page.

    Parameters
    ----------
    text : str
        Markdown.

    Returns
    -------
    str
        The same; addresses of other places stay.

    Examples
    --------
    >>> link_pages("[one](00-one.ipynb#Next) of [all](README.md), [far](https://a.b/c.ipynb)")
    '[one](00-one.html#Next) of [all](index.html), [far](https://a.b/c.ipynb)'
    """
    return _MAP_LINK.sub("](index.html)", _NOTEBOOK_LINK.sub(r"](\1.html\2)", text))


def link_bar(names: Sequence[str], place: int) -> str:
    """Give the way from one page to the front page and to its neighbours."""
    parts = ['<a href="index.html">All notebooks</a>']
    if place:
        parts.append(_link(names[place - 1], "Previous"))
    if place + 1 < len(names):
        parts.append(_link(names[place + 1], "Next"))
    return f'<nav class="mt-bar" aria-label="Notebooks">{"".join(parts)}</nav>'


def _link(name: str, words: str) -> str:
    name = html.escape(name)
    return f'<a href="{name}.html">{words}: {name}</a>'


def _is_progress(output: Any) -> bool:
    """Tell what a bar leaves: ours an empty text, those of others a widget without a page."""
    data = output.get("data", {})
    lost = set(data) == {"application/vnd.jupyter.widget-view+json", "text/plain"}
    return lost or dict(data) == {"text/plain": ""}


def index_page(pages: "Sequence[Page]") -> str:
    """Give the front page of all notebooks."""
    failed = sum(bool(page.error) for page in pages)
    told = f"{len(pages)} notebooks, {failed} failed" if failed else f"{len(pages)} notebooks"
    name = "musictools: the notebooks"
    body = f"<h1>{name}</h1><p>{told}.</p>\n{track_cards(pages)}"
    return document(name, body, style=_STYLE)


def track_cards(pages: "Sequence[Page]") -> str:
    """Give a card for each notebook, under the question of its track."""
    known = {**TRACKS, **{page.lesson.track: "" for page in pages if page.lesson.track}, "": ""}
    parts = []
    for track, question in {**known, **TRACKS}.items():
        mine = [page for page in pages if page.lesson.track == track]
        if not mine:
            continue
        name = (track or "others").capitalize()
        heading = f"{name}: {question}" if question else name
        cards = "\n".join(map(_card, mine))
        parts.append(
            f'<section id="{html.escape(track or "others")}"><h2>{html.escape(heading)}</h2>\n'
            f'<ul class="cards">\n{cards}\n</ul></section>'
        )
    return "\n".join(parts)


def fetches(page: str) -> list[str]:
    """List what a page would fetch from the network when it opens."""
    return [found.group(0) for found in _FETCHES.finditer(page)]


def _card(page: "Page") -> str:
    told = page.lesson
    title = html.escape(told.title)
    link = html.escape(page.name.removesuffix(".ipynb") + ".html")
    alt = html.escape(page.alt or f"A picture of: {told.title}")
    picture = (
        f'<img alt="{alt}" src="data:image/png;base64,{page.picture}">' if page.picture else ""
    )
    labels = [LEVELS.get(told.level, told.level), f"{told.minutes} minutes" if told.minutes else ""]
    badges = _badges([*labels, f"ran in {page.seconds_s:.0f} s"])
    words = html.escape(re.sub(r"[*`]", "", told.question or told.description))
    state = f"<p><strong>failed: {html.escape(page.error)}</strong></p>" if page.error else ""
    kind = ' class="failed"' if page.error else ""
    return (
        f'<li{kind}>{picture}<h3><a href="{link}">{title}</a></h3>'
        f"<p>{words}</p>{state}<p>{badges}</p></li>"
    )


def _badges(labels: Iterable[str]) -> str:
    return " ".join(f"<small>{html.escape(label)}</small>" for label in labels if label)
