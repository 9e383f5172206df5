"""convert_currency(): a royalties table in one currency, each number with the rate behind it."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation, localcontext
from typing import TYPE_CHECKING, Any

from musictools import tables
from musictools._shipped import shipped_table
from musictools.errors import InputError, TableError, closest

if TYPE_CHECKING:
    import pandas as pd

#: Twenty digits of a rate: far more than any rate has, so that only a division is ever rounded.
_RATE = Context(prec=20, rounding=ROUND_HALF_EVEN)
#: Room for every digit of an amount times a rate.
_EXACT = Context(prec=200)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_CODE = re.compile(r"[A-Z]{3}")
#: Months and currencies to units of the currency for one unit of the base.
_Rates = Mapping[tuple[str, str], Decimal]


def convert_currency(
    royalties: "pd.DataFrame",
    to: str,
    *,
    rates: "pd.DataFrame | None" = None,
    columns: Sequence[str] = ("gross", "fees", "net"),
) -> "pd.DataFrame":
    """Convert a royalties table to one currency, exactly, at the rate of each line's own period.

    Every amount is multiplied by the line's ``rate`` and is not rounded: gross less fees is still
    net, and whoever wants cents rounds the sums. Only the rate itself is rounded, half to even, to
    20 significant digits, where it is a quotient of two rates (a cross rate through the base of
    the table). A month has its average rate; a quarter the plain mean of its three months, first
    of each currency, then their quotient.

    Parameters
    ----------
    royalties : pandas.DataFrame
        A `royalties` table; the amounts are exact decimals.
    to : str
        Currency wanted, ISO 4217.
    rates : pandas.DataFrame, optional
        Rates of your own: ``month`` (``"2025-03"``) or ``date`` (daily rates, which are averaged),
        ``currency``, ``rate`` (units of that currency for one unit of the base), and ``base`` (the
        same in every row) where that is not EUR. By default the European Central Bank's monthly
        averages, as in ``mt.datasets.load_exchange_rates()``.
    columns : sequence of str
        Which amounts to convert.

    Returns
    -------
    pandas.DataFrame
        The table again, in its order, the amounts and ``currency`` converted. What stood there
        before is in ``gross_original``, ... and ``currency_original``; ``rate`` is a decimal,
        ``rate_month`` the month, or the first and last month, of which it is the rate.

    Raises
    ------
    TableError
        If a column is missing, or amounts are not exact decimals.
    InputError
        If a rate is missing (the message names currencies and months), the rates cannot be used,
        a period is neither month nor quarter, or the table was converted before.

    See Also
    --------
    musictools.datasets.load_exchange_rates : The table that is used by default.

    Examples
    --------
    >>> from decimal import Decimal
    >>> import pandas as pd
    >>> import musictools as mt
    >>> line = dict.fromkeys(["platform", "country", "recording_id", "work_id"], "x")
    >>> line |= {"statement": "S1", "period": "2025-01", "payer": "P", "units": 100.0}
    >>> line |= {"gross": Decimal("10.00"), "fees": Decimal("1.50"), "net": Decimal("8.50")}
    >>> statement = pd.DataFrame([line | {"currency": "EUR"}])
    >>> row = mt.collect.convert_currency(statement, "USD").iloc[0]
    >>> str(row["net"]), row["currency"], str(row["rate"]), row["rate_month"]
    ('8.80067050', 'USD', '1.035373', '2025-01')
    """
    _check_frame(tables.check(royalties, "royalties"))
    _check_columns(royalties, columns)
    known = _shipped_rates() if rates is None else _own_rates(rates)
    _check_code(to, known)
    pairs = list(zip(royalties["currency"], royalties["period"], strict=True))
    found = _pair_rates(dict.fromkeys(pairs), to, known)
    result = royalties.copy()
    factors = [found[pair][0] for pair in pairs]
    for column in columns:
        result[f"{column}_original"] = royalties[column]
        result[column] = _multiply(royalties[column], factors)
    result["currency_original"] = royalties["currency"]
    result["currency"] = to
    result["rate"] = _objects(factors, royalties)
    result["rate_month"] = [found[pair][1] for pair in pairs]
    return result


# --- amounts -------------------------------------------------------------------------------------


def _check_frame(royalties: Any) -> None:
    import pandas as pd

    if not isinstance(royalties, pd.DataFrame):
        raise TableError(
            "convert amounts",
            got=f"a table of type {type(royalties).__module__}.{type(royalties).__name__}",
            expected="a pandas.DataFrame, whose cells can hold decimals of any length",
            hint="most other tables have .to_pandas()",
        )


def _check_columns(royalties: "pd.DataFrame", columns: Sequence[str]) -> None:
    if isinstance(columns, str) or not columns:
        raise InputError(
            "convert amounts",
            got=f"columns={columns!r}",
            expected="a list of names of columns",
            hint='columns=("gross", "fees", "net")',
        )
    names = list(royalties.columns)
    for column in columns:
        if column not in names:
            raise TableError(
                "convert amounts",
                got=f"no column {column!r}",
                expected="columns of exact decimals",
                hint=closest(column, map(str, names)),
            )
        wrong = [v for v in royalties[column] if not _is_amount(v)]
        if wrong:
            raise TableError(
                f"convert the amounts in {column!r}",
                got=f"{wrong[0]!r} of type {type(wrong[0]).__name__}",
                expected="exact decimals (decimal.Decimal)",
                hint=f"frame[{column!r}] = [decimal.Decimal(str(v)) for v in frame[{column!r}]]",
            )
    added = [*(f"{c}_original" for c in columns), "currency_original", "rate", "rate_month"]
    if taken := [name for name in added if name in names]:
        raise InputError(
            "convert amounts",
            got=f"a table that has {', '.join(map(repr, taken))}, as one that was converted has",
            expected="amounts in the currency of the statement",
            hint="convert the table that was read, or drop these columns",
        )


def _is_amount(value: Any) -> bool:
    """Whether it is an exact decimal, or missing."""
    import pandas as pd

    if isinstance(value, Decimal):
        return value.is_finite()
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _multiply(amounts: "pd.Series[Any]", factors: list[Decimal]) -> "pd.Series[Any]":
    with localcontext(_EXACT):
        values = [
            amount * factor if isinstance(amount, Decimal) else None
            for amount, factor in zip(amounts, factors, strict=True)
        ]
    return _objects(values, amounts)


def _objects(values: list[Any], like: "pd.DataFrame | pd.Series[Any]") -> "pd.Series[Any]":
    import pandas as pd

    return pd.Series(values, index=like.index, dtype=object)


# --- rates ---------------------------------------------------------------------------------------


def _shipped_rates() -> dict[tuple[str, str], Decimal]:
    frame = shipped_table("exchange_rates", text=("rate",))
    keys = zip(frame["month"], frame["currency"], strict=True)
    found = dict(zip(keys, map(Decimal, frame["rate"]), strict=True))
    return found | {(month, "EUR"): Decimal(1) for month in set(frame["month"])}


def _own_rates(rates: "pd.DataFrame") -> dict[tuple[str, str], Decimal]:
    """Read rates of the caller's, daily or monthly."""
    present = list(getattr(rates, "columns", ()))
    daily = "date" in present
    missing = [c for c in ("currency", "rate") if c not in present]
    if missing or daily == ("month" in present):
        raise InputError(
            "read exchange rates",
            got=f"columns {', '.join(map(repr, present)) or 'none'}",
            expected="a table with 'month' or 'date', 'currency' and 'rate'",
            hint="mt.datasets.load_exchange_rates() shows what it looks like",
        )
    base = _base(rates)
    kept: dict[tuple[str, str], list[Decimal]] = {}
    seen: set[tuple[str, str]] = set()
    records = zip(
        rates["date" if daily else "month"], rates["currency"], rates["rate"], strict=True
    )
    for row, (when, currency, rate) in enumerate(records):
        time = _day(when, row) if daily else _month(when, row)
        code = _own_code(currency, row)
        if (time, code) in seen:
            raise _unusable(f"row {row}: {code} twice in {time}", "one rate for each")
        seen.add((time, code))
        kept.setdefault((time[:7], code), []).append(_positive(rate, row))
    found = {key: _mean(values) for key, values in kept.items()}
    if wrong := [m for (m, code), rate in found.items() if code == base and rate != 1]:
        raise _unusable(
            f"{base}, in which the rates are, at {found[wrong[0], base]} in {wrong[0]}",
            "a rate of 1 of the base itself",
        )
    return found | {(month, base): Decimal(1) for month, _ in found}


def _base(rates: "pd.DataFrame") -> str:
    if "base" not in rates.columns:
        return "EUR"
    bases = set(rates["base"])
    if len(bases) != 1:
        raise _unusable(
            f"the bases {', '.join(sorted(map(str, bases))) or 'none'}", "one base for all rows"
        )
    return _own_code(next(iter(bases)), 0)


def _unusable(got: str, expected: str) -> InputError:
    return InputError(
        "read exchange rates", got=got, expected=expected, hint="correct the table and try again"
    )


def _own_code(value: Any, row: int) -> str:
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise _unusable(f"row {row}: the currency {value!r}", "three capitals of ISO 4217")
    return value


def _month(value: Any, row: int) -> str:
    if not isinstance(value, str) or not _MONTH.fullmatch(value):
        raise _unusable(f"row {row}: the month {value!r}", "text such as '2025-03'")
    return value


def _day(value: Any, row: int) -> str:
    try:
        return (value if isinstance(value, dt.date) else dt.date.fromisoformat(value)).strftime(
            "%Y-%m-%d"
        )
    except (TypeError, ValueError) as error:
        raise _unusable(
            f"row {row}: the date {value!r}", "a date, or text such as '2025-03-31'"
        ) from error


def _positive(value: Any, row: int) -> Decimal:
    try:
        # A float is taken as it is printed: 1.1 is meant as 1.1.
        rate = Decimal(str(value))
    except InvalidOperation:
        rate = Decimal("NaN")
    if not rate.is_finite() or rate <= 0:
        raise _unusable(f"row {row}: the rate {value!r}", "a number above zero")
    return rate


def _mean(values: Iterable[Decimal]) -> Decimal:
    """Exact where it can be, else of 20 digits."""
    kept = list(values)
    with localcontext(_EXACT):
        total = sum(kept, Decimal(0))
    return kept[0] if len(kept) == 1 else _RATE.divide(total, Decimal(len(kept)))


# --- periods -------------------------------------------------------------------------------------


def _check_code(to: str, known: _Rates) -> None:
    codes = sorted({currency for _, currency in known})
    if to not in codes:
        raise InputError(
            "convert amounts",
            got=repr(to),
            expected="a currency with rates: " + ", ".join(codes),
            hint=f"{closest(str(to).upper(), codes)}; or rates= with your own",
        )


def _months(period: str) -> list[str]:
    """Months of a period; none where it is neither month nor quarter."""
    if _MONTH.fullmatch(period):
        return [period]
    quarter = _QUARTER.fullmatch(period)
    if quarter is None:
        return []
    first = 3 * int(quarter[2]) - 2
    return [f"{quarter[1]}-{month:02}" for month in range(first, first + 3)]


def _pair_rates(
    pairs: Iterable[tuple[str, str]], to: str, known: _Rates
) -> dict[tuple[str, str], tuple[Decimal, str]]:
    """Rate and its month for each currency and period; all that is missing in one error."""
    found: dict[tuple[str, str], tuple[Decimal, str]] = {}
    missing: dict[str, set[str]] = {}
    odd: set[str] = set()
    for currency, period in pairs:
        months = _months(period)
        if not months:
            odd.add(period)
            continue
        told = months[0] if len(months) == 1 else f"{months[0]}..{months[-1]}"
        if currency == to:
            found[currency, period] = (Decimal(1), told)
            continue
        absent = {(c, m) for c in (currency, to) for m in months if (m, c) not in known}
        for code, month in absent:
            missing.setdefault(code, set()).add(month)
        if not absent:
            out = _mean(known[month, to] for month in months)
            into = _mean(known[month, currency] for month in months)
            # A base costs nothing to divide by; keep its rate as it was published.
            rate = out if into == 1 else _RATE.divide(out, into)
            found[currency, period] = (rate, told)
    _refuse(odd, missing, known)
    return found


def _refuse(odd: set[str], missing: Mapping[str, set[str]], known: _Rates) -> None:
    if odd:
        raise InputError(
            "find the rate of a period",
            got=", ".join(map(repr, sorted(odd))),
            expected="months such as '2025-03' or quarters such as '2025-Q1'",
            hint="set the column 'period' of these lines",
        )
    if missing:
        told = "; ".join(
            f"{code} in {', '.join(sorted(months))}" for code, months in sorted(missing.items())
        )
        months = [month for month, _ in known]
        span = f"the table has {min(months)} to {max(months)}" if months else "the table is empty"
        raise InputError(
            "convert amounts",
            got=f"no rate of {told}",
            expected=f"a rate for each currency and month; {span}, and no month takes the rate of "
            "another",
            hint="rates=pandas.concat([mt.datasets.load_exchange_rates(), yours]), where yours has "
            "month, currency and rate",
        )
