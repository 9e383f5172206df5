"""The gallery's web pages: everything inside the file, nothing fetched."""

import copy
import html
import re
from typing import TYPE_CHECKING, Any

from musictools import _optional
from musictools._html import document
from musictools.lab._formulas import draw_formulas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from musictools.lab._gallery import Page

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
ul { list-style: none; padding: 0; display: grid; gap: 1rem;
     grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); }
li { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; }
li img { width: 100%; height: 10rem; object-fit: contain; background: #fff; border-radius: .25rem; }
h2 { font-size: 1.1rem; margin: .5rem 0; }
small { background: var(--soft); border-radius: .25rem; padding: .1rem .4rem; margin-right: .3rem; }
.failed { border-color: #d55e00; } .failed strong { color: #d55e00; }
"""
# The empty blocks would each fetch a script from the network when the page opens; a cell that is
# folded in JupyterLab, such as the solution of an exercise, is folded here too.
_TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js_requirejs -%}{%- endblock html_head_js_requirejs -%}
{%- block jupyter_widgets -%}{%- endblock jupyter_widgets -%}
{%- block html_head_js_mathjax -%}{%- endblock html_head_js_mathjax -%}
{%- block html_head_js_mermaidjs -%}{%- endblock html_head_js_mermaidjs -%}
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


def notebook_page(notebook: Any, *, name: str) -> str:
    """Give the page of a notebook that was run.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With its outputs.
    name : str
        Title of the page.

    Returns
    -------
    str
        HTML with pictures, sound and style inside; formulas are drawn, as far as matplotlib can.
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
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = draw_formulas(cell.source)
        elif cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if not _is_progress(one)]
    body, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": name}})
    return str(body)


def _is_progress(output: Any) -> bool:
    """Tell a widget whose only other form is text: a bar that is long over when a page is read."""
    kinds = set(output.get("data", ()))
    return kinds == {"application/vnd.jupyter.widget-view+json", "text/plain"}


def index_page(pages: "Sequence[Page]") -> str:
    """Give the page that shows all notebooks."""
    failed = sum(bool(page.error) for page in pages)
    told = f"{len(pages)} notebooks, {failed} failed" if failed else f"{len(pages)} notebooks"
    cards = "\n".join(map(_card, pages))
    name = "musictools: the notebooks"
    body = f"<h1>{name}</h1><p>{told}.</p>\n<ul>\n{cards}\n</ul>"
    return document(name, body, style=_STYLE)


def fetches(page: str) -> list[str]:
    """List what a page would fetch from the network when it opens."""
    return [found.group(0) for found in _FETCHES.finditer(page)]


def _card(page: "Page") -> str:
    title, description = html.escape(page.title), html.escape(page.description)
    link = html.escape(page.name.removesuffix(".ipynb") + ".html")
    picture = (
        f'<img alt="First picture of: {title}" src="data:image/png;base64,{page.picture}">'
        if page.picture
        else ""
    )
    labels = [page.track, page.level, f"{page.seconds_s:.0f} s"]
    badges = "".join(f"<small>{html.escape(label)}</small>" for label in labels if label)
    state = f"<p><strong>failed: {html.escape(page.error)}</strong></p>" if page.error else ""
    kind = ' class="failed"' if page.error else ""
    return (
        f'<li{kind}>{picture}<h2><a href="{link}">{title}</a></h2>'
        f"<p>{description}</p>{state}<p>{badges}</p></li>"
    )
