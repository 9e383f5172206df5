"""The site: notebooks, how-to, reference and explanation as pages that need no network.

python tools/docs.py build             make build/docs, running notebooks that have changed
python tools/docs.py build --no-run    the same with the notebooks that were run before
python tools/docs.py check [FOLDER]    look for dead links and pictures without words
"""

import io
import re
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import _site_links as links  # noqa: E402 - found beside this file
import _site_recipes as recipes  # noqa: E402
import _site_reference as reference  # noqa: E402
import _site_words as words  # noqa: E402

SOURCES, OUT, GALLERY = ROOT / "build/docs-source", ROOT / "build/docs", ROOT / "build/gallery"
#: Pages of definitions and limits, by wing.
LIMITS = {
    "audio": "Sound: what is measured, and its limits",
    "trends": "Trends and forecasts: definitions and limits",
    "marketing": "Impact and media mix: definitions and limits",
    "economics": "Payouts, deals and markets: definitions and limits",
    "economics.rules": "Payout rules one by one",
    "collect": "Collected and imported data: what they can say",
    "datasets": "Made-up and shipped data: what they can say",
}
SHEETS = ROOT / "datasets"
#: A cell may call a wing by a shorter name, such as ``rules = mt.economics.rules``.
_SHORTENED = re.compile(r'"(\w+) = (mt(?:\.\w+)+)(?:\\n)?"')


def used_in(notebooks: Iterable[Path]) -> dict[str, dict[str, str]]:
    """For each name such as ``mt.audio.key``: stem and title of the notebooks that use it."""
    from musictools.lab._lesson import read_lesson

    found: dict[str, dict[str, str]] = {}
    for path in notebooks:
        title = read_lesson(path).title
        text = path.read_text("utf-8")
        for short, meant in _SHORTENED.findall(text):
            text = re.sub(rf"\b{short}\.", f"{meant}.", text)
        for name in sorted(set(re.findall(r"\bmt(?:\.\w+)+", text))):
            found.setdefault(name, {})[path.stem] = title
    return found


def explanations() -> dict[str, str]:
    """Write the pages of definitions and limits; each fact comes from where it is kept."""
    import musictools as mt
    from musictools.audio._framewise import STATISTICS

    pages = {
        "descriptors": _framed(
            "Descriptors of a recording",
            "The columns of ``mt.audio.describe`` and ``mt.audio.extract``: what each means, when "
            "it is missing (NaN), its unit and range, and where it was defined. STATISTIC "
            f"stands for {_listed(STATISTICS)} over frames, dmean and dstd being those of the "
            "distance between neighbours, and NN for a number; ``mt.audio.descriptors()`` has "
            "every column on a line of its own.",
            _ranged(mt.audio.descriptors()),
            by="family",
        ),
        "findings": _framed(
            "Findings of a quality report",
            "When ``mt.audio.quality`` finds what. A *fact* follows a rule that anybody can check; "
            "a *judgement* is a matter of degree and taste.",
            mt.audio.finding_kinds(),
            by="basis",
        ),
        "rules": _framed(
            "Payout rules and what they promise",
            "The table of ``mt.economics.describe_rules``.",
            mt.economics.describe_rules(),
        ),
        "tables": _framed(
            "Tables that pass between rooms",
            "What ``mt.tables.check`` looks for.",
            mt.tables.describe(),
            by="table",
        ),
    }
    for module, title in LIMITS.items():
        pages[f"limits-{module}"] = reference.explanation(module, title=title)
    pages |= {f"data-{path.stem}": _sheet(path) for path in sorted(SHEETS.glob("*.md"))}
    readme = (ROOT / "README.md").read_text("utf-8")
    measured = re.search(r"(?ms)^## How right, how fast\s*$(.*?)(?=^## |\Z)", readme)
    if measured:
        _, body = words.markdown(f"\n{measured[1]}", link=lambda _: None)
        pages["measured"] = words.heading("How right, how fast") + words.raw(body)
    _, body = words.markdown((ROOT / "CONTRIBUTING.md").read_text("utf-8"), link=lambda _: None)
    pages["house"] = words.heading("How the house is built") + words.raw(body)
    intro = "What each measure is, where it comes from, how right it was where the truth is known, "
    intro += "and what it cannot tell. Generated from the code and its tables.\n\n"
    order = ["measured", "descriptors", "findings", "rules", *(f"limits-{m}" for m in LIMITS)]
    order += ["tables", "data-README", "house"]
    text = words.heading("Explanation") + intro + words.toctree(n for n in order if n in pages)
    made = {f"explanation/{name}.rst": text for name, text in pages.items()}
    return made | {"explanation/index.rst": text}


def _framed(title: str, intro: str, data: Any, *, by: str = "") -> str:
    text = words.heading(title) + f"{intro}\n\n"
    if not by:
        return text + words.frame(data)
    for name, part in data.groupby(by, sort=False):
        text += words.heading(str(name), mark="-") + words.frame(part.drop(columns=by))
    return text


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}"


def _ranged(data: Any) -> Any:
    """Give one line to columns that differ in a statistic or a number only."""
    from musictools.audio._framewise import STATISTICS

    of_frames = rf"_(?:{'|'.join(STATISTICS)})(?=_|$)"
    form = data["name"].str.replace(of_frames, "_STATISTIC", regex=True)
    form = form.str.replace(r"_\d\d+(?=_|$)", "_NN", regex=True)
    lines = data.assign(name=form).groupby(["family", "name"], sort=False)
    shown = lines.agg(
        columns=("unit", "size"),
        meaning=("meaning", "first"),
        unit=("unit", "first"),
        low=("minimum", "min"),
        high=("maximum", "max"),
        source=("source", "first"),
    ).reset_index()
    ends = zip(shown["low"], shown["high"], strict=True)
    shown["range"] = [f"{low:g} to {high:g}" for low, high in ends]
    numbered = shown["name"].str.contains("_NN")
    first = shown["meaning"].str.replace(f"; {STATISTICS[0]} over", "; over", regex=False)
    shown["meaning"] = first.where(~numbered, "Of the first: " + first)
    return shown[["name", "columns", "meaning", "unit", "range", "source", "family"]]


def _sheet(path: Path) -> str:
    """Datasheets know each other, and no other file of the checkout."""

    def link(address: str) -> str | None:
        name = address.removesuffix(".md")
        return f"data-{name}.html" if (SHEETS / f"{name}.md").is_file() else None

    title, body = words.markdown(path.read_text("utf-8"), link=link)
    others = (f"data-{one.stem}" for one in sorted(SHEETS.glob("*.md")) if one != path)
    below = words.toctree(others, hidden=True) if path.stem == "README" else ""
    title = "Shipped data sets" if path.stem == "README" else title
    return words.heading(title) + words.raw(body) + below


def recipe_tables() -> dict[str, str]:
    """Write the recipes that are tables of what the package knows."""
    return {
        "how-to/which-file.rst": recipes.which_file(),
        "how-to/which-platform.rst": recipes.which_platform(),
    }


def tutorials(gallery: Path) -> dict[str, str]:
    """Write the front page of the notebooks that were run; the pages themselves are copied."""
    import nbformat

    from musictools.lab import _gallery, _pages

    executed = sorted((gallery / _gallery.EXECUTED).glob("*.ipynb"))
    pages = [_gallery.describe(nbformat.read(one, as_version=4), one.name) for one in executed]
    intro = "The notebooks as they ran. ``musictools lab`` opens them in JupyterLab.\n\n"
    text = words.heading("Tutorials") + intro + words.raw(_pages.track_cards(pages))
    return {"tutorials/index.rst": text, "_static/cards.css": _pages.CARD_STYLE}


def write_sources(pages: dict[str, str], folder: Path) -> None:
    """Put the hand-written sources and the generated pages into one fresh folder."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder)
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run_sphinx(sources: Path, out: Path) -> list[str]:
    """Build the pages; the warnings come back."""
    from sphinx.application import Sphinx

    shutil.rmtree(out, ignore_errors=True)
    warnings = io.StringIO()
    doctrees = sources.with_name(f"{sources.name}-doctrees")
    shutil.rmtree(doctrees, ignore_errors=True)
    app = Sphinx(sources, sources, out, doctrees, "html", status=None, warning=warnings)
    app.build(force_all=True)
    shutil.rmtree(out / "_sources", ignore_errors=True)
    (out / ".buildinfo").unlink(missing_ok=True)
    return re.sub(r"\x1b\[[\d;]*m", "", warnings.getvalue()).splitlines()


def build(words_after: list[str]) -> int:
    """Make the site, and look at it."""
    start = time.monotonic()
    failed = False
    if "--no-run" not in words_after:
        from musictools.lab import build_gallery

        made = build_gallery(ROOT / "notebooks", out=GALLERY, resume=True, tell=print)
        failed = not made.passed
    begun = time.monotonic()
    used = used_in(sorted((ROOT / "notebooks").glob("*.ipynb")))
    pages = reference.reference(["", *reference.WINGS, *reference.ROOMS], used_in=used)
    write_sources(pages | explanations() | recipe_tables() | tutorials(GALLERY), SOURCES)
    warnings = run_sphinx(SOURCES, OUT)
    for page in sorted(GALLERY.glob("*.html")):
        if page.name != "index.html":
            shutil.copyfile(page, OUT / "tutorials" / page.name)
    print(*warnings, sep="\n", end="\n" * bool(warnings))
    code = check([str(OUT)])
    now = time.monotonic()
    print(
        f"{OUT / 'index.html'}: {now - start:.0f} s, of which {begun - start:.0f} s for notebooks"
    )
    return 1 if code or warnings or failed else 0


def check(words_after: list[str]) -> int:
    """Look for dead links, things fetched from afar and pictures without words."""
    found = links.problems(Path(words_after[0]) if words_after else OUT)
    print(*found, sep="\n", end="\n" * bool(found))
    return 1 if found else 0


VERBS = {"build": build, "check": check}


def main(words_given: list[str]) -> int:
    """Do what the command line asks for."""
    if not words_given or words_given[0] not in VERBS:
        print(__doc__)
        return 2
    return VERBS[words_given[0]](words_given[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
