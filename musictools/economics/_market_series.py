"""One series out of a market table; two tables into one; retail and wholesale never mixed."""

from numbers import Integral, Real
from typing import TYPE_CHECKING, cast

from musictools._frames import as_pandas
from musictools.errors import InputError, TableError, closest
from musictools.tables import check

if TYPE_CHECKING:
    import pandas as pd

#: What a reader without a table may try.
MARKET = "mt.datasets.load_market()"
_KEY = ["year", "region", "format", "basis", "vintage"]


def market_series(
    market: "pd.DataFrame",
    *,
    region: str,
    format: str = "total",  # noqa: A002 - the column's name
    basis: str | None = None,
    as_of: str | None = None,
) -> "pd.DataFrame":
    """Take one series out of a market table: one region, one format, one basis, one figure a year.

    Parameters
    ----------
    market : pandas.DataFrame
        A `market` table, such as ``mt.datasets.load_market()`` or ``read_riaa(path)``.
    region : str
        Such as ``"US"``.
    format : str
        Such as ``"streaming"``.
    basis : str, optional
        ``"retail"`` or ``"wholesale"``; must be given where the table holds both.
    as_of : str, optional
        Only editions up to this month (``"2021-12"``) or year: what was known then.

    Returns
    -------
    pandas.DataFrame
        The rows of the table by year. Of a year that was restated the latest edition; editions of
        different years may differ, and ``vintage`` says so.

    Raises
    ------
    TableError
        If the table lacks a column of a `market` table.
    InputError
        If nothing is left, or if both bases are, or whole and half years.

    Examples
    --------
    >>> import musictools as mt
    >>> world = mt.economics.market_series(mt.datasets.load_market(), region="world")
    >>> world.set_index("year").loc[[2014, 2021, 2025], "revenue_usd_m"].to_dict()
    {2014: 13000.0, 2021: 24000.0, 2025: 31700.0}
    """
    rows = check(as_pandas(market, "take a market series", hint=MARKET), "market")
    for column, value in (("region", region), ("format", format), ("basis", basis)):
        rows = _only(rows, column, value)
    if as_of is not None:
        # A year alone means all of its editions.
        known = rows["vintage"].astype("str").str.slice(0, len(str(as_of)))
        rows = rows[known <= str(as_of)]
    if rows.empty:
        raise InputError(
            "take a market series",
            got=f"no edition up to {as_of}",
            expected="one at least",
            hint="as_of=None",
        )
    _one_basis(rows, "take a market series")
    latest = rows.sort_values(["year", "vintage"]).drop_duplicates("year", keep="last")
    return latest.reset_index(drop=True)


def join_market(left: "pd.DataFrame", right: "pd.DataFrame") -> "pd.DataFrame":
    """Put two market tables of one basis under each other.

    Parameters
    ----------
    left, right : pandas.DataFrame
        `market` tables. A figure that both hold (year, region, format, basis, edition) is taken
        from the left.

    Returns
    -------
    pandas.DataFrame
        The rows of both, in order of region, format, year and edition.

    Raises
    ------
    TableError
        If one lacks a column of a `market` table.
    InputError
        If the two hold different bases: retail and wholesale do not splice.

    Examples
    --------
    >>> import musictools as mt
    >>> market = mt.datasets.load_market()
    >>> retail, wholesale = (market[market.basis == basis] for basis in ("retail", "wholesale"))
    >>> mt.economics.join_market(retail, wholesale)
    Traceback (most recent call last):
    musictools.errors.InputError: join market tables: got figures at retail and at wholesale; ...
    """
    import pandas as pd

    tables = [
        check(as_pandas(table, "join market tables", hint=MARKET), "market")
        for table in (left, right)
    ]
    both = pd.concat(tables, ignore_index=True)
    _one_basis(both, "join market tables")
    kept = both.drop_duplicates(_KEY, keep="first")
    return kept.sort_values(["region", "format", "year", "vintage"]).reset_index(drop=True)


def _only(rows: "pd.DataFrame", column: str, value: str | None) -> "pd.DataFrame":
    if value is None:
        return rows
    kept = rows[rows[column] == value]
    if kept.empty:
        there = sorted(rows[column].astype("str").unique())
        raise InputError(
            "take a market series",
            got=f"{column}={value!r}",
            expected=f"a {column} of the table, with the others that were asked for",
            hint=closest(str(value), there) if there else "mt.datasets.load_market()",
        )
    return kept


def _one_basis(rows: "pd.DataFrame", what: str) -> None:
    """Refuse what does not splice: retail and wholesale, whole and half years."""
    if "period" in rows and len(set(rows["period"])) > 1:
        raise InputError(
            what,
            got="whole and half years",
            expected="one of them",
            hint="market[market.period == 'year']",
        )
    bases = sorted(rows["basis"].astype("str").unique())
    if len(bases) > 1:
        raise InputError(
            what,
            got="figures at " + " and at ".join(bases),
            expected="one basis: retail is what listeners pay, wholesale what labels get",
            hint=f"market[market.basis == {bases[0]!r}]",
        )


def check_limits(what: str, *, horizon: object, least: int, most: int, level: object) -> None:
    """Refuse a horizon that is no whole number in its limits, or a level that is no per cent."""
    whole = isinstance(horizon, Integral) and not isinstance(horizon, bool)
    if not (whole and least <= cast("int", horizon) <= most):
        raise InputError(
            what,
            got=f"horizon={horizon!r}",
            expected=f"{least} to {most} years",
            hint=f"horizon={min(max(least, 3), most)}",
        )
    if not (isinstance(level, Real) and 0 < float(level) < 100):
        raise InputError(
            what, got=f"level={level!r}", expected="between 0 and 100 per cent", hint="level=90"
        )


def one_market(market: "pd.DataFrame", value: str, what: str) -> None:
    """Refuse a frame that is no single market: two bases, regions, or figures of one year."""
    columns = [str(name) for name in getattr(market, "columns", ())]
    for name in ("year", "format", value):
        if name not in columns:
            raise TableError(
                what,
                got=f"a table without the column {name!r}",
                expected=f"the columns year, format and {value}",
                hint=closest(name, columns) if columns else "mt.datasets.load_market()",
            )
    for name in ("year", value):
        if market[name].dtype.kind not in "iuf":
            raise TableError(
                what,
                got=f"the column {name!r} of kind {market[name].dtype}",
                expected="numbers",
                hint=f"pandas.to_numeric(frame[{name!r}])",
            )
    if "basis" in columns:
        _one_basis(market, what)
    regions = set(market["region"]) if "region" in columns else set()
    if len(regions) > 1:
        raise InputError(
            what,
            got=f"{len(regions)} regions",
            expected="one",
            hint="market[market.region == 'US']",
        )
    twice = market.duplicated(["year", "format"])
    if twice.any():
        first = market[twice].iloc[0]
        raise InputError(
            what,
            got=f"several figures for {first['format']} in {first['year']}",
            expected="one: the latest edition",
            hint="market.sort_values('vintage').drop_duplicates(['year', 'format'], keep='last')",
        )
