"""reconcile(): whether all statements are there, what is paid twice, and which rates stand out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from musictools._card import Table
from musictools._counts import counted
from musictools._result import Result
from musictools._shipped import shipped_table
from musictools._version import __version__
from musictools.collect import _reconcile_checks as checks
from musictools.collect._reconcile_lines import repeated, taken_back
from musictools.collect._reconcile_table import Finding, prepared, step, totals_of
from musictools.errors import InputError, TableError

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = (
    *("kind", "severity", "payer", "platform", "period", "statement", "recording_id", "amount"),
    *("currency", "lines", "meaning"),
)


@dataclass(frozen=True, kw_only=True, repr=False)
class Reconciliation(Result):
    """What royalties add up to, and what is odd about them.

    Attributes
    ----------
    findings : pandas.DataFrame
        One row for each, most money at stake first: ``kind, severity`` (error, warning, note),
        ``payer, platform, period, statement, recording_id, amount`` (exact), ``currency, lines``
        and ``meaning``.
    totals : pandas.DataFrame
        Exact sums, one row for each payer, period and currency.
    lines : int
        Lines of royalties.
    errors, warnings, notes : int
        Number of findings.
    provenance : dict
        What was looked at, and by which rules.
    """

    _drawn_by: ClassVar[str] = "royalties"

    findings: "pd.DataFrame" = field(repr=False)
    totals: "pd.DataFrame" = field(repr=False)
    lines: int
    errors: int
    warnings: int
    notes: int

    def to_frame(self) -> "pd.DataFrame":
        """Give the findings.

        Returns
        -------
        pandas.DataFrame
            As ``findings``.
        """
        return self.findings.copy()

    def _verdict(self) -> str:
        return (
            f"{counted(self.lines, 'line')}: {counted(self.errors, 'error')}, "
            f"{counted(self.warnings, 'warning')}, {counted(self.notes, 'note')}."
        )

    def _tables(self) -> Iterable[Table]:
        return [("Findings", self.findings[list(_COLUMNS)])]


def reconcile(
    royalties: Any,
    *,
    recordings: Any = None,
    expected: Iterable[str] | Mapping[str, Iterable[str]] | None = None,
) -> Reconciliation:
    """Hold statements against each other, the catalogue and themselves.

    Parameters
    ----------
    royalties : pandas, polars, pyarrow or DuckDB frame, or Imported
        A `royalties` table, of as many statements as there are; at most three million lines, in
        memory.
    recordings : pandas.DataFrame or iterable of str, optional
        The catalogue: a table with ``isrc`` (and ``recording_id``), or ISRCs. Without it, no line
        is said to be unmatched.
    expected : iterable of str or mapping, optional
        Periods that must be there (``"2025-03"``, ``"2025-Q1"``), of every payer or by payer.

    Returns
    -------
    Reconciliation
        Findings, most money at stake first, and exact totals.

    Raises
    ------
    TableError
        If it is no royalties table, or its amounts are not exact decimals.
    InputError
        If there are too many lines for memory, or a period is neither month nor quarter.

    Notes
    -----
    Kinds of findings:

    * ``missing_period``: between a payer's or a platform's first and last period, or among the
      expected ones. Whoever pays in fewer than half of the periods is taken to pay now and then.
    * ``repeated_statement``: at least nine tenths of the lines of the shorter of two statements
      (and three lines) stand in the other; or every line of one comes twice.
    * ``double_payment``: a line with the same payer, platform, country, recording, period, use,
      currency, units and amount stands in another statement. Ten units or fewer may be alike by
      chance, and are a warning.
    * ``repeated_line``: the same within one statement. A line that another takes back counts for
      nothing; one that is written anew with another amount is a ``correction``.
    * ``rate_outlier``: net per unit, of lines with 100 units or more, by payer, platform, country,
      use and currency. A line is compared with those of its period (eight at least), and a period
      with the others (six at least). It stands out if the logarithm of its rate is more than six
      robust deviations (1.4826 times the median absolute deviation, at least 0.05) off the median.
    * ``unmatched``: a recording that is not in the catalogue. Lines of works alone are left out.
    * ``returns``: the negative lines that are no corrections, summed up.
    * ``currency_mix``: a payer who pays in several currencies.
    * ``wrong_sum``: gross less fees is not net.

    Findings in several currencies are put in order at the last exchange rates of the European
    Central Bank that come with musictools; amounts are not converted.

    Examples
    --------
    >>> import musictools as mt
    >>> label = mt.datasets.load_label()
    >>> lost = label.royalties[label.royalties["statement"] != "Ebbtide-2024-05"]
    >>> found = mt.collect.reconcile(lost, recordings=label.recordings)
    >>> found.findings[["kind", "payer", "period"]].values.tolist()
    [['missing_period', 'Ebbtide Licensing', '2024-05']]
    """
    lines = prepared(royalties)
    wanted = _wanted(expected, lines["payer"].unique())
    found = [
        *checks.missing(lines, wanted),
        *repeated(lines),
        *taken_back(lines),
        *checks.rates(lines),
        *checks.currencies(lines),
        *checks.sums(lines),
    ]
    if recordings is not None:
        found += checks.unmatched(lines, _known(recordings))
    severities = [each.severity for each in found]
    odd = [period for period in lines["period"].unique() if step(period) is None]
    return Reconciliation(
        findings=_frame(found),
        totals=totals_of(lines),
        lines=len(lines),
        errors=severities.count("error"),
        warnings=severities.count("warning"),
        notes=severities.count("note"),
        provenance={
            "musictools": __version__,
            "function": "collect.reconcile",
            "recordings": recordings is not None,
            "expected": {payer: sorted(periods) for payer, periods in wanted.items()},
            "periods_not_compared": odd,
            "rates": {"z": checks.Z, "narrowest": checks.NARROWEST, "units": checks.UNITS},
        },
    )


def _wanted(
    expected: Iterable[str] | Mapping[str, Iterable[str]] | None, payers: Iterable[str]
) -> dict[str, Collection[str]]:
    if expected is None:
        return {}
    if isinstance(expected, Mapping):
        wanted = {
            payer: [periods] if isinstance(periods, str) else list(periods)
            for payer, periods in expected.items()
        }
    else:
        periods = [expected] if isinstance(expected, str) else list(expected)
        wanted = {str(payer): periods for payer in payers}
    for period in {each for some in wanted.values() for each in some}:
        if step(str(period)) is None:
            raise InputError(
                "reconcile royalties",
                got=f"the expected period {period!r}",
                expected="months and quarters",
                hint='expected=["2025-03", "2025-Q1"]',
            )
    return dict(wanted)


def _known(recordings: Any) -> set[str]:
    """Give the codes of the catalogue, as they are compared."""
    import pandas as pd

    if isinstance(recordings, pd.DataFrame):
        names = [name for name in ("isrc", "recording_id") if name in recordings]
        if not names:
            raise TableError(
                "reconcile royalties",
                got=f"recordings with {', '.join(map(repr, recordings.columns))}",
                expected="a column isrc or recording_id",
                hint="recordings.rename(columns={...: 'isrc'})",
            )
        codes = pd.concat([recordings[name] for name in names]).dropna()
    elif hasattr(recordings, "to_pandas"):
        return _known(recordings.to_pandas())
    else:
        given = [recordings] if isinstance(recordings, str) else recordings
        codes = pd.Series([code for code in given if code], dtype=object)
    return {checks.bare_code(str(code)) for code in codes}


def _frame(found: list[Finding]) -> "pd.DataFrame":
    import pandas as pd

    worth = _latest_rates() if len({each.currency for each in found}) > 1 else {}

    def stake(each: Finding) -> tuple[float, str, str]:
        rate = worth.get(each.currency or "", Decimal(1))
        return -abs(float((each.amount or 0) / rate)), each.kind, each.period or ""

    rows = [asdict(each) for each in sorted(found, key=stake)]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    texts = [name for name in _COLUMNS if name not in {"amount", "lines"}]
    frame[texts] = frame[texts].where(frame[texts] != "", None)
    return frame.astype({"lines": "int64", "amount": object})


def _latest_rates() -> dict[str, Decimal]:
    rates = shipped_table("exchange_rates", text=("rate",)).sort_values("month")
    return dict(zip(rates["currency"], map(Decimal, rates["rate"]), strict=True))
