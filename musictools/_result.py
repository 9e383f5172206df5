"""What every result object can do: a table, a picture, a home in a notebook, a record."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from musictools._card import Card, Table
from musictools._figures import rows

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: What stands beside its name in a card, and what is told above it.
_PLAIN = int | float | str | Decimal
_TOLD = ("words", "verdict", "reason")


@dataclass(frozen=True, kw_only=True, repr=False)
class Result(Card):
    """Base of the frozen result objects.

    Its card tells ``words`` or ``verdict`` where it has them, then its plain fields but for those
    that are marked ``repr=False``, its table, and its ``notes``.

    Attributes
    ----------
    provenance : dict
        What made the numbers: version of musictools, function, and what it was given.
    """

    #: The function of ``musictools.plot`` that draws it.
    _drawn_by: ClassVar[str]
    #: What its table says.
    _caption: ClassVar[str] = ""

    provenance: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def to_frame(self) -> "pd.DataFrame":
        """Give the numbers as a table, one row.

        Returns
        -------
        pandas.DataFrame
            One column for each plain field.
        """
        import pandas as pd

        return pd.DataFrame([self._plain()])

    def plot(self, ax: "Axes | None" = None, **options: Any) -> "Axes":
        """Draw it, by the function of :mod:`musictools.plot` for such results.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; the current axes otherwise.
        **options
            Handed on to that function: what it can draw in another way, its page says.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on.
        """
        from musictools import plot

        drawn: Axes = getattr(plot, self._drawn_by)(self, ax=ax, **options)
        return drawn

    def _plain(self) -> dict[str, Any]:
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {k: v for k, v in values.items() if v is None or isinstance(v, int | float | str)}

    def _verdict(self) -> str:
        told = next((getattr(self, name) for name in _TOLD if hasattr(self, name)), "")
        lines = told() if callable(told) else told
        return lines if isinstance(lines, str) else "\n".join(lines)

    def _rows(self) -> Mapping[str, str]:
        told = [f.name for f in fields(self) if f.repr and not f.name.startswith("_")]
        values = {name: getattr(self, name) for name in told}
        if "level" in values:
            values["level"] = self._level()
        return rows(
            {
                name: value
                for name, value in values.items()
                if name not in _TOLD and (value is None or isinstance(value, _PLAIN))
            },
            self._level(),
            self._kinds,
        )

    def _tables(self) -> Iterable[Table]:
        # One row is told by the figures.
        kept = type(self).to_frame is Result.to_frame
        return () if kept else [(self._caption, self.to_frame())]

    def _notes(self) -> Sequence[str]:
        notes = getattr(self, "notes", ())
        return notes if isinstance(notes, tuple) else ()
