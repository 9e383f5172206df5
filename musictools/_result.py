"""What every result object can do: a table, a picture, a home in a notebook, a record."""

import html
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True)
class Result:
    """Base of the frozen result objects.

    Attributes
    ----------
    provenance : dict
        What made the numbers: version of musictools, function, and what it was given.
    """

    #: The function of ``musictools.plot`` that draws it.
    _drawn_by: ClassVar[str]

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

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw it, by the function of :mod:`musictools.plot` for such results.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; the current axes otherwise.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on.
        """
        from musictools import plot

        drawn: Axes = getattr(plot, self._drawn_by)(self, ax=ax)
        return drawn

    def _plain(self) -> dict[str, Any]:
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {k: v for k, v in values.items() if v is None or isinstance(v, int | float | str)}

    def _rows(self) -> dict[str, str]:
        """Name and text of every line of the table in a notebook."""
        return {name: _shown(value) for name, value in self._plain().items()}

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
            f"<td style='text-align:right'>{html.escape(text)}</td></tr>"
            for name, text in self._rows().items()
        )
        return f"<table><caption>{html.escape(type(self).__name__)}</caption>{rows}</table>"


def _shown(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
