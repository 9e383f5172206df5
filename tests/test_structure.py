"""The rules of the house that a machine can see."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import musictools

PACKAGE = Path(musictools.__file__).parent
WINGS = sorted(p.parent.relative_to(PACKAGE).as_posix() for p in PACKAGE.glob("*/__init__.pyi"))
FILES = sorted(PACKAGE.rglob("*.py"))
# Arrows of the house: what each room may import. Everything stands on the ground floor.
GROUND = {p.stem for p in PACKAGE.glob("*.py")}
ARROWS = {
    "collect": {"collect"},
    "audio": {"audio", "plot"},  # plot: only for the page of a quality report
    "datasets": {"datasets", "audio"},  # the label masters its songs with our own meter
    "trends": {"trends"},
    "economics": {"economics", "trends"},
    "marketing": {"marketing", "trends"},
    "plot": {"plot", "audio", "economics", "marketing", "trends"},
    "lab": {"lab", "audio", "economics", "marketing", "plot"},
    "cli": {"cli", "audio", "collect", "datasets", "plot", "lab"},
}


def public():
    for wing in WINGS:
        module = importlib.import_module(f"musictools.{wing}")
        for name in module.__all__:
            yield f"{wing}.{name}", getattr(module, name)
    for name in ("tables", "errors"):
        module = importlib.import_module(f"musictools.{name}")
        for part in module.__all__:
            yield f"{name}.{part}", getattr(module, part)
    yield "show_versions", musictools.show_versions


PUBLIC = dict(public())
FUNCTIONS = {k: v for k, v in PUBLIC.items() if inspect.isfunction(inspect.unwrap(v))}
CLASSES = {k: v for k, v in PUBLIC.items() if inspect.isclass(v)}


def test_there_is_something_to_check():
    assert len(FUNCTIONS) >= 15
    assert {"audio.describe", "audio.extract", "datasets.load_label"} <= set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_at_most_three_positional_parameters(name):
    parameters = inspect.signature(FUNCTIONS[name]).parameters.values()
    positional = [p for p in parameters if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}]
    assert len(positional) <= 3
    assert not any(isinstance(p.default, bool) for p in positional), "a positional boolean"
    assert not any(p.kind in {p.VAR_POSITIONAL, p.VAR_KEYWORD} for p in parameters)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_everything_public_is_typed(name):
    signature = inspect.signature(FUNCTIONS[name])
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty, parameter.name


def doc_of(name, text):
    numpydoc = pytest.importorskip("numpydoc.docscrape", reason="numpydoc is in the test group")
    return numpydoc.NumpyDocString(text)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_documented_in_full(name):
    function = FUNCTIONS[name]
    doc = doc_of(name, inspect.getdoc(function) or "")
    assert " ".join(doc["Summary"]).strip().endswith("."), "a summary sentence"
    documented = [n.strip(" *") for p in doc["Parameters"] for n in p.name.split(",")]
    assert documented == list(inspect.signature(function).parameters)
    assert all(p.type and p.desc for p in doc["Parameters"]), "a type and a meaning for each"
    assert doc["Returns"] or doc["Yields"], "what comes back"
    assert ">>>" in "".join(doc["Examples"]), "an example that runs"


@pytest.mark.parametrize("name", CLASSES)
def test_classes_are_documented(name):
    assert (inspect.getdoc(CLASSES[name]) or "").strip()
    if hasattr(CLASSES[name], "__dataclass_fields__"):
        doc = doc_of(name, inspect.getdoc(CLASSES[name]))
        described = {
            n.strip() for p in doc["Attributes"] + doc["Parameters"] for n in p.name.split(",")
        }
        fields = {f for f in CLASSES[name].__dataclass_fields__ if not f.startswith("_")}
        assert described >= fields, fields - described


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_rooms_are_small(path):
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assert text.count("\n") <= 600, "two rooms in one"
    assert ast.get_docstring(tree), "no module docstring"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.end_lineno - node.lineno - len((ast.get_docstring(node) or "").splitlines())
            assert body <= 60, f"{node.name} is {body} lines long"


def imported(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "musictools":
                yield from (f"musictools.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_arrows_go_one_way(path):
    parts = path.relative_to(PACKAGE).parts
    room = parts[0] if len(parts) > 1 else "cli" if path.stem == "__main__" else None
    for module in imported(path):
        names = module.split(".")
        if names[0] != "musictools" or len(names) == 1 or names[1] in GROUND:
            continue
        allowed = ARROWS[room] if room else {"plot"} if path.stem == "_result" else set()
        assert names[1] in allowed, f"{room or 'the ground floor'} imports {module}"


# A command line is there to print.
SILENT = [f for f in FILES if f.relative_to(PACKAGE).parts[0] not in {"cli", "lab", "__main__.py"}]


@pytest.mark.parametrize("path", SILENT, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_the_library_does_not_print(path):
    calls = (n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call))
    assert not any(isinstance(c.func, ast.Name) and c.func.id == "print" for c in calls)


RESULTS = [c for c in CLASSES.values() if "to_frame" in dir(c)]


@pytest.mark.parametrize("kind", RESULTS, ids=lambda c: c.__name__)
def test_results_can_do_what_results_can_do(kind):
    assert kind.__dataclass_params__.frozen
    assert "provenance" in kind.__dataclass_fields__
    for habit in ("to_frame", "plot", "_repr_html_"):
        assert callable(getattr(kind, habit))
    assert callable(getattr(musictools.plot, kind._drawn_by))


def test_the_map_names_every_room():
    """CONTRIBUTING draws the house: a room that is not in it cannot be found."""
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text("utf-8")
    drawn = text[text.index("## The map") : text.index("## House style")]
    tops = {p.name for p in (PACKAGE.parent / "tools").glob("*.py")}
    rooms = {p.stem for p in FILES if "_synth" not in p.parts and "_world" not in p.parts} | tops
    rooms -= {"__init__"}
    lost = {room for room in rooms if room not in drawn}
    assert not lost
