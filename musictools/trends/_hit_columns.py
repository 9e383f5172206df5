"""A features table beside dates and artists, for measures that need no outcome."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools import tables
from musictools._frames import as_pandas
from musictools.errors import InputError, TableError, closest
from musictools.trends._hit_songs import check_recordings, read_dates

if TYPE_CHECKING:
    import pandas as pd

_NO_SOUND = ("recording_id", "path", "error", "features_version", "title", "isrc")


def read_sounds(
    features: Any,
    songs: Any | None,
    what: str,
    *,
    columns: Sequence[str] | None,
    about: list[str],
) -> tuple["pd.DataFrame", list[str]]:
    """Join features with what is told about songs; dates are the second of ``about``.

    Returns
    -------
    pandas.DataFrame
        In the order of dates, complete in ``about``.
    list of str
        Columns of sound.
    """
    frame = tables.check(as_pandas(features, what), "features")
    if "error" in frame.columns:
        frame = frame[frame["error"].isna()]
    told = frame if songs is None else as_pandas(songs, what)
    for name in ("recording_id", *about):
        if name not in told.columns:
            raise TableError(
                what,
                got=f"no column {name!r}",
                expected=f"columns {', '.join(map(repr, about))}",
                hint=closest(name, map(str, told.columns)),
            )
    for each in (frame, told):
        check_recordings(each, what)
    named = _named(columns, list(map(str, frame.columns)), what)
    if songs is not None:
        kept = frame[[c for c in frame.columns if c not in about]]
        frame = kept.merge(told[["recording_id", *about]], on="recording_id")
    frame = frame.dropna(subset=about)
    if not len(frame):
        raise InputError(
            what,
            got="no recording with features and a date",
            expected="the same recording_id in both tables",
            hint="mt.collect.resolve(left, right) finds which rows belong together",
        )
    date = about[1]
    frame = frame.assign(**{date: read_dates(frame[date], what)})
    frame = frame.sort_values([date, "recording_id"], kind="stable").reset_index(drop=True)
    chosen = named or _sounding(frame, about)
    for name in chosen:
        try:
            frame[name] = frame[name].astype(float).replace([np.inf, -np.inf], np.nan)
        except (TypeError, ValueError) as error:
            raise InputError(
                what, got=f"words in {name!r}", expected="numbers", hint="leave it out of columns"
            ) from error
    # What was not measured at all would be put in the middle, and look typical.
    frame = frame.dropna(subset=chosen, how="all").reset_index(drop=True)
    empty = [name for name in chosen if frame[name].notna().sum() == 0]
    chosen = [name for name in chosen if name not in empty]
    if not chosen:
        raise InputError(
            what, got="no column of numbers", expected="descriptors", hint="mt.audio.extract(...)"
        )
    return frame, chosen


def _named(columns: Sequence[str] | None, present: list[str], what: str) -> list[str] | None:
    if columns is None:
        return None
    if isinstance(columns, str) or not len(columns):
        raise InputError(
            what, got=f"columns={columns!r}", expected="names of columns", hint="columns=['dr_db']"
        )
    named = list(dict.fromkeys(columns))
    for name in named:
        if name not in present:
            near = closest(str(name), present[:60])
            raise InputError(what, got=f"no column {name!r}", expected="a descriptor", hint=near)
    return named


def _sounding(frame: "pd.DataFrame", about: list[str]) -> list[str]:
    import pandas as pd

    return [
        str(name)
        for name in frame.columns
        if name not in {*about, *_NO_SOUND}
        and pd.api.types.is_numeric_dtype(frame[name])
        and frame[name].min() < frame[name].max()
    ]
