"""tornado(): which uncertain number matters most, one at a time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

from musictools._figures import figure
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, repr=False)
class Tornado(Result):
    """How far a result moves when each of its inputs goes from low to high alone.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each input, the one that matters most first: ``input, low, base, high``,
        ``at_low, at_high`` (the result there) and ``swing`` (their distance).
    base : float
        The result with all inputs at their base.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "tornado"
    _called: ClassVar[str] = "One input at a time"
    _caption: ClassVar[str] = "Inputs, the one that matters most first"

    table: "pd.DataFrame" = field(repr=False)
    base: float

    def _verdict(self) -> str:
        top = self.table.iloc[0]
        ends = f"{figure(top['at_low'])} to {figure(top['at_high'])}"
        return (
            f"{top['input']} matters most: from its low to its high alone the result goes from "
            f"{ends}, beside {figure(self.base)} at the base. What several inputs do together may "
            "reach further."
        )

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each input.

        Returns
        -------
        pandas.DataFrame
            As ``table``.
        """
        return self.table.copy()


def tornado(function: Callable[..., float], ranges: Mapping[str, Sequence[float]]) -> Tornado:
    """Move each input of a function from low to high while the others stay at their base.

    Parameters
    ----------
    function : callable
        Takes the inputs by name and gives a number.
    ranges : dict of str to (low, base, high)
        The inputs.

    Returns
    -------
    Tornado
        Inputs in order of how much they matter.

    Raises
    ------
    InputError
        If there is no input, a range is not low, base and high in order, or the function gives no
        finite number.

    Notes
    -----
    One input at a time shows no joint effect: where two uncertain inputs are multiplied, their
    swings do not add up.

    Examples
    --------
    >>> import musictools as mt
    >>> ranges = {"streams": (1e6, 2e6, 4e6), "rate": (0.003, 0.0035, 0.004)}
    >>> found = mt.economics.tornado(lambda streams, rate: streams * rate, ranges)
    >>> found.table["input"].tolist(), found.table["swing"].round(6).tolist()
    (['streams', 'rate'], [10500.0, 2000.0])
    """
    import pandas as pd

    spread: Any
    for name, spread in ranges.items():
        numbers = isinstance(spread, Iterable) and all(isinstance(each, Real) for each in spread)
        if not numbers or len(spread) != 3 or not spread[0] <= spread[1] <= spread[2]:
            raise _refused(f"{name}={spread!r}")
    if not ranges:
        raise _refused("no inputs")
    base = {name: spread[1] for name, spread in ranges.items()}
    rows = []
    for name, (low, middle, high) in ranges.items():
        ends = [_number(function, base | {name: value}) for value in (low, high)]
        rows.append((name, low, middle, high, *ends, abs(ends[1] - ends[0])))
    columns = ["input", "low", "base", "high", "at_low", "at_high", "swing"]
    table = pd.DataFrame(rows, columns=columns)
    table = table.sort_values("swing", ascending=False, kind="stable", ignore_index=True)
    return Tornado(
        table=table,
        base=_number(function, base),
        provenance={"musictools": __version__, "function": "economics.tornado"},
    )


def _number(function: Callable[..., float], inputs: dict[str, Any]) -> float:
    import math

    found: Any = function(**inputs)
    value = float(found) if isinstance(found, Real | Decimal) else math.nan
    if not math.isfinite(value):
        raise _refused(f"{found!r} of {inputs!r}")
    return value


def _refused(got: str) -> InputError:
    return InputError(
        "draw up a tornado table",
        got=got,
        expected="for each input low, base and high in this order, and finite results",
        hint="{'rate': (0.003, 0.0035, 0.004)}",
    )
