"""What a catalogue is worth: the result, and the value by a multiple of net income."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from musictools._card import Table
from musictools._result import Result
from musictools._version import __version__
from musictools.economics._cents import exact
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "value a catalogue"


@dataclass(frozen=True, kw_only=True, repr=False)
class Valuation(Result):
    """What a catalogue is worth, by recording and in all.

    Attributes
    ----------
    method : str
        ``"multiple"`` or ``"DCF"``.
    value, lo, hi : float
        Value of the whole and its interval; with one multiple the three are the same.
    level : float
        Level of the interval; NaN where it is a range of multiples.
    net : float
        Net income of the last twelve months (net publisher's or net label share).
    multiple : float
        Value over net income.
    table : pandas.DataFrame
        A row for each recording: ``unique_id, net, value, lo, hi, multiple``, and of a DCF
        ``model, half_life`` (days) and ``note``. Intervals of recordings do not add up to that of
        the whole, since chance evens out.
    flows : tuple of float
        Expected net income of each year to come, of a DCF; for `irr` and `payback`.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "valuation"
    _called: ClassVar[str] = "Value of a catalogue"
    _kinds: ClassVar[Mapping[str, str]] = {"value": "money"}

    method: str
    value: float
    lo: float
    hi: float
    level: float
    net: float
    multiple: float
    table: "pd.DataFrame" = field(repr=False)
    flows: tuple[float, ...] = field(default=(), repr=False)

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each recording, and one for the whole.

        Returns
        -------
        pandas.DataFrame
            As ``table``, with a last row ``unique_id`` ``"(all)"``.
        """
        import pandas as pd

        whole = {"unique_id": "(all)", "net": self.net, "value": self.value, "lo": self.lo}
        last = pd.DataFrame([whole | {"hi": self.hi, "multiple": self.multiple}])
        return pd.concat([self.table, last], ignore_index=True)

    def _verdict(self) -> str:
        value = self._figure(self.value, "value")
        told = f"The catalogue is worth {value}, {self.multiple:.1f} years of its net income"
        if self.lo == self.hi:
            return f"{told}. One multiple tells nothing of how sure that is."
        if self._level() is None:
            low, high = (self._figure(end, "value") for end in (self.lo, self.hi))
            return f"{told} ({low} to {high} by the range of multiples)."
        return f"{told} ({self._interval(self.lo, self.hi, 'value')}), if it decays as it did."

    def _tables(self) -> Iterable[Table]:
        names = ["unique_id", "net", "value", "lo", "hi", "multiple"]
        return [("Recordings", self.table[names])]


def value_by_multiple(income: Any, multiple: Any, *, admin: Any = 0) -> Valuation:
    """Value a catalogue by a multiple of its net income of twelve months.

    Parameters
    ----------
    income : number, or pandas.Series or dict of number by recording
        Gross income of the last twelve months.
    multiple : number, or (low, middle, high)
        How many years' net income are paid.
    admin : number
        Part of gross income that administration costs.

    Returns
    -------
    Valuation
        Net publisher's (or label) share times the multiple.

    Raises
    ------
    InputError
        If an income or a multiple is below zero or missing, multiples are not in order, or
        ``admin`` is outside 0 to 1.

    Notes
    -----
    Multiples paid differ by age, genre, right and year; none is built in. What they are worth
    depends on decay: compare `value_catalogue`.

    Examples
    --------
    >>> import musictools as mt
    >>> found = mt.economics.value_by_multiple(1_200_000, 15, admin="0.15")
    >>> found.net, found.value
    (1020000.0, 15300000.0)
    """
    import pandas as pd

    series = isinstance(income, Mapping | pd.Series)
    given = [(str(name), each) for name, each in income.items()] if series else []
    given = given or [("catalogue", income)]
    spread = multiple if isinstance(multiple, tuple | list) else (multiple,) * 3
    low, middle, high = (exact(each, _WHAT) for each in _three(spread))
    kept = 1 - exact(admin, _WHAT)
    net = {name: exact(each, _WHAT) * kept for name, each in given}
    if len(net) < len(given):
        raise InputError(
            _WHAT,
            got=f"{len(given):,} incomes of {len(net):,} recordings",
            expected="one for each",
            hint="income.groupby(level=0).sum()",
        )
    if min(net.values()) < 0 or not 0 <= kept <= 1 or not 0 <= low <= middle <= high:
        raise InputError(
            _WHAT,
            got=f"income {income!r:.60}, multiple={multiple}, admin={admin}",
            expected="income from 0 up, multiples in order, admin from 0 to 1",
            hint="value_by_multiple(1_200_000, (12, 15, 18), admin='0.15')",
        )
    rows = [
        (name, float(n), float(n * middle), float(n * low), float(n * high), float(middle))
        for name, n in net.items()
    ]
    total = sum(net.values())
    return Valuation(
        method="multiple",
        value=float(total * middle),
        lo=float(total * low),
        hi=float(total * high),
        level=float("nan"),
        net=float(total),
        multiple=float(middle),
        table=pd.DataFrame(rows, columns=["unique_id", "net", "value", "lo", "hi", "multiple"]),
        provenance={"musictools": __version__, "function": "economics.value_by_multiple"},
    )


def _three(spread: Any) -> Any:
    if len(spread) != 3:
        raise InputError(
            _WHAT,
            got=f"multiple={spread!r}",
            expected="one multiple, or low, middle and high",
            hint="(12, 15, 18)",
        )
    return spread
