"""What a notebook must be, as functions from a notebook to its problems. Pure JSON and AST."""

import ast
import base64
import io
import json
import re
import wave
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

LONGEST_CELL, MOST_LINES, LONGEST_DEF = 15, 120, 10
FRONT = ("**Question.**", "**You will learn**", "**Before you start.**", "**Time.**")
UNITS = r"dB|dBFS|dBTP|LUFS|LU|BPM|Hz|kHz|cents|s|days|%"
NUMBER = r"(?<![\w.])([-\u2212+]?\d+"
#: A number with a unit, or a decimal with or without one.
QUANTITY = re.compile(rf"{NUMBER}(?:\.\d+)?)\s?(?:{UNITS})(?![\w/])|{NUMBER}\.\d+)(?![\w.]\w)")
#: Methods that draw at random.
RANDOM = ("sample", "shuffle", "permutation", "permuted")
FORBIDDEN = {
    "sys.path": r"\bsys\.path\b",
    "installing": r"(?m)^\s*[!%]\s*(?:pip|conda|uv)\b",
    "magic": r"(?m)^\s*%",
    "silenced warnings": r"filterwarnings|simplefilter",
    "global seed": r"np\.random\.seed|random\.seed",
    "plt.show": r"plt\.show\(",
    "a bare player": r"\bAudio\(",
}
PERSONAL = re.compile(
    r"/(?:home|Users|tmp|root)/|[A-Z]:\\\\?\w|(?i:api_?key|token|secret)\s*=\s*[\"']\w{8}"
)
#: An address of a person; those that documentation may use are nobody's.
MAIL = re.compile(r"[\w.+-]+@(?!example\.(?:org|com)\b)[\w-]+\.\w{2,}")
#: Greys, and the numbered colours of the house style, which are told apart without red and green.
NEUTRAL = re.compile(r"black|white|grey|gray|none|k|w|0?\.\d+|#(\w\w)\1\1|C\d")
COLOURS = {"c", "color", "colors", "facecolor", "edgecolor", "palette", "cmap"}
#: What a notebook may say that it needs: parts of the package, which everybody has.
NEEDS = {"audio", "collect"}
PLACES = ("production", "marketing", "streaming")
LEVELS = ("intro", "inter", "adv")
FRONT_MATTER = {"title": str, "description": str, "level": str, "track": str, "budget_s": int}


@dataclass(frozen=True)
class Notebook:
    """A notebook file as the rules see it."""

    path: Path
    json: dict

    @classmethod
    def read(cls, path):
        return cls(path, json.loads(path.read_text("utf-8")))

    @cached_property
    def cells(self):
        return [c | {"text": "".join(c["source"])} for c in self.json["cells"]]

    @cached_property
    def code(self):
        return [c for c in self.cells if c["cell_type"] == "code"]

    @cached_property
    def markdown(self):
        return [c for c in self.cells if c["cell_type"] == "markdown"]

    @cached_property
    def prose(self):
        """All Markdown, without code."""
        text = "\n\n".join(c["text"] for c in self.markdown)
        return re.sub(r"```.*?```", "", text, flags=re.DOTALL)

    @cached_property
    def headings(self):
        return [(len(m[1]), m[2]) for m in re.finditer(r"(?m)^(#+)\s+(.+?)\s*$", self.prose)]

    @cached_property
    def trees(self):
        return [ast.parse(c["text"]) for c in self.code]

    def nodes(self, kind):
        return [n for tree in self.trees for n in ast.walk(tree) if isinstance(n, kind)]

    def section(self, title):
        """Text between a heading and the next of its level."""
        found = re.search(rf"(?ms)^## {title}\s*$(.*?)(?=^## |\Z)", self.prose)
        return found[1] if found else None


def tags(cell):
    return cell["metadata"].get("tags", [])


def lines(cell):
    return sum(1 for line in cell["text"].splitlines() if line.strip())


def bullets(text):
    return re.findall(r"(?m)^- ", text)


def one_title(nb):
    if [level for level, _ in nb.headings].count(1) != 1 or nb.headings[0][0] != 1:
        yield "not exactly one title, at the top"
    for (above, _), (below, title) in pairwise(nb.headings):
        if below > above + 1:
            yield f"the heading {title!r} skips a level"


def front_cell(nb):
    first = nb.cells[0]["text"]
    yield from (f"the first cell lacks {part}" for part in FRONT if part not in first)
    if not 3 <= len(bullets(first)) <= 5:
        yield "not three to five goals"
    if not re.search(r"\*\*Before you start\.\*\* (?:Nothing\b|[^*]*\]\(\d\d-)", first):
        yield "neither nothing nor a notebook to read before"
    if not re.search(r"\*\*Time\.\*\* \d+ minutes", first):
        yield "no time in minutes"
    if not re.search(r"\*\*Data and licence\.\*\*.*\bCC", first, re.DOTALL):
        yield "no data and licence"


def front_matter(nb):
    about = nb.json["metadata"].get("musictools", {})
    for name, kind in FRONT_MATTER.items():
        if not isinstance(about.get(name), kind):
            yield f"the metadata lack {name}"
            return
    if about["track"] not in PLACES or about["level"] not in LEVELS:
        yield "an unknown track or level"
    if not isinstance(about.get("requires"), list) or not 0 < about["budget_s"] <= 60:
        yield "no list of requirements, or a budget over 60 s"
    elif not NEEDS.issuperset(about["requires"]):
        yield f"needs what not everybody has: {about['requires']}"
    if about.get("songs", "all") != "all":
        yield "songs are all, or not mentioned"
    if about["title"] != nb.headings[0][1]:
        yield "the title differs from the metadata"


def stripped(nb):
    if any(c["outputs"] or c["execution_count"] is not None for c in nb.code):
        yield "stored with outputs or execution counts"
    if nb.json["metadata"].get("kernelspec", {}).get("name") != "python3":
        yield "the kernel is not python3"
    if {"collapsed", "execution"} & {k for c in nb.cells for k in c["metadata"]}:
        yield "stored with traces of a run"


def imports(nb):
    with_imports = [
        tree
        for tree in nb.trees
        if any(isinstance(n, ast.Import | ast.ImportFrom) for n in ast.walk(tree))
    ]
    if len(with_imports) != 1:
        yield f"{len(with_imports)} cells with imports, not one"
    if "import musictools as mt" not in "\n".join(c["text"] for c in nb.code):
        yield "no `import musictools as mt`"
    used = {a.name for n in nb.nodes(ast.Import) for a in n.names}
    used |= {n.module for n in nb.nodes(ast.ImportFrom)}
    if any(name.startswith("musictools.") for name in used):
        yield "imports a part of the package past `mt`"


def manners(nb):
    text = "\n".join(c["text"] for c in nb.code)
    yield from (name for name, pattern in FORBIDDEN.items() if re.search(pattern, text))


def one_seed(nb):
    """Chance comes from one seeded generator; without chance there is no seed."""
    seeds = [n for n in nb.nodes(ast.Call) if ast.unparse(n.func) == "np.random.default_rng"]
    draws = [n for n in nb.nodes(ast.Name) if n.id == "rng" and isinstance(n.ctx, ast.Load)]
    if len(seeds) > 1:
        yield "more than one seed"
    if not all(n.args for n in seeds):
        yield "a generator without a seed"
    if bool(seeds) != bool(draws):
        yield "random without a seed, or a seed that nothing uses"
    for call in nb.nodes(ast.Call):
        if getattr(call.func, "attr", "") in RANDOM and "rng" not in ast.unparse(call):
            yield f"random without a seed: {ast.unparse(call)!r}"


def small_cells(nb):
    yield from (f"a cell of {lines(c)} lines" for c in nb.code if lines(c) > LONGEST_CELL)
    if sum(map(lines, nb.code)) > MOST_LINES:
        yield f"{sum(map(lines, nb.code))} lines of code"
    for node in nb.nodes(ast.FunctionDef):
        if node.end_lineno - node.lineno >= LONGEST_DEF:
            yield f"the function {node.name} belongs in the package"


def words_first(nb):
    for before, cell in pairwise(nb.cells):
        if cell["cell_type"] == "code" and before["cell_type"] != "markdown":
            yield f"code without words before it: {cell['text'][:40]!r}"
    ratio = len(nb.markdown) / max(1, len(nb.code))
    if not 0.8 <= ratio <= 1.5:
        yield f"{ratio:.2f} Markdown cells for each code cell"


def pictures_speak(nb):
    for cell, tree in zip(nb.code, nb.trees, strict=True):
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
        names = [ast.unparse(c.func) for c in calls]
        drawn = "plt.subplots" in names or DRAWING & set(names)
        if drawn and "mt.plot.show" not in names:
            yield f"a figure that is never shown with mt.plot.show: {cell['text'][:40]!r}"
        if drawn and "mt.plot.style" not in names:
            yield f"a figure without the house style: {cell['text'][:40]!r}"
        for call, name in zip(calls, names, strict=True):
            given = {k.arg for k in call.keywords}
            if name in {"mt.plot.show", "mt.plot.listen"} and "alt" not in given:
                yield f"{name} without alt"
            if name == "mt.plot.listen" and "credit" not in given:
                yield "a sound without its licence"


def house_colours(nb):
    """Colours are those of the style: somebody's own red and green look alike to many."""
    for call in nb.nodes(ast.Call):
        for given in call.keywords:
            named = [n.value for n in ast.walk(given.value) if isinstance(n, ast.Constant)]
            if given.arg in COLOURS:
                yield from (
                    f"a colour of its own: {given.arg}={name!r}"
                    for name in named
                    if isinstance(name, str) and not NEUTRAL.fullmatch(name)
                )


def one_engine(nb):
    """Everybody's numbers are the same: no cell asks for an engine that some do not have."""
    ours = [c for c in nb.nodes(ast.Call) if ast.unparse(c.func).startswith("mt.")]
    asked = {k.arg for call in ours for k in call.keywords}
    modules = {a.name for n in nb.nodes(ast.Import) for a in n.names}
    modules |= {n.module for n in nb.nodes(ast.ImportFrom)}
    if "engine" in asked or any(f"{name}.".startswith("essentia.") for name in modules):
        yield "asks for an engine by name"


def exercises(nb):
    solutions = 0
    for before, words, cell in zip(nb.cells, nb.cells[1:], nb.cells[2:], strict=False):
        if "solution" not in tags(cell):
            continue
        solutions += 1
        if cell["metadata"].get("jupyter") != {"source_hidden": True, "outputs_hidden": True}:
            yield "a solution that is not hidden"
        if "your-turn" not in tags(before) or words["cell_type"] != "markdown":
            yield "a solution without a cell for the reader before it"
        if re.sub(r"(?m)^\s*#.*$", "", before["text"]).strip():
            yield "the reader's cell is not empty"
        if not isinstance(ast.parse(cell["text"]).body[-1], ast.Assert):
            yield "a solution that does not end with an assert"
    asked = len(re.findall(r"(?m)^\*\*Exercise \d", nb.prose))
    if solutions < 2 or asked != solutions:
        yield f"{asked} exercises and {solutions} solutions"


def closing(nb):
    order = [title for level, title in nb.headings if level == 2][-3:]
    if order != ["Takeaways", "Next", "References"]:
        yield "does not end with Takeaways, Next, References"
        return
    goals = len(bullets(nb.cells[0]["text"]))
    if len(bullets(nb.section("Takeaways"))) != goals:
        yield "the takeaways do not mirror the goals"
    if "](" not in nb.section("Next"):
        yield "Next has no link"
    references = re.findall(r"(?m)^\d+\. ", nb.section("References"))
    if "https://" not in nb.section("References"):
        yield "References has no address"
    cited = {int(n) for n in re.findall(r"\[(\d+)\](?!\()", nb.prose)}
    if not cited <= set(range(1, len(references) + 1)):
        yield "cites a reference that is not there"
    if not set(range(1, len(references) + 1)) <= cited:
        yield "has a reference that is never cited"


def versions_last(nb):
    if nb.cells[-1]["text"].strip() != "mt.show_versions()":
        yield "the last cell is not mt.show_versions()"


def links(nb):
    for target in re.findall(r"\]\(([^)\s]+)\)", nb.prose):
        if "://" not in target and not (nb.path.parent / target.partition("#")[0]).exists():
            yield f"a link to nowhere: {target}"


def private(nb):
    for cell in nb.cells:
        if found := PERSONAL.search(cell["text"]) or MAIL.search(cell["text"]):
            yield f"an absolute path, a key or a person: {found[0]!r}"


def names(nb, *, known):
    """Every ``mt.`` name in code, and in the words about it, is public."""
    # A wing may be called by a shorter name.
    short = {
        ast.unparse(n.targets[0]): ast.unparse(n.value)
        for n in nb.nodes(ast.Assign)
        if re.fullmatch(r"mt(\.\w+)+", ast.unparse(n.value))
    }
    written = [ast.unparse(n).partition(".") for n in nb.nodes(ast.Attribute)]
    used = {f"{short.get(first, first)}.{rest}" for first, _, rest in written}
    used |= set(re.findall(r"`(mt(?:\.\w+)+)", nb.prose))
    for name in sorted(n for n in used if re.fullmatch(r"mt(\.\w+)+", n)):
        if not any(
            name == k or name.startswith(f"{k}.") or k.startswith(f"{name}.") for k in known
        ):
            yield f"{name} is not public"


def typed_numbers(nb):
    """A quantity in a sentence is an input of the code, or checked by it, or cited."""
    negative = {id(n.operand) for n in nb.nodes(ast.UnaryOp) if isinstance(n.op, ast.USub)}
    constants = {0.0} | {
        -n.value if id(n) in negative else n.value
        for n in nb.nodes(ast.Constant)
        if isinstance(n.value, int | float) and not isinstance(n.value, bool)
    }
    body = nb.prose.partition("## References")[0].removeprefix(nb.cells[0]["text"])
    for paragraph in re.split(r"\n\s*\n", body):
        if re.search(r"\[\d+\]", paragraph):
            continue
        words = re.sub(r"`[^`]*`", "", paragraph)
        for m in QUANTITY.finditer(words):
            if float((m[1] or m[2]).replace("\u2212", "-")) not in constants:
                yield f"a typed number: {m[0]!r}"


RULES = (
    one_title,
    front_cell,
    front_matter,
    stripped,
    imports,
    manners,
    one_seed,
    small_cells,
    words_first,
    pictures_speak,
    house_colours,
    one_engine,
    exercises,
    closing,
    versions_last,
    links,
    private,
    typed_numbers,
)

#: Labels of axes that hold kinds of things, or times.
UNITLESS = (
    "Plays",
    "Rule",
    "Artist",
    "Channel",
    "Pitch class",
    "Key",
    "Share",
    "Song",
    "Year",
    "Date",
    "Period",
    "What happened",
)


def public_names(package):
    """Every dotted name below ``mt`` that a stub or an ``__all__`` lists."""
    found = set()
    for alias in _stub(package / "__init__.pyi"):
        found.add(f"mt.{alias}")
        wing = package / alias / "__init__.pyi"
        if wing.exists():
            found.discard(f"mt.{alias}")
            found |= {f"mt.{alias}.{name}" for name in _stub(wing)}
    return found


def _stub(path):
    tree = ast.parse(path.read_text("utf-8"))
    return [a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names]


#: What draws a figure: all of mt.plot but what shows, plays and styles.
DRAWING = {
    f"mt.plot.{name}"
    for name in _stub(Path(__file__).parents[1] / "musictools" / "plot" / "__init__.pyi")
    if name.islower() and name not in {"show", "listen", "style"}
}


#: A folder of somebody's machine in what a cell shows.
HOME = re.compile(r"(?<![\w:/])/(?:home|Users|tmp|root|private|var)/|\b[A-Z]:\\\w")
DATA = re.compile(r"data:[\w/+.;=-]+,[^\"'\s)>]*")
SPOKEN = re.compile(r'aria-label="[^"]|aria-hidden="true"')


def output_problems(executed):
    """What is wrong with the outputs of a notebook that has run."""
    for cell in executed["cells"]:
        for output in cell.get("outputs", []):
            where = "".join(cell["source"])[:40]
            yield from (f"{problem}: {where!r}" for problem in _of_output(output))


def _of_output(output):
    if output["output_type"] == "error":
        yield f"error {output['ename']}"
    if output.get("name") == "stderr":
        yield f"on standard error: {output['text'][:80]!r}"
    data = output.get("data", {})
    page = "".join(data.get("text/html", ""))
    words = "".join((*output.get("text", ""), *data.get("text/plain", ""), *page))
    if found := HOME.search(DATA.sub("", words)):
        yield f"tells where it ran: {found[0]!r}"
    if any(not re.search(r'\salt="[^"]', tag) for tag in re.findall(r"<img\b[^>]*", page)):
        yield "an image without words"
    if any(not SPOKEN.search(tag) for tag in re.findall(r"<svg\b[^>]*", page)):
        yield "a drawing without words"
    notes = output.get("metadata", {}).get("musictools", {})
    if "image/png" in data:
        yield from _of_picture(page, notes)
    if "<audio" in page:
        yield from _of_sound(page)


def _of_picture(page, notes):
    if not re.search(r'<img alt="[^"]{20,}"', page):
        yield "a picture without words"
    if int((re.search(r"width:(\d+)px", page) or [0, 0])[1]) > 960:
        yield "a picture wider than 10 in"
    if notes.get("unlabelled"):
        yield f"{notes['unlabelled']} axes of numbers without a label"
    for labels in notes.get("axes") or [("", "")]:
        # A colour bar labels its one axis only, and names at ticks need no label.
        for text in filter(None, labels) if any(labels) else [""]:
            if "(" not in text and not text.startswith(UNITLESS):
                yield f"an axis without a unit: {text!r}"


def _of_sound(page):
    if not re.search(r'aria-label="[^"]{20,}"', page):
        yield "a sound without words"
    with wave.open(
        io.BytesIO(base64.b64decode(page.partition("base64,")[2].partition('"')[0]))
    ) as w:
        samples = np.frombuffer(w.readframes(w.getnframes()), "<i2")
        if w.getnframes() > 30 * w.getframerate():
            yield "a sound longer than 30 s"
    if np.abs(samples.astype(float)).max() > 32768 * 10 ** (-1 / 20) + 1:
        yield "a sound above -1 dBFS"
