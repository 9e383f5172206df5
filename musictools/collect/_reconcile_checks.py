"""Royalties held against what should be there: periods, recordings, rates, currencies, sums."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from musictools.collect._reconcile_table import EXACT, Finding, label_of, period_of, step

if TYPE_CHECKING:
    import pandas as pd

#: Who pays in fewer than so many of the periods pays when there is something, and misses none.
_OFTEN = 0.5
#: A rate stands out if its logarithm is so many robust deviations from the median of its group,
#: none of them below a twentieth; of groups so large, and of so many units.
Z, NARROWEST, GROUP, UNITS = 6.0, 0.05, 8, 100.0
#: Months or quarters that a market must have had before one is told from the others.
_PERIODS = 6
_MILLIONTH = Decimal("0.000001")


# --- periods -------------------------------------------------------------------------------------


def missing(lines: "pd.DataFrame", expected: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Find periods between the first and the last that a payer, or a platform of one, lacks.

    Parameters
    ----------
    lines : pandas.DataFrame
        As `prepared` gives them.
    expected : mapping of str to collection of str
        Payer to the periods that must be there.
    """
    for payer, group in lines.groupby("payer"):
        wanted = expected.get(str(payer), ())
        gone = dict(_gaps(group, wanted, whole=True))
        for period, usual in gone.items():
            yield _gap(str(payer), None, period, usual)
        for platform, part in group.groupby("platform"):
            if platform and len(part) < len(group):
                for period, usual in _gaps(part, wanted, whole=False):
                    if period not in gone:
                        yield _gap(str(payer), str(platform), period, usual)


def _gap(payer: str, platform: str | None, period: str, usual: tuple[Decimal, str]) -> Finding:
    who = platform or payer
    return Finding(
        "missing_period",
        "error" if platform is None else "warning",
        f"{who} has no line of {period}; the amount is what a period usually brings",
        payer=payer, platform=platform, period=period, amount=usual[0], currency=usual[1],
    )  # fmt: skip


def _gaps(
    group: "pd.DataFrame", wanted: Collection[str], *, whole: bool
) -> Iterator[tuple[str, tuple[Decimal, str]]]:
    there = {found for period in group["period"].unique() if (found := step(period))}
    asked = {found for period in wanted if (found := step(period))}
    usual = _usual(group)
    for kind in ("month", "quarter"):
        places = {place for each, place in there if each == kind}
        must = {place for each, place in asked if each == kind}
        if not whole:
            # Nobody expects a platform before it first paid.
            must = {place for place in must if places and place > min(places)}
        elif not must and not places:
            continue
        every = set(range(min(places), max(places) + 1)) if places else set()
        often = len(places) >= _OFTEN * len(every)
        lost = (must | (every if often else set())) - places
        for place in sorted(lost):
            yield period_of(kind, place), usual


def _usual(group: "pd.DataFrame") -> tuple[Decimal, str]:
    """Give the median of what the periods brought, in the currency of most lines."""
    currency = str(group["currency"].mode().iloc[0])
    own = group[group["currency"] == currency]
    with localcontext(EXACT):
        sums = sorted(sum(part, Decimal(0)) for _, part in own.groupby("period")["net"])
        half = len(sums) // 2
        middle = sums[half] if len(sums) % 2 else (sums[half - 1] + sums[half]) / 2
    return middle, currency


# --- recordings ----------------------------------------------------------------------------------


def unmatched(lines: "pd.DataFrame", known: Collection[str]) -> Iterator[Finding]:
    """Find lines of recordings that nobody knows; lines of works alone are not looked at.

    Parameters
    ----------
    lines : pandas.DataFrame
        As `prepared` gives them.
    known : collection of str
        ISRCs, and identifiers, of the recordings.
    """
    plain = lines["recording_id"].map(bare_code)
    of_works = (plain == "") & (lines["work_id"] != "")
    strange = lines[~plain.isin(set(known)) & ~of_works]
    for (payer, who, currency), group in strange.groupby(["payer", "who", "currency"]):
        code = str(group["recording_id"].iloc[0]) or None
        title = str(group["title"].iloc[0])
        yield Finding(
            "unmatched",
            "warning",
            f"{title or who} is none of the recordings" if code else f"{who} has no ISRC",
            payer=str(payer), platform=_only(group["platform"]), period=_only(group["period"]),
            statement=_only(group["statement"]), recording_id=code, amount=_sum(group["net"]),
            currency=str(currency), lines=len(group),
        )  # fmt: skip


def bare_code(code: str) -> str:
    """Write a code as all codes are compared."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def _only(values: "pd.Series[str]") -> str | None:
    return str(values.iloc[0]) or None if (values == values.iloc[0]).all() else None


def _sum(values: Iterable[Decimal]) -> Decimal:
    with localcontext(EXACT):
        return sum(values, Decimal(0))


# --- rates ---------------------------------------------------------------------------------------


def rates(lines: "pd.DataFrame") -> Iterator[Finding]:
    """Find lines whose rate stands out of their market and period, and periods that stand out.

    Parameters
    ----------
    lines : pandas.DataFrame
        As `prepared` gives them.
    """
    market = ["payer", "platform", "country", "use", "currency"]
    sold = lines[(lines["units"] >= UNITS) & (lines["net"] > 0)]
    sold = sold.assign(paid=sold["net"].astype(float))
    sold = sold.assign(rate=sold["paid"] / sold["units"])
    outer = _standing_out(sold, [*market, "period"], least=GROUP)
    for row, usual, z in outer:
        yield _rate(row, usual, z, 1, "lines of this market and period")
    # The median, since one wrong line is no wrong period.
    periods = sold.groupby([*market, "period"], as_index=False).agg(
        units=("units", "sum"),
        paid=("paid", "sum"),
        count=("paid", "size"),
        rate=("rate", "median"),
    )
    for row, usual, z in _standing_out(periods, market, least=_PERIODS):
        yield _rate(row, usual, z, int(row["count"]), "periods of this market")


def _standing_out(
    frame: "pd.DataFrame", by: list[str], *, least: int
) -> Iterator[tuple["pd.Series[Any]", float, float]]:
    """Give rows, the usual rate of their group, and how far they are from it."""
    import numpy as np

    if frame.empty:
        return
    log = np.log(frame["rate"].to_numpy(float))
    marked = frame.assign(log=log)
    groups = marked.groupby(by)["log"]
    middle = groups.transform("median")
    away = (marked["log"] - middle).abs()
    spread = away.groupby([marked[name] for name in by]).transform("median") * 1.4826
    z = (marked["log"] - middle) / spread.clip(lower=NARROWEST)
    chosen = (z.abs() > Z) & (groups.transform("size") >= least)
    for place in np.flatnonzero(chosen.to_numpy()):
        yield frame.iloc[place], float(np.exp(middle.iloc[place])), float(z.iloc[place])


def _rate(row: "pd.Series[Any]", usual: float, z: float, lines: int, among: str) -> Finding:
    rate = float(row["rate"])
    stake = Decimal(repr(float(row["paid"]) - float(row["units"]) * usual)).quantize(_MILLIONTH)
    return Finding(
        "rate_outlier",
        "error" if abs(z) > 2 * Z else "warning",
        f"{rate:.6f} a unit, and {usual:.6f} is usual among {among} "
        f"({label_of(row['country'], row['use'])}; robust z {z:+.1f}); the amount is by how much",
        payer=row["payer"], platform=row["platform"] or None, period=row["period"],
        statement=row.get("statement"), recording_id=row.get("recording_id") or None,
        amount=stake, currency=row["currency"], lines=lines,
    )  # fmt: skip


# --- currencies and sums -------------------------------------------------------------------------


def currencies(lines: "pd.DataFrame") -> Iterator[Finding]:
    """Find payers who pay in several currencies: their sums cannot be added up."""
    for payer, group in lines.groupby("payer"):
        counts = group["currency"].value_counts()
        for currency in counts.index[1:]:
            part = group[group["currency"] == currency]
            yield Finding(
                "currency_mix",
                "note",
                f"{payer} pays in {currency} beside {counts.index[0]}: convert_currency makes them "
                "one",
                payer=str(payer), platform=_only(part["platform"]), period=_only(part["period"]),
                statement=_only(part["statement"]), amount=_sum(part["net"]),
                currency=str(currency), lines=len(part),
            )  # fmt: skip


def sums(lines: "pd.DataFrame") -> Iterator[Finding]:
    """Find lines whose gross less fees is not their net."""
    with localcontext(EXACT):
        off = lines["gross"] - lines["fees"] - lines["net"]
    for (payer, statement, currency), group in lines[off != 0].groupby(
        ["payer", "statement", "currency"]
    ):
        yield Finding(
            "wrong_sum",
            "error",
            "gross less fees is not net; the amount is by how much",
            payer=str(payer), platform=_only(group["platform"]), period=_only(group["period"]),
            statement=str(statement), amount=_sum(off[group.index]), currency=str(currency),
            lines=len(group),
        )  # fmt: skip
