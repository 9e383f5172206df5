"""Errors say what failed, what was there, what was wanted, and what to try."""

import ast
import pickle
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import musictools as mt
from musictools import errors

PACKAGE = Path(mt.__file__).parent
KINDS = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_four_parts_and_survives_a_process_border(kind):
    error = kind("do it", got="this", expected="that", hint="so")
    assert isinstance(error, errors.MusictoolsError)
    assert str(error) == "do it: got this; expected that. Try: so"
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert (copy.what, copy.got, copy.expected, copy.hint) == ("do it", "this", "that", "so")
    assert str(copy) == str(error)


def test_the_tree_is_what_the_docstring_draws():
    drawn = errors.__doc__
    for kind in KINDS:
        assert kind.__name__ in drawn
        for base in (ValueError, FileNotFoundError, ImportError):
            if issubclass(kind, base) and base not in {
                b for k in kind.__bases__ for b in k.__mro__ if k.__module__ == errors.__name__
            }:
                assert f"{kind.__name__} ({base.__name__})" in drawn


def test_closest_prefers_the_near_match():
    assert errors.closest("integrated_luf", ["integrated_lufs", "key"]) == "'integrated_lufs'"
    assert errors.closest("zzz", ["a", "b"]) == "one of 'a', 'b'"


@cache
def _nodes(path):
    return list(ast.walk(ast.parse(path.read_text("utf-8"))))


def _raises():
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in _nodes(path):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                yield path.relative_to(PACKAGE), node


def _caught_signals():
    """Error classes of private rooms that an ``except`` in the package names."""
    defined, caught = set(), set()
    for path in PACKAGE.rglob("_*.py"):
        for node in _nodes(path):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                defined.add(node.name)
            if isinstance(node, ast.ExceptHandler) and node.type is not None:
                caught |= {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
                caught |= {n.attr for n in ast.walk(node.type) if isinstance(n, ast.Attribute)}
    return defined & caught


def test_the_library_raises_its_own_errors_only():
    """Everything a reader can meet has the four parts.

    The exceptions are typer's own exits, what the mapping protocol asks for, and signals from one
    private room to the next, which somebody there must catch.
    """
    ours = {kind.__name__ for kind in KINDS}
    allowed = {"Exit", "BadParameter", "SystemExit"}
    signals = {"KeyError", *_caught_signals()}
    found = 0
    for path, node in _raises():
        name = (
            node.exc.func.attr
            if isinstance(node.exc.func, ast.Attribute)
            else getattr(node.exc.func, "id", "")
        )
        if name in allowed and path.parts[0] in {"cli", "lab"}:
            continue
        if name in signals or name.startswith("_") or name[:1].islower():
            continue  # a helper that builds the error
        assert name in ours, f"{path}:{node.lineno} raises {name}"
        assert {k.arg for k in node.exc.keywords} >= {"got", "expected", "hint"}, (
            f"{path}:{node.lineno}"
        )
        found += 1
    assert found > 10


def _weeks(units=8, periods=30):
    rows = [
        {"unique_id": f"u{unit}", "ds": week, "y": 50.0 + 3 * unit + (week * (unit + 2)) % 7}
        for unit in range(units)
        for week in range(periods)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    "call",
    [
        lambda rng: mt.trends.half_life(_weeks(), rng=rng),
        lambda rng: mt.marketing.impact(_weeks(), treated="u0", start=20, rng=rng),
        lambda rng: mt.marketing.event_study(
            _weeks().assign(treated_from=lambda t: t["unique_id"].map({"u0": 15.0, "u1": 15.0})),
            rng=rng,
        ),
        lambda rng: mt.datasets.simulate_platform(rng=rng),
    ],
    ids=["half_life", "impact", "event_study", "simulate_platform"],
)
def test_a_seed_that_is_none_is_refused_in_our_words(call):
    with pytest.raises(errors.InputError, match="rng='seven'"):
        call("seven")
