"""Pictures of when somebody listens."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from musictools.errors import InputError, TableError, closest
from musictools.plot._style import amounts_in_full, axes_or_current

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = 24


def hours_of_week(data: "pd.DataFrame", *, zone: str = "UTC", ax: "Axes | None" = None) -> "Axes":
    """Draw how much is heard in each hour of the week.

    Parameters
    ----------
    data : pandas.DataFrame
        Plays, as ``mt.collect.read`` gives them: ``played_at`` (UTC) and ``seconds``.
    zone : str
        Whose clock: a name such as ``"Europe/Berlin"``, which knows summer time.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on. A play belongs to the hour in which it began. Minutes are those of a
        mean week, from the day of the first play to that of the last one.

    Raises
    ------
    TableError
        If the table lacks a column.
    InputError
        If there is no play, or no such time zone.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> plays = pd.DataFrame({"played_at": [pd.Timestamp("2025-06-02 20:15")], "seconds": [180.0]})
    >>> ax = mt.plot.hours_of_week(plays, zone="Europe/Berlin")
    >>> ax.get_xlabel()
    'Hour of the day (Europe/Berlin)'
    >>> plt.close(ax.figure)
    """
    minutes = _minutes(data, zone)
    ax = axes_or_current(ax)
    edges = np.arange(_HOURS + 1)
    # Where nothing is heard, there is no largest.
    top = float(minutes.max()) or 1.0
    mesh = ax.pcolormesh(
        edges, np.arange(len(_DAYS) + 1), minutes, cmap="cividis", vmin=0, vmax=top
    )
    bar = ax.figure.colorbar(mesh, ax=ax, label="Heard (minutes a week)")
    amounts_in_full(bar.ax, "y")
    ax.set(xlabel=f"Hour of the day ({zone})", xticks=range(0, _HOURS + 1, 3), ylabel="")
    ax.set_yticks(np.arange(len(_DAYS)) + 0.5, _DAYS)
    ax.invert_yaxis()
    ax.grid(visible=False)
    return ax


def _minutes(
    data: "pd.DataFrame", zone: str
) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    import pandas as pd

    missing = [name for name in ("played_at", "seconds") if name not in data.columns]
    if missing:
        raise TableError(
            "draw the hours of a week",
            got=f"a table without the column {missing[0]!r}",
            expected="plays: the columns played_at and seconds",
            hint=closest(missing[0], map(str, data.columns)),
        )
    heard = data[["played_at", "seconds"]].dropna()
    if heard.empty:
        raise InputError(
            "draw the hours of a week",
            got="no play",
            expected="one play or more",
            hint="look at .problems of what was read",
        )
    try:
        clock = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InputError(
            "draw the hours of a week",
            got=f"zone={zone!r}",
            expected="a time zone by its place",
            hint="'Europe/Berlin', 'America/New_York' or 'UTC'",
        ) from error
    moment = pd.DatetimeIndex(heard["played_at"]).tz_localize("UTC").tz_convert(clock)
    # By the clock on the wall, since a day of 23 hours is a day, too.
    moment = moment.tz_localize(None)
    weeks = ((moment.max().normalize() - moment.min().normalize()).days + 1) / len(_DAYS)
    place = moment.day_of_week.to_numpy() * _HOURS + moment.hour.to_numpy()
    summed = np.bincount(place, heard["seconds"].to_numpy(float), minlength=len(_DAYS) * _HOURS)
    return (summed / 60 / weeks).reshape(len(_DAYS), _HOURS)
