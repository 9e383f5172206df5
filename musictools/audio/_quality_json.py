"""A report card for machines, and writing what a report gives into a file."""

import dataclasses
import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._files import replacing
from musictools.audio._card import ranked, title
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from musictools.audio._quality import QualityReport

#: Name and version of the form; the version is raised when a key changes its meaning or goes.
SCHEMA, SCHEMA_VERSION = "musictools.quality-report", 1


def as_json(report: "QualityReport", *, history: bool = False) -> str:
    """Write a report as JSON; what is not a number is null."""
    whole = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "title": title(report),
        **told(report, history=history),
        "provenance": _clean(report.provenance),
    }
    return json.dumps(whole, indent=1, allow_nan=False)


def told(report: "QualityReport", *, history: bool = False) -> dict[str, Any]:
    """Give what a report says, as plain values; what is not a number is None."""
    loudness = {
        f.name: getattr(report.loudness, f.name) for f in dataclasses.fields(report.loudness)
    }
    loudness = {name: value for name, value in loudness.items() if isinstance(value, int | float)}
    if history:
        loudness["history"] = report.loudness.history.to_dict("list")
    found = {
        "verdict": report.verdict,
        "worst": report.worst,
        "findings": _records(report.findings),
        "worst_first": ranked(report.findings.reset_index(drop=True)).index.tolist(),
        "checked": list(report.kinds),
        "loudness": loudness,
        "measures": report.measures.to_dict(),
        "playback": _records(report.playback),
        "codecs": _records(report.codecs),
        "reference": _reference(report),
    }
    plain: dict[str, Any] = _clean(found)
    return plain


def write(path: str | os.PathLike[str], text: str) -> Path:
    """Write text into a file, whole or not at all."""
    target = check_place(path)
    try:
        with replacing(target) as temporary:
            temporary.write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise _unwritable(path, target, error.strerror or str(error)) from error
    return target


def check_place(path: str | os.PathLike[str]) -> Path:
    """Refuse what is no name of a file, before any work; make its folder."""
    target = Path(path).expanduser()
    try:
        if not target.name or target.is_dir():
            raise _unwritable(path, target, "a folder")
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, target, error.strerror or str(error)) from error
    return target


def _unwritable(path: str | os.PathLike[str], target: Path, got: str) -> InputError:
    name = f"{target.stem or 'report'}{target.suffix or '.html'}"
    return InputError(
        f"write a report as {os.fspath(path)!r}",
        got=got,
        expected="the name of a file, in a folder that can be written to",
        hint=f"another place, such as {name} in your home",
    )


def _reference(report: "QualityReport") -> dict[str, Any] | None:
    compared = report.reference
    if compared is None:
        return None
    return {
        "tonal_balance": _records(compared.tonal_balance),
        "measures": _records(compared.measures),
        "words": list(compared.words),
    }


def _records(frame: "pd.DataFrame | None") -> list[dict[Any, Any]] | None:
    return None if frame is None else frame.to_dict("records")


def _clean(value: Any) -> Any:
    """Turn numbers of NumPy into plain ones, and what is none into None."""
    if isinstance(value, dict):
        return {str(key): _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    # pandas has a missing value of its own, which equals nothing.
    return None if str(value) in {"<NA>", "NaT"} else str(value)
