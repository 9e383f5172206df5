"""inequality() and lorenz(): how unequal payouts are, over a population that is told."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from musictools._counts import counted
from musictools._measures import of_sorted
from musictools.economics._engine import check_columns, engine_of, numbers
from musictools.errors import InputError, TableError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_WHAT = "measure inequality"
#: Amounts for which Spotify's Loud & Clear reports how many artists reach them.
LOUD_AND_CLEAR = (1_000, 10_000, 100_000, 1_000_000)


def inequality(
    payouts: Any,
    *,
    column: str = "payout",
    population: Any = None,
    thresholds: Mapping[str, float] | Sequence[float] = LOUD_AND_CLEAR,
    living: float | None = None,
) -> "pd.Series[float]":
    """Measure how unequal payouts are.

    Parameters
    ----------
    payouts : frame, Series or array of float, shape (n,)
        What each artist gets, 0 or more: a frame of any kind as `payouts` or `compare` gives it,
        one row an artist; or the amounts alone.
    column : str, default: 'payout'
        Column of the frame with the amounts; in what `compare` gives, the name of a rule.
    population : int, frame or sequence of ids, optional
        All artists who count, with those who get nothing: how many they are, a frame with
        ``artist_id``, or their ids. Without it, the rows of ``payouts`` are the population.
    thresholds : mapping of str to float, or sequence of float, default: those of Loud & Clear
        Amounts for which the artists are counted who get at least as much, named by themselves or
        by the mapping.
    living : float, optional
        What one needs to live on, in the unit and for the time of the payouts.

    Returns
    -------
    pandas.Series of float
        ``artists`` in the population, ``zeros`` among them, ``total``, ``mean``, ``median``;
        ``gini, gini_small_sample, theil, palma, hhi, effective_number, effective_number_entropy``,
        ``top_0_1_percent_share, top_1_percent_share, top_10_percent_share`` (0 to 1);
        ``at_least_NAME`` for each threshold; with ``living``, ``living_share``: the part of the
        population that gets at least that much. If nobody gets anything, there is nothing whose
        distribution could be measured, and relative measures are nan.

    Raises
    ------
    TableError
        If the column is missing, or holds missing, infinite or negative amounts, or an artist has
        two rows.
    InputError
        If there is no artist, or the population lacks one who is paid.

    Notes
    -----
    ``gini`` is the population form, half the mean absolute difference of all n x n pairs over the
    mean: payouts of a service are all that there are, and no sample of artists. It cannot exceed
    ``1 - 1/n``; ``gini_small_sample`` is ``n / (n - 1)`` of it, which can reach 1 and has less bias
    where artists are a sample. ``theil`` is Theil's T, in nats. ``palma`` is what the richest 10 %
    get over what the poorest 40 % get, on the Lorenz curve, and infinite if the latter get nothing.
    ``hhi`` is the sum of squared shares; ``effective_number`` is ``1 / hhi``, and
    ``effective_number_entropy`` the exponential of Shannon's entropy. Top shares are those of a
    whole number of artists, rounded up.

    None of them says anything without the population: artists without payout raise all of them.

    Examples
    --------
    >>> import musictools as mt
    >>> found = mt.economics.inequality([0.5, 1.5, 2.0, 12_000.0], population=5)
    >>> found[["artists", "zeros", "gini", "at_least_10000"]].round(4).to_dict()
    {'artists': 5.0, 'zeros': 1.0, 'gini': 0.7998, 'at_least_10000': 1.0}
    """
    import pandas as pd

    amounts = read_amounts(payouts, column, population, what=_WHAT)
    named = _named(thresholds)
    if living is not None:
        _check_amount("living", living)
    found: dict[str, float] = {
        "artists": float(len(amounts)),
        "zeros": float(np.sum(amounts == 0)),
        "total": float(np.sum(amounts)),
        "mean": float(np.mean(amounts)),
        "median": float(np.median(amounts)),
        **of_sorted(amounts),
    }
    for name, least in named.items():
        found[f"at_least_{name}"] = float(np.sum(amounts >= least))
    if living is not None:
        found["living_share"] = float(np.mean(amounts >= living))
    return pd.Series(found, name=column, dtype=float)


def lorenz(
    payouts: Any, *, column: str = "payout", population: Any = None, points: int | None = None
) -> "pd.DataFrame":
    """Give the Lorenz curve of payouts: which part of the money the poorest artists have.

    Parameters
    ----------
    payouts : frame, Series or array of float, shape (n,)
        As for `inequality`.
    column : str, default: 'payout'
        Column of the frame with the amounts.
    population : int, frame or sequence of ids, optional
        As for `inequality`.
    points : int, optional
        Steps of the curve, equally wide; otherwise one for each artist. Between artists, the curve
        is a straight line.

    Returns
    -------
    pandas.DataFrame
        ``artists_share`` and ``payout_share``, cumulative from 0 to 1, the poorest first.

    Raises
    ------
    TableError
        As `inequality` does.
    InputError
        As `inequality` does; or if nobody gets anything, or there are no steps.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.economics.lorenz([1.0, 3.0])
       artists_share  payout_share
    0            0.0          0.00
    1            0.5          0.25
    2            1.0          1.00
    """
    import pandas as pd

    what = "draw up a Lorenz curve"
    amounts = read_amounts(payouts, column, population, what=what)
    if amounts[-1] == 0:
        raise InputError(
            what,
            got="payouts that are all zero",
            expected="at least one above it",
            hint="look at the fee and the rule",
        )
    given: Any = points
    if given is not None and not (isinstance(given, int | np.integer) and given >= 1):
        raise InputError(
            what, got=f"points={points!r}", expected="a whole number above 0", hint="points=100"
        )
    n = len(amounts)
    curve = np.concatenate([[0.0], np.cumsum(amounts / amounts[-1])])
    curve = curve / curve[-1]
    places = np.arange(n + 1) / n
    if points is not None:
        wanted = np.arange(points + 1) / points
        places, curve = wanted, np.interp(wanted, places, curve)
    return pd.DataFrame({"artists_share": places, "payout_share": curve})


# --- reading -------------------------------------------------------------------------------------


def read_amounts(payouts: Any, column: str, population: Any, *, what: str) -> "Floats":
    """Give amounts of the whole population, sorted, those without payout as zeros."""
    amounts, ids = _amounts(payouts, column, population, what)
    if not np.isfinite(amounts).all():
        raise TableError(
            what,
            got="amounts that are missing or infinite",
            expected="numbers, 0 or more",
            hint="artists without a payout get 0: fillna(0)",
        )
    if (amounts < 0).any():
        raise TableError(
            what,
            got=f"{counted(int((amounts < 0).sum()), 'amount')} below zero",
            expected="numbers, 0 or more: no measure here holds for debts",
            hint="sum refunds with the payouts that they take back first",
        )
    missing = 0 if population is None else _missing(population, ids, len(amounts), what)
    whole = np.sort(np.concatenate([np.zeros(missing), amounts]))
    if not len(whole):
        raise InputError(
            what, got="no artists", expected="at least one", hint="look at the filters before"
        )
    return whole


def _amounts(
    payouts: Any, column: str, population: Any, what: str
) -> tuple["Floats", list[Any] | None]:
    """Give amounts as they come, and the ids of their artists where they are told."""
    import pandas as pd

    if isinstance(payouts, str | bytes | Mapping):
        raise _no_amounts(payouts, what)
    if isinstance(payouts, pd.Series):
        ids = None if isinstance(payouts.index, pd.RangeIndex) else payouts.index.to_list()
        # With numbers that are no ids, rows may well be numbered twice.
        if population is not None and not isinstance(population, int | np.integer):
            _check_once(ids, what, "series.groupby(level=0).sum()")
        return _plain(payouts, what), ids
    try:
        held = engine_of(payouts, what)
    except TableError:
        return _plain(payouts, what), None
    names = held.frame.collect_schema()
    check_columns(names, [column], what)
    wanted = [column] + (["artist_id"] if "artist_id" in names and column != "artist_id" else [])
    table = held.collect(held.frame.select(*wanted))
    ids = table["artist_id"].to_list() if "artist_id" in wanted else None
    _check_once(ids, what, f'frame.groupby("artist_id", as_index=False)[{column!r}].sum()')
    try:
        return numbers(table, column), ids
    except (TypeError, ValueError, nw.exceptions.NarwhalsError) as error:
        raise _no_amounts(payouts, what) from error


def _check_once(ids: list[Any] | None, what: str, hint: str) -> None:
    if ids is not None and len(set(ids)) < len(ids):
        raise TableError(
            what, got="artists with several rows", expected="one row for each artist", hint=hint
        )


def _plain(values: Any, what: str) -> "Floats":
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise _no_amounts(values, what) from error
    if found.ndim != 1:
        raise _no_amounts(values, what)
    return found


def _no_amounts(values: Any, what: str) -> TableError:
    return TableError(
        what,
        got=f"an object of type {type(values).__name__}, which holds no column of numbers",
        expected="a frame of payouts, or one number for each artist",
        hint='mt.economics.payouts(plays, "pro_rata")',
    )


def missing_artists(population: Any, ids: list[Any], what: str) -> int:
    """Count artists of the population who are not among those."""
    return 0 if population is None else _missing(population, ids, len(ids), what)


def _missing(population: Any, ids: list[Any] | None, count: int, what: str) -> int:
    """Count artists of the population who have no row."""
    if isinstance(population, int | np.integer) and not isinstance(population, bool):
        if population < count:
            raise InputError(
                what,
                got=f"a population of {population:,} with {count:,} artists in the payouts",
                expected="at least those",
                hint="population= counts artists with and without payouts",
            )
        return int(population) - count
    everyone = _ids(population, what)
    if ids is None:
        raise InputError(
            what,
            got="a population by ids, and payouts that do not tell artists",
            expected="payouts with a column artist_id",
            hint=f"population={len(everyone)}",
        )
    strange = set(ids) - everyone
    if strange:
        raise InputError(
            what,
            got=f"payouts of {counted(len(strange), 'artist')} outside the population, such as "
            f"{next(iter(sorted(strange, key=str)))!r}",
            expected="all of them within",
            hint="give the population that was paid, or filter the payouts",
        )
    return len(everyone) - count


def _ids(population: Any, what: str) -> set[Any]:
    try:
        held = engine_of(population, what)
    except TableError:
        if isinstance(population, str | bytes | float | bool) or not hasattr(
            population, "__iter__"
        ):
            raise InputError(
                what,
                got=f"population={population!r}",
                expected="how many artists there are, a frame with artist_id, or their ids",
                hint="population=len(artists)",
            ) from None
        values = population.to_list() if hasattr(population, "to_list") else list(population)
        return set(values)
    check_columns(held.frame.collect_schema(), ["artist_id"], "read a population")
    return set(held.collect(held.frame.select("artist_id").unique())["artist_id"].to_list())


def _named(thresholds: Mapping[str, float] | Sequence[float]) -> dict[str, float]:
    if isinstance(thresholds, Mapping):
        named = {str(name): amount for name, amount in thresholds.items()}
    else:
        given: Any = thresholds
        listed = given if isinstance(given, Iterable) else [given]
        named = {_name(amount): amount for amount in listed}
    for name, amount in named.items():
        _check_amount(f"thresholds: {name}", amount)
    return named


def _name(amount: Any) -> str:
    return f"{amount:.15g}" if isinstance(amount, int | float) else str(amount)


def _check_amount(name: str, amount: Any) -> None:
    if not isinstance(amount, int | float | np.number) or not np.isfinite(amount) or amount <= 0:
        raise InputError(
            _WHAT, got=f"{name}={amount!r}", expected="an amount above 0", hint="living=20_000"
        )
