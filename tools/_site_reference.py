"""Pages of the reference and of the explanation, generated from stubs and docstrings."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import _site_words as words

#: Wings, in the order of the site, and rooms whose public names stand in `__all__`.
WINGS = ("audio", "collect", "trends", "marketing", "economics", "datasets", "plot", "lab")
ROOMS = ("economics.rules", "tables", "errors")
_STRUCTURED = ("Summary", "Extended Summary", "Notes", "References")


@dataclass(frozen=True)
class Name:
    """One public name of the package."""

    module: str
    name: str
    thing: Any

    @property
    def full(self) -> str:
        """As Sphinx knows it."""
        return f"{self.module}.{self.name}"

    @property
    def short(self) -> str:
        """As a reader writes it."""
        return f"mt.{self.full.partition('.')[2]}"

    @property
    def page(self) -> str:
        """Page of the reference, without suffix."""
        # Key and key would be one file where letters of both cases are the same.
        mark = "-class" if self.kind == "class" else ""
        return self.full.partition(".")[2] + mark

    @property
    def kind(self) -> str:
        """What autodoc calls it."""
        if isinstance(self.thing, type):
            return "exception" if issubclass(self.thing, BaseException) else "class"
        return "function" if callable(self.thing) else "data"

    @property
    def summary(self) -> str:
        """First sentence of its docstring."""
        text = inspect.getdoc(self.thing) or "" if self.kind != "data" else ""
        return " ".join(text.partition("\n\n")[0].split())


def public_names(module: str) -> list[Name]:
    """List the public names of a wing by its stub, or of a room by its ``__all__``."""
    loaded = importlib.import_module(f"musictools.{module}" if module else "musictools")
    stub = Path(str(loaded.__file__)).with_suffix(".pyi")
    if stub.is_file():
        listed = [
            alias.asname or alias.name
            for node in ast.parse(stub.read_text("utf-8")).body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        ]
    else:
        listed = list(loaded.__all__)
    found = [Name(loaded.__name__, name, getattr(loaded, name)) for name in listed]
    found = [one for one in found if not inspect.ismodule(one.thing) and one.name[:2] != "__"]
    return sorted(found, key=lambda one: one.name.lower())


def reference(
    modules: Iterable[str], *, used_in: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """Write the pages of the reference.

    Parameters
    ----------
    modules : iterable of str
        Below ``musictools``; the empty one is the package itself.
    used_in : mapping of str to mapping of str to str
        For a name as readers write it: stem and title of the notebooks that use it.

    Returns
    -------
    dict of str to str
        Path within the sources to reStructuredText.
    """
    modules = list(modules)
    pages = {}
    for module in modules:
        names = public_names(module)
        pages[f"reference/{_index(module)}.rst"] = _wing_page(module, names)
        for one in names:
            pages[f"reference/{one.page}.rst"] = _name_page(one, used_in.get(one.short, {}))
    intro = (
        "Import it as ``import musictools as mt``. Names stand where they are imported from.\n\n"
    )
    listed = words.toctree(map(_index, modules))
    pages["reference/index.rst"] = words.heading("Reference") + intro + listed
    return pages


def _index(module: str) -> str:
    return f"index-{module or 'musictools'}"


def _wing_page(module: str, names: list[Name]) -> str:
    loaded = importlib.import_module(f"musictools.{module}" if module else "musictools")
    text = words.heading(f"mt.{module}" if module else "mt")
    text += f"{(inspect.getdoc(loaded) or '').partition(chr(10) * 2)[0]}\n\n"
    text += words.toctree((f"{one.name} <{one.page}>" for one in names), hidden=True)
    groups = {"Functions": ("function",), "Classes": ("class",), "Others": ("exception", "data")}
    for title, kinds in groups.items():
        mine = [one for one in names if one.kind in kinds]
        if mine:
            rows = [[f":doc:`{one.name} <{one.page}>`", one.summary] for one in mine]
            text += f".. rubric:: {title}\n\n" + words.table(["Name", "What it is"], rows)
    return text


def _name_page(one: Name, notebooks: Mapping[str, str]) -> str:
    text = words.heading(one.short)
    options = "   :members:\n" if one.kind == "class" else ""
    if one.kind == "class" and one.module.endswith(".collect"):
        options += "   :inherited-members: object\n"
    text += f".. auto{one.kind}:: {one.full}\n{options}\n"
    if notebooks:
        links = [f"`{words.plain(t)} <../tutorials/{n}.html>`__" for n, t in notebooks.items()]
        text += ".. rubric:: In the notebooks\n\n" + "".join(f"* {link}\n" for link in links)
    return text


def explanation(module: str, *, title: str) -> str:
    """Write what the public names of a wing are and cannot do, from their docstrings.

    Parameters
    ----------
    module : str
        Below ``musictools``.
    title : str
        Of the page.

    Returns
    -------
    str
        reStructuredText; names whose docstring has neither notes nor references are left out.
    """
    text = words.heading(title)
    text += "Definitions, sources and limits, as the reference has them too.\n\n"
    for one in public_names(module):
        parts = sections(one.thing)
        if not (parts["Notes"] or parts["References"]):
            continue
        text += words.heading(one.short, mark="-")
        text += f"{parts['Summary']}\n\n{parts['Extended Summary']}\n\n"
        if parts["Notes"]:
            text += f"**What to know.** {parts['Notes']}\n\n"
        if parts["References"]:
            text += f"**Sources.** {parts['References']}\n\n"
        text += f":doc:`Reference of {one.short} </reference/{one.page}>`\n\n"
    return text


def sections(thing: Any) -> dict[str, str]:
    """Give the parts of a docstring that define and limit a thing."""
    from numpydoc.docscrape import NumpyDocString

    if not (inspect.isfunction(thing) or inspect.isclass(thing)):
        return dict.fromkeys(_STRUCTURED, "")
    parts = NumpyDocString(inspect.getdoc(thing) or "")
    # Labels of footnotes would meet those of another docstring on the same page.
    return {
        name: re.sub(r"\.\. \[\d+\] |\s?\[\d+\]_", "", "\n".join(parts[name]))
        for name in _STRUCTURED
    }
