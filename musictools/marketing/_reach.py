"""Contacts of radio and television: rating points, reach and frequency, spins times audience."""

from typing import TYPE_CHECKING, Any

import numpy as np

from musictools import tables
from musictools.errors import InputError
from musictools.marketing._adstock import Array, as_numbers

if TYPE_CHECKING:
    import pandas as pd


def grp(contacts: Any, population: float) -> Array:
    """Gross rating points: contacts as a percentage of the people who could be met.

    Parameters
    ----------
    contacts : array_like
        Impressions, or spins times audience; contacts of any shape.
    population : float
        People in the target group.

    Returns
    -------
    numpy.ndarray
        Points; 100 are one contact for each person on average.

    Raises
    ------
    InputError
        If a number is negative or missing, or the population is not above 0.

    Examples
    --------
    >>> from musictools.marketing import grp
    >>> grp([500_000, 2_000_000], 1_000_000).tolist()
    [50.0, 200.0]
    """
    what = "work out gross rating points"
    return 100 * _contacts(contacts, what) / _people(population, what)


def reach(contacts: Any, population: float, *, spread: float | None = None) -> Array:
    """Different people met, from contacts: the same contacts reach fewer when some hear all.

    Parameters
    ----------
    contacts : array_like
        Contacts of one period, of any shape.
    population : float
        People in the target group.
    spread : float, optional
        How evenly people are exposed: shape of the gamma distribution of exposure (the negative
        binomial model of media research). Small is uneven: 0.5 is usual where some listen all day.
        Without it everybody has the same chance (Poisson).

    Returns
    -------
    numpy.ndarray
        People, at most `population`. Contacts divided by it are the frequency.

    Raises
    ------
    InputError
        If a number is negative or missing, or `population` or `spread` is not above 0.

    Examples
    --------
    >>> from musictools.marketing import reach
    >>> reach([1e6], 1e6).round().tolist()
    [632121.0]
    >>> reach([1e6], 1e6, spread=0.5).round().tolist()
    [422650.0]
    """
    what = "work out reach"
    people = _people(population, what)
    mean = _contacts(contacts, what) / people
    if spread is None:
        met: Array = -np.expm1(-mean)
    else:
        if not (np.isfinite(spread) and spread > 0):
            raise InputError(what, got=f"spread={spread}", expected="above 0", hint="spread=0.5")
        met = -np.expm1(-spread * np.log1p(mean / spread))
    return people * met


def effective_contacts(
    reached: Any, frequency: Any, *, half: float = 3.0, slope: float = 2.0
) -> Array:
    """People reached, each worth more the more often they were met, up to a point.

    Parameters
    ----------
    reached : array_like
        People.
    frequency : array_like
        Contacts for each person reached, of the same shape.
    half : float
        Frequency at which a person is worth half of the most.
    slope : float
        Of the Hill curve; above 1 the first contacts bring little.

    Returns
    -------
    numpy.ndarray
        People in effect, to be used in place of spend: `reached` times Hill(`frequency`).

    Raises
    ------
    InputError
        If a number is negative or missing, or `half` or `slope` is not above 0.

    Examples
    --------
    >>> from musictools.marketing import effective_contacts
    >>> effective_contacts([1000.0, 1000.0], [0.0, 3.0]).tolist()
    [0.0, 500.0]
    """
    from musictools.marketing._saturation import saturate

    people = _contacts(reached, "work out effective contacts")
    return people * saturate(frequency, "hill", {"half": half, "slope": slope})


def airplay_contacts(airplay: "pd.DataFrame") -> "pd.DataFrame":
    """Contacts of radio and television by period, from a table of airplay.

    Parameters
    ----------
    airplay : pandas.DataFrame
        The table ``airplay``: ds, station, medium, recording_id, spins, audience (summed over the
        spins). Where the audience is missing, that of the station's other spins stands in.

    Returns
    -------
    pandas.DataFrame
        Contacts, one row for each ``ds``, one column for each medium; 0 where nothing was played.

    Raises
    ------
    TableError
        If the table lacks a column.
    InputError
        If no audience of a station is known.

    Examples
    --------
    >>> import musictools as mt
    >>> contacts = mt.marketing.airplay_contacts(mt.datasets.load_label().airplay)
    >>> list(contacts.columns)
    ['radio', 'tv']
    """
    frame = tables.check(airplay, "airplay")
    heard = frame["spins"].where(frame["audience"].notna())
    sums = frame.assign(heard=heard).groupby("station")[["audience", "heard"]].transform("sum")
    each = (sums["audience"] / sums["heard"]).where(sums["heard"] > 0)
    contacts = frame["audience"].astype(float).fillna(each * frame["spins"])
    if contacts.isna().any():
        station = str(frame.loc[contacts.isna(), "station"].iloc[0])
        raise InputError(
            "add up contacts",
            got=f"no audience of {station!r}",
            expected="the audience of at least one of its rows",
            hint=f"airplay[airplay.station != {station!r}]",
        )
    rows = frame[["ds"]].assign(medium=frame["medium"].str.lower(), contacts=contacts)
    return rows.pivot_table(
        index="ds", columns="medium", values="contacts", aggfunc="sum", fill_value=0.0
    )


def _contacts(contacts: Any, what: str) -> Array:
    values = as_numbers(contacts, what)
    if (values < 0).any():
        raise InputError(what, got="a negative number", expected="0 or more", hint="clip(lower=0)")
    return values


def _people(population: float, what: str) -> float:
    if not (np.isfinite(population) and population > 0):
        raise InputError(
            what, got=f"population={population}", expected="above 0", hint="population=1_000_000"
        )
    return float(population)
