"""Answers that a person gave: which pairs are one thing, and which are not."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from musictools._html import is_missing
from musictools.errors import InputError, TableError

_YES = frozenset({"yes", "y", "1", "true", "same", "x"})
_WHOLE = re.compile(r"-?[0-9]+\.0")
_NO = frozenset({"no", "n", "0", "false", "other"})


@dataclass
class Pins:
    """Answers by identifiers as text, which is what a CSV file keeps of them.

    Attributes
    ----------
    same : dict of str to list of str
        Left identifier, to right ones.
    other : set of (str, str)
        Pairs that are not one thing.
    nothing : set of str
        Left identifiers that are nothing on the right.
    """

    same: dict[str, list[str]] = field(default_factory=dict)
    other: set[tuple[str, str]] = field(default_factory=set)
    nothing: set[str] = field(default_factory=set)


def read_pins(pins: Any) -> Pins:
    """Read answers from a frame or CSV file with left_id and right_id, a dict, or pairs."""
    found = Pins()
    for left, right, answer in () if pins is None else _records(pins):
        if is_missing(left) or not (one := pin_id(left)):
            raise _wrong("a row without left_id")
        said = _answer(answer)
        if said is not None:
            _note(found, one, "" if is_missing(right) else pin_id(right), said=said)
    for one in found.nothing & found.same.keys():
        raise _wrong(f"both {found.same[one][0]!r} and nothing for {one!r}")
    twice = [
        (one, o) for one, others in found.same.items() for o in others if (one, o) in found.other
    ]
    if twice:
        raise _wrong(f"both yes and no for {twice[0][0]!r} and {twice[0][1]!r}")
    return found


def _note(found: Pins, left: str, right: str, *, said: bool) -> None:
    if not right:
        if said:
            found.nothing.add(left)
    elif not said:
        found.other.add((left, right))
    elif right not in (chosen := found.same.setdefault(left, [])):
        chosen.append(right)


def _answer(answer: Any) -> bool | None:
    """Say whether a pair is one thing; None where nobody has answered yet."""
    if answer is _GIVEN:
        return True
    text = "" if is_missing(answer) else str(answer).strip().lower().removesuffix(".0")
    if not text:
        return None
    if text in _YES | _NO:
        return text in _YES
    raise _wrong(f"the answer {answer!r}")


#: A pair without an answer column is an answer.
_GIVEN = object()


def rows_by_id(ids: list[Any]) -> dict[str, int]:
    """Give the row of each identifier, by the text that pins have of it."""
    return {pin_id(one): row for row, one in enumerate(ids)} | {
        str(one): row for row, one in enumerate(ids)
    }


def pin_id(value: Any) -> str:
    """Write an identifier as text."""
    # Spreadsheets make numbers of identifiers, with a point where some are missing.
    text = str(value)
    return text[:-2] if _WHOLE.fullmatch(text) else text


def _records(pins: Any) -> Iterable[tuple[Any, Any, Any]]:
    import narwhals as nw

    if isinstance(pins, Mapping):
        return [(left, right, _GIVEN) for left, right in pins.items()]
    if isinstance(pins, str | Path):
        pins = _from_file(Path(pins))
    elif isinstance(pins, Iterable) and not hasattr(pins, "columns"):
        pairs = [tuple(pair) if isinstance(pair, list | tuple) else () for pair in pins]
        if any(len(pair) != 2 for pair in pairs):
            raise _wrong("something that is no pair")
        return [(*pair, _GIVEN) for pair in pairs]
    try:
        frame: Any = nw.from_native(pins)
    except TypeError as error:
        raise _wrong(f"an object of type {type(pins).__name__}") from error
    frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    names = list(frame.columns)
    if not {"left_id", "right_id"} <= set(names):
        raise TableError(
            "read the pins",
            got="the columns " + ", ".join(map(repr, names)),
            expected="left_id and right_id, and if need be answer",
            hint="resolution.review() makes such a table",
        )
    answers = frame["answer"].to_list() if "answer" in names else [_GIVEN] * len(frame)
    return zip(frame["left_id"].to_list(), frame["right_id"].to_list(), answers, strict=True)


def _from_file(path: Path) -> Any:
    import pandas as pd

    from musictools.collect._side import separator_of

    if not path.is_file():
        raise InputError(
            "read the pins", got=f"no file {str(path)!r}", expected="a CSV file",
            hint="resolution.review().to_csv(path, index=False) writes one",
        )  # fmt: skip
    try:
        # Spreadsheets of half the world write semicolons, and evidence has them too.
        return pd.read_csv(
            path, dtype=str, keep_default_na=False, encoding="utf-8-sig", sep=separator_of(path)
        )
    except ValueError as error:
        raise InputError(
            "read the pins", got=f"{path.name}, which cannot be read: {error}",
            expected="a CSV file in UTF-8", hint="save it as CSV UTF-8",
        ) from error  # fmt: skip


def _wrong(got: str) -> InputError:
    return InputError(
        "read the pins",
        got=got,
        expected="one answer for each pair (yes, no, or empty); without right_id it means none",
        hint="fill the column answer of resolution.review()",
    )
