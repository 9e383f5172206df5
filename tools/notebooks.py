"""Notebooks and their sources.

``notebooks/source/NN-name.py`` is the truth, in Jupytext's percent form.
``notebooks/NN-name.ipynb`` is what a reader opens, without outputs.

    python tools/notebooks.py build    make the notebooks from their sources
    python tools/notebooks.py check    fail if a notebook differs from its source
    python tools/notebooks.py sync     write the sources anew from notebooks edited in JupyterLab
"""

import hashlib
import sys
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
FORMAT = "py:percent"
#: What a source keeps of the metadata; everything else is the editor's business.
KEPT = {
    "notebook_metadata_filter": "kernelspec,musictools,-jupytext",
    "cell_metadata_filter": "tags,jupyter,-all",
}
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def tidy(notebook: NotebookNode) -> NotebookNode:
    """Leave out what a run or an editor added, and name the cells by what they hold.

    Parameters
    ----------
    notebook : NotebookNode
        As read from a source or a notebook file.

    Returns
    -------
    NotebookNode
        A new one. The same cells always give the same notebook, byte for byte.
    """
    metadata = {
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
        "musictools": dict(notebook.metadata.get("musictools", {})),
    }
    made = nbformat.v4.new_notebook(metadata=metadata)
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        source = cell.source.rstrip()
        kept = {
            name: cell.metadata[name] for name in ("jupyter", "tags") if cell.metadata.get(name)
        }
        digest = hashlib.sha256(f"{cell.cell_type}\n{source}".encode()).hexdigest()[:12]
        # Two cells with the same words, such as two empty ones for the reader, need two names.
        seen[digest] = seen.get(digest, 0) + 1
        name = f"{digest}-{seen[digest]}"
        new = getattr(nbformat.v4, f"new_{cell.cell_type}_cell")
        made.cells.append(new(source, metadata=kept, id=name))
    return made


def from_source(source: Path) -> str:
    """Text of the notebook that a source makes."""
    return _text(tidy(jupytext.read(source, fmt=FORMAT)))


def to_source(notebook: Path) -> str:
    """Text of the source that a notebook makes."""
    tidied = tidy(nbformat.read(notebook, as_version=4))
    del tidied.metadata["language_info"]
    tidied.metadata["jupytext"] = dict(KEPT)
    return jupytext.writes(tidied, fmt=FORMAT)


def pairs(folder: Path) -> list[tuple[Path, Path]]:
    """Every source and its notebook, whether there or not."""
    names = {p.stem for p in [*folder.glob("source/*.py"), *folder.glob("*.ipynb")]}
    return [(folder / "source" / f"{n}.py", folder / f"{n}.ipynb") for n in sorted(names)]


def build(folder: Path) -> int:
    """Make every notebook from its source."""
    for source, notebook in pairs(folder):
        if not source.exists():
            print(f"{notebook.name} has no source. Try: python tools/notebooks.py sync")
            return 1
        _write(notebook, from_source(source))
    return 0


def check(folder: Path) -> int:
    """Say which notebooks differ from their sources."""
    stale = 0
    for source, notebook in pairs(folder):
        there = notebook.exists() and source.exists()
        if not there or notebook.read_text("utf-8") != from_source(source):
            stale += 1
            print(f"{notebook.name} and its source differ. Try: python tools/notebooks.py build")
    return min(stale, 1)


def sync(folder: Path) -> int:
    """Write the sources anew from the notebooks, and then the notebooks without outputs."""
    for source, notebook in pairs(folder):
        if notebook.exists():
            _write(source, to_source(notebook))
    return build(folder)


def _text(notebook: NotebookNode) -> str:
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text("utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"wrote {path.parent.name}/{path.name}")


VERBS = {"build": build, "check": check, "sync": sync}


def main(words: list[str]) -> int:
    """Do what the command line asks for."""
    if len(words) != 1 or words[0] not in VERBS:
        print(__doc__)
        return 2
    return VERBS[words[0]](NOTEBOOKS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
