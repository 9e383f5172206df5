"""How a master will play and whether it can be delivered, as tables for a page or a notebook."""

from typing import TYPE_CHECKING, Any

from musictools._html import Column, bound, escape, is_missing, number, plain, table

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 0.05
_DOUBT = {
    "partly": "This target is not, or not in all parts, from the platform's own pages.",
    "no": "This target could not be verified; sources differ.",
}
_PLAYED: dict[str, Column] = {
    "where": ("Platform", plain),
    "target_lufs": ("Target (LUFS)", number()),
    "gain_db": ("Gain (dB)", number(sign=True)),
    "loudness_lufs": ("Plays at (LUFS)", number()),
    "true_peak_dbtp": ("True peak (dBTP)", number(sign=True)),
    "limited_db": ("Limiter takes (dB)", number()),
    "headroom_lost_db": ("Headroom lost (dB)", number()),
    "outcome": ("What happens", plain),
}
_DELIVERED: dict[str, Column] = {
    "where": ("Deliver to", plain),
    "target_lufs": ("Asked (LUFS)", number()),
    "can": ("As it is", plain),
    "advice": ("What to do", bound),
}
_HEADROOM = "Headroom lost: how much higher the peaks of a more dynamic master could stand there."
_SIGNS = {"yes": "\N{CHECK MARK}", "no": "\N{HEAVY MULTIPLICATION X}"}


class _Notes:
    """Notes below a table: what several rows say is told once."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def mark(self, text: str) -> str:
        """Give the mark of a note."""
        if text not in self._texts:
            self._texts.append(text)
        return "abcdefghijklmnopqrstuvwxyz"[self._texts.index(text) % 26]

    def html(self, *more: str) -> str:
        """Give all notes, each with its mark, and more without one."""
        marked = [f"<sup>{self.mark(text)}</sup> {escape(text)}" for text in self._texts]
        return f"<p class='note'>{'<br>'.join([*marked, *map(escape, more)])}</p>"


def playback_tables(rows: "pd.DataFrame") -> tuple[str, str]:
    """Give two tables with their notes: how it plays, and whether it can be delivered.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``playback`` of a report.

    Returns
    -------
    tuple of str
        HTML; empty where there is no row for it.
    """
    if rows["gain_db"].isna().all():
        # A table of dashes says no more than its note does.
        return f"<p>{escape(plain(rows['note'].iloc[0]))}</p>", ""
    asked = rows["meets_delivery"].notna()
    return _played(rows[~asked]), _delivered(rows[asked])


def _played(rows: "pd.DataFrame") -> str:
    if not len(rows):
        return ""
    notes = _Notes()
    records = rows.to_dict("records")
    shown = rows.assign(where=_where(records), outcome=[_outcome(row) for row in records])
    marks = {
        where: sorted(map(notes.mark, [*_asides(row), *_doubts(row)]))
        for where, row in zip(shown["where"], records, strict=True)
    }
    inside = table(
        shown, _PLAYED, caption="Streaming: gain, loudness and peak", cell=_marking(marks)
    )
    return inside + notes.html(_HEADROOM)


def _delivered(rows: "pd.DataFrame") -> str:
    if not len(rows):
        return ""
    notes = _Notes()
    records = rows.to_dict("records")
    shown = rows.assign(
        where=_where(records),
        can=["yes" if row["meets_delivery"] else "no" for row in records],
        advice=[_advice(row) for row in records],
    )
    marks = {
        where: sorted(map(notes.mark, _doubts(row)))
        for where, row in zip(shown["where"], records, strict=True)
    }
    caption = "Can it be delivered?"
    return table(shown, _DELIVERED, caption=caption, cell=_marking(marks)) + notes.html()


def _marking(marks: dict[str, list[str]]) -> Any:
    def cell(name: str, value: Any, text: str) -> str:
        if name == "where" and marks[value]:
            return f"{text}&nbsp;<sup style='line-height:0'>{',&nbsp;'.join(marks[value])}</sup>"
        return f"<span aria-hidden='true'>{_SIGNS[text]}</span> {text}" if name == "can" else text

    return cell


def _where(records: list[dict[Any, Any]]) -> list[str]:
    pairs = [(row["platform"], row["setting"]) for row in records]
    names = [", ".join(str(part) for part in pair if not is_missing(part)) for pair in pairs]
    return [name.removesuffix("delivery").rstrip(", ") for name in names]


def _outcome(row: dict[Any, Any]) -> str:
    """Say in a few words what the numbers beside them mean."""
    gain, below = row["gain_db"], row.get("below_target_db", 0.0)
    if is_missing(gain):
        return ""
    if gain <= -_SHOWN:
        told = "turned down"
    elif below < _SHOWN:
        told = "turned up" if gain >= _SHOWN else "plays as it is"
    else:
        how = "turned up as far as its peaks allow" if gain >= _SHOWN else "not turned up"
        told = f"{how}, {below:.1f} dB below the target"
    return f"{told}, limited" if row["limited_db"] >= _SHOWN else told


def _asides(row: dict[Any, Any]) -> list[str]:
    """Give what the note says besides what the numbers say."""
    parts = plain(row["note"]).removesuffix(".").split("; ")[1:]
    return [f"{part[0].upper()}{part[1:]}." for part in parts if "limiter" not in part]


def _doubts(row: dict[Any, Any]) -> list[str]:
    verified = row.get("verified", "yes")
    return [_DOUBT[verified]] if verified in _DOUBT else []


def _advice(row: dict[Any, Any]) -> str:
    note = plain(row["note"]).removeprefix("Cannot be delivered as it is: ")
    return "Nothing." if row["meets_delivery"] else f"{note[:1].upper()}{note[1:]}"
