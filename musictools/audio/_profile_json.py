"""Reference profiles as plain JSON files, checked when they are read."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from musictools._files import replacing
from musictools.audio._song_row import NAMES, band_columns
from musictools.audio._third_octaves import BANDS_HZ
from musictools.errors import AudioNotFoundError, InputError

_FORMAT, _FORMAT_VERSION = "musictools reference profile", 1
_HINT = 'mt.audio.reference_profile("my-references/").save("profile.json")'


def write_profile(
    path: str | os.PathLike[str],
    rows: Sequence[Mapping[str, Any]],
    provenance: Mapping[str, Any],
) -> None:
    """Write the rows of a profile; what is not a number becomes null."""
    place = Path(path).expanduser()
    if place.suffix.lower() != ".json":
        raise InputError(
            "save a reference profile",
            got=repr(os.fspath(path)),
            expected="a name that ends in .json",
            hint='profile.save("profile.json")',
        )
    stored = {
        "format": _FORMAT,
        "version": _FORMAT_VERSION,
        "provenance": dict(provenance),
        "bands_hz": list(BANDS_HZ),
        "recordings": [{name: _plain(value) for name, value in row.items()} for row in rows],
    }
    try:
        with replacing(place) as temporary:
            temporary.write_text(json.dumps(stored, indent=1, allow_nan=False), "utf-8")
    except OSError as error:
        raise InputError(
            f"save a reference profile as {os.fspath(path)!r}",
            got=error.strerror or str(error),
            expected="a folder that can be written to",
            hint="another place",
        ) from error


def read_profile(path: str | os.PathLike[str]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Give the rows and the provenance of a stored profile."""
    place = Path(path).expanduser()
    try:
        stored = json.loads(place.read_text("utf-8"))
    except FileNotFoundError as error:
        raise AudioNotFoundError(
            "load a reference profile",
            got=f"no file {os.fspath(path)!r}",
            expected="a profile that was saved",
            hint=_HINT,
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise _no_profile(path, f"no readable JSON ({error})") from error
    rows = _checked(path, stored)
    provenance = stored.get("provenance")
    return rows, dict(provenance) if isinstance(provenance, dict) else {}


def _plain(value: Any) -> str | float | None:
    if isinstance(value, str):
        return value
    return float(value) if math.isfinite(value) else None


def _no_profile(path: str | os.PathLike[str], got: str) -> InputError:
    return InputError(
        f"load the reference profile {os.fspath(path)!r}",
        got=got,
        expected="a file that ReferenceProfile.save wrote",
        hint=_HINT,
    )


def _checked(path: str | os.PathLike[str], stored: Any) -> list[dict[str, Any]]:
    """Give the rows of a stored profile that is one."""
    if not isinstance(stored, dict) or stored.get("format") != _FORMAT:
        raise _no_profile(path, "JSON of something else")
    if stored.get("version") != _FORMAT_VERSION:
        raise _no_profile(
            path, f"version {stored.get('version')!r}, where this one reads {_FORMAT_VERSION}"
        )
    rows = stored.get("recordings")
    if not isinstance(rows, list) or not rows or stored.get("bands_hz") != list(BANDS_HZ):
        raise _no_profile(path, "a profile without recordings, or of other bands")
    wanted = {"path", *NAMES, *band_columns()}
    for place, row in enumerate(rows):
        missing = wanted - set(row) if isinstance(row, dict) else wanted
        if missing:
            raise _no_profile(path, f"recording {place + 1} without {min(missing)}")
        wrong = [
            name
            for name in wanted
            if not isinstance(row[name], str if name == "path" else int | float | None)
            or isinstance(row[name], bool)
        ]
        if wrong:
            raise _no_profile(path, f"{row[wrong[0]]!r} for {wrong[0]} of recording {place + 1}")
    return rows
