"""price_elasticity(): how many subscribers a price rise costs, and whether the data can tell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from musictools._card import Table
from musictools._checks import check_number, generator
from musictools._counts import counted
from musictools._frames import as_pandas
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError, TableError, closest

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_WHAT = "estimate a price elasticity"
_NEEDED = ("price_before", "price_after", "quantity_before", "quantity_after")
_CONTROLS = ("control_before", "control_after")
#: Events below which resampling them says nothing.
_FEW = 5


@dataclass(frozen=True, kw_only=True, repr=False)
class Elasticity(Result):
    """Change of a quantity in per cent when the price rises by one per cent.

    Attributes
    ----------
    value, lo, hi : float
        Estimate and interval; NaN where the events cannot tell.
    level : float
        Level of the interval.
    trend : str
        What stood for the change without a price rise.
    trend_value : float
        That change, in logs; NaN where each event has its own control.
    identified : bool
        Whether the events can tell the effect of the price from a trend.
    reason : str
        Why not, or how much to trust it.
    events : pandas.DataFrame
        For each event ``log_price, log_quantity`` (changes, the latter less the control's) and
        ``elasticity`` (their ratio).
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "elasticity"
    _called: ClassVar[str] = "Price elasticity"
    _kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(("price_before", "price_after"), "money")

    value: float
    lo: float
    hi: float
    level: float
    trend: str
    trend_value: float
    identified: bool
    reason: str
    events: "pd.DataFrame" = field(repr=False)

    def _tables(self) -> Iterable[Table]:
        return [("Price rises", self.events)]


def price_elasticity(
    events: Any,
    *,
    trend: Literal["control", "estimate", "none"] = "estimate",
    level: float = 0.9,
    draws: int = 2000,
    rng: Any = None,
) -> Elasticity:
    """Estimate a price elasticity from price rises, by differences of logs.

    Parameters
    ----------
    events : pandas, polars, pyarrow or DuckDB frame
        A row for each price rise: ``price_before, price_after, quantity_before, quantity_after``
        (subscribers, at the same distance in time), and ``control_before, control_after`` for a
        market without one.
    trend : {"control", "estimate", "none"}
        What would have happened to the quantity: as in the control of each event; a common trend,
        estimated as the intercept; or nothing, which is seldom true of a market that grows.
    level : float
        Level of the interval.
    draws : int
        Resamples of the events for the interval.
    rng : seed or numpy.random.Generator, optional
        For the resamples.

    Returns
    -------
    Elasticity
        Estimate with its interval. It is NaN where the events do not identify it, and ``reason``
        says why: a common trend needs rises of different sizes.

    Raises
    ------
    TableError
        If a column is missing.
    InputError
        If a number is not above zero, or a price did not change.

    Examples
    --------
    >>> import pandas as pd, musictools as mt
    >>> rises = pd.DataFrame({"price_before": [10.0, 10.0, 10.0, 10.0, 10.0, 10.0],
    ...     "price_after": [11.0, 12.0, 13.0, 11.5, 12.5, 14.0], "quantity_before": 1000.0})
    >>> rises["quantity_after"] = 1050 * (rises["price_after"] / 10) ** -0.4
    >>> found = mt.economics.price_elasticity(rises, rng=0)
    >>> round(found.value, 3), found.identified
    (-0.4, True)
    """
    import numpy as np

    events = as_pandas(events, _WHAT)
    check_number(_WHAT, "draws", draws, (1, 1_000_000))
    check_number(_WHAT, "level", level, (0.001, 0.999))
    table = _checked(events, trend)
    price = np.log((table["price_after"] / table["price_before"]).to_numpy())
    quantity = np.log((table["quantity_after"] / table["quantity_before"]).to_numpy())
    if trend == "control":
        quantity = quantity - np.log((table["control_after"] / table["control_before"]).to_numpy())
    value, slope_trend = _slope(price, quantity, trend)
    identified, reason = _identified(price, trend)
    lo = hi = float("nan")
    if not identified:
        value = slope_trend = float("nan")
    elif len(price) >= _FEW:
        lo, hi = _interval(price, quantity, trend, level, draws, generator(rng, _WHAT))
    each = quantity / price
    return Elasticity(
        value=value,
        lo=lo,
        hi=hi,
        level=level,
        trend=trend,
        trend_value=slope_trend,
        identified=identified,
        reason=reason,
        events=events.assign(log_price=price, log_quantity=quantity, elasticity=each),
        provenance={"musictools": __version__, "function": "economics.price_elasticity"},
    )


def _slope(
    price: "np.ndarray[Any, Any]", quantity: "np.ndarray[Any, Any]", trend: str
) -> tuple[float, float]:
    if trend != "estimate":
        return float(price @ quantity / (price @ price)), (0.0 if trend == "none" else float("nan"))
    centred = price - price.mean()
    spread = float(centred @ centred)
    if spread <= 1e-12 * float(price @ price):
        return float("nan"), float("nan")
    slope = float(centred @ quantity) / spread
    return slope, float(quantity.mean() - slope * price.mean())


def _identified(price: "np.ndarray[Any, Any]", trend: str) -> tuple[bool, str]:
    many = counted(len(price), "event")
    if trend == "estimate":
        if len(price) < 3:
            return False, f"{many}: a trend and an elasticity need 3 or more"
        if float(price.std()) < 0.01:
            return False, "all rises are of one size: their effect cannot be told from a trend"
    if len(price) < _FEW:
        return True, f"{many}: too few for an interval"
    if trend == "none":
        return True, "no trend: growth without a price rise would be taken for its effect"
    return True, many


def _interval(
    price: "np.ndarray[Any, Any]",
    quantity: "np.ndarray[Any, Any]",
    trend: str,
    level: float,
    draws: int,
    rng: "np.random.Generator",
) -> tuple[float, float]:
    import numpy as np

    picks = rng.integers(len(price), size=(draws, len(price)))
    slopes = np.array([_slope(price[p], quantity[p], trend)[0] for p in picks])
    tail = (1 - level) / 2
    # Resamples that hold one size of rise only have no slope.
    lo, hi = np.nanquantile(slopes, [tail, 1 - tail])
    return float(lo), float(hi)


def _checked(events: "pd.DataFrame", trend: str) -> "pd.DataFrame":
    import numpy as np

    if trend not in ("control", "estimate", "none"):
        raise InputError(
            _WHAT, got=f"trend={trend!r}", expected="'control', 'estimate' or 'none'",
            hint=closest(str(trend), ("control", "estimate", "none")),
        )  # fmt: skip
    needed = [*_NEEDED, *(_CONTROLS if trend == "control" else ())]
    for name in needed:
        if name not in events.columns:
            raise TableError(
                _WHAT,
                got=f"a table without the column {name!r}",
                expected="the columns " + ", ".join(needed),
                hint=closest(name, map(str, events.columns)),
            )
    try:
        table = events[needed].astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(
            _WHAT, got=f"what is no number ({error})", expected="prices and quantities",
            hint="events.astype(float)",
        ) from error  # fmt: skip
    good = np.isfinite(table) & (table > 0)
    same = table["price_after"] == table["price_before"]
    if not len(table) or not good.all(axis=None) or same.any():
        raise InputError(
            _WHAT,
            got="no events" if not len(table) else "a number not above zero, or an unchanged price",
            expected="prices and quantities above zero, and a change of price in each row",
            hint="events[events['price_after'] != events['price_before']].dropna()",
        )
    return table
