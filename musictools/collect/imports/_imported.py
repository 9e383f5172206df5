"""What reading a file gives: its table, what could not be read, and what it adds up to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from musictools._card import Table
from musictools._counts import counted
from musictools._result import Result

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Imported(Result):
    """A downloaded file, read.

    Attributes
    ----------
    table : pandas.DataFrame or duckdb.DuckDBPyRelation
        The rows; a relation where they were read into a database.
    kind : str
        Which table it is: ``plays``, ``observations``, ``royalties``, ``works``, ``airplay`` or
        ``spend``.
    problems : pandas.DataFrame
        One row for each line that gave none, and for each total that does not add up: ``file``,
        ``line`` (counted from 1; 0 for the whole file), ``why``, ``text``.
    totals : pandas.DataFrame
        What the file adds up to, one row a currency where there is money: ``lines`` read, rows
        given, lines left out, problems, sums; and where the file states totals of its own, those.
    format : str
        Name of the format, as in ``mt.collect.formats()``.
    provenance : dict
        Version, files, encodings, separators: how it was read.
    """

    _drawn_by: ClassVar[str] = "imported"
    _called: ClassVar[str] = "File, read"

    table: Any
    kind: str
    problems: "pd.DataFrame" = field(repr=False)
    totals: "pd.DataFrame"
    format: str

    def to_frame(self) -> "pd.DataFrame":
        """Give the table in memory.

        Returns
        -------
        pandas.DataFrame
            Money is exact (``decimal.Decimal``).
        """
        import pandas as pd

        if isinstance(self.table, pd.DataFrame):
            return self.table
        from musictools.collect.imports._frames import to_pandas

        return to_pandas(self.table)

    def _verdict(self) -> str:
        count, wrong = int(self.totals["rows"].sum()), len(self.problems)
        return (
            f"{self.format}: {counted(count, 'row')} of {self.kind}, {counted(wrong, 'problem')}."
        )

    def __repr__(self) -> str:
        """Say what was read, what it adds up to, and what is wrong with it."""
        parts = [self._verdict(), self.totals.to_string(index=False)]
        if len(self.problems):
            parts.append(self.problems.drop(columns="text").head(10).to_string(index=False))
        return "\n".join(parts)

    def _tables(self) -> Iterable[Table]:
        import pandas as pd

        frame = isinstance(self.table, pd.DataFrame)
        first = self.table.head(5) if frame else self.table.limit(5).df()
        found = [("Problems", self.problems)] if len(self.problems) else []
        return [("Totals", self.totals), *found, ("The first rows", first)]
