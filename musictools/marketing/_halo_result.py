"""What halo() hands over, and how it says so."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from musictools._card import Table
from musictools._counts import counted
from musictools._figures import chance
from musictools._result import Result
from musictools.marketing._catalogue import Catalogue
from musictools.marketing._event_study import EventStudy
from musictools.marketing._history import listed
from musictools.marketing._impact import Impact

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Halo(Result):
    """What a release did for the other tracks of its artist.

    Attributes
    ----------
    effect_pct : float
        Mean effect on the catalogue over the periods after, in per cent of what would have been.
    lo_90, hi_90 : float
        Interval of `effect_pct` at 90 %.
    p_value : float
        Of no halo, two-sided.
    total : float
        Extra plays of the catalogue over those periods, if the effect is the mean one.
    total_lo_90, total_hi_90 : float
        Its interval.
    release : str
        The release or releases.
    artist : str
        Whose catalogue.
    by : str
        ``"artist"``: catalogues are compared; ``"track"``: single tracks.
    tracks_used, donors : int
        Tracks of the catalogue, and units that they are compared with.
    left_out : pandas.DataFrame
        ``unique_id`` and ``reason`` of other tracks of the artist that are no part of the
        catalogue: on the release itself, too new, or without plays in some periods.
    happened : pandas.DataFrame
        ``artist``, ``ds``, ``kind``, ``subject`` of what else happened to the artist at that time.
    contaminated : bool
        Whether anything did: then the effect is not that of the release alone.
    path : pandas.DataFrame
        ``ds`` (or ``event_time``), ``effect_pct``, ``lo_90``, ``hi_90``; of one release also
        ``observed`` and ``counterfactual`` (plays, geometric mean where tracks are compared).
    tracks : pandas.DataFrame
        ``unique_id``, ``effect_pct``, ``lo_90``, ``hi_90``, ``p_value``, ``total`` of each track,
        beside matched tracks of others. Not corrected for their number. Empty for several releases.
    study : Impact or EventStudy
        The comparison itself, in logs.
    verdict : str
        In words, with all that was left out.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "halo"
    _called: ClassVar[str] = "Halo of a release"

    effect_pct: float
    lo_90: float
    hi_90: float
    p_value: float
    total: float
    total_lo_90: float
    total_hi_90: float
    release: str
    artist: str
    by: str
    tracks_used: int
    donors: int
    left_out: "pd.DataFrame"
    happened: "pd.DataFrame"
    contaminated: bool
    path: "pd.DataFrame"
    tracks: "pd.DataFrame"
    study: Impact | EventStudy
    verdict: str

    def to_frame(self) -> "pd.DataFrame":
        """Give the path, one row for each period.

        Returns
        -------
        pandas.DataFrame
            A copy of ``path``.
        """
        return self.path.copy()

    def _tables(self) -> Iterable[Table]:
        return [("Other tracks", self.tracks)]


def few(donors: int, p_value: float) -> str:
    """Why a p-value may be large beside an interval without zero: it counts donors."""
    least = 1 / (1 + donors)
    if least < 0.1 or p_value > 2 * least:
        return ""
    return (f" The p-value compares with {donors} others, one by one, and cannot be below "
            f"{least:.3f}; the interval tells more.")  # fmt: skip


def words(
    found: tuple[float, float, float, float], laid: Catalogue, release: str, totals: list[float]
) -> str:
    middle, low, high, p_value = found
    side = "gained" if middle >= 0 else "lost"
    head = (
        f"After {release}, the rest of the catalogue of {listed(laid.artists)} {side} "
        f"{abs(middle):.1f} % (90 % interval {low:.1f} to {high:.1f} %, {chance(p_value)}): "
        f"{totals[0]:,.0f} plays ({totals[1]:,.0f} to {totals[2]:,.0f}) over "
        f"{counted(laid.spans[1], 'period')}."
    )
    told = [head]
    if len(laid.happened):
        named = [f"{row.kind} {row.subject} ({row.ds})" for row in laid.happened.itertuples()]
        more = f", and {len(named) - 4} more" if len(named) > 4 else ""
        told.append(
            f"Contaminated: {', '.join(named[:4])}{more} at that time, whose effect is part of "
            "this. It is no halo of the release alone."
        )
    if low <= 0 <= high:
        told.append("No halo is also compatible with the data; that does not show that there is "
                    "none.")  # fmt: skip
    told.append("Whatever else happened to the artist alone at that time is part of it.")
    if not laid.asked_together:
        told.append("So are earlier songs that are on the release too, unless together= names "
                    "them.")  # fmt: skip
    for reason, rows in laid.left_out.groupby("reason", sort=False):
        told.append(f"Left out, {reason}: {listed(rows['unique_id'].tolist())}.")
    told.extend(f"Of the data: {note}." for note in laid.notes)
    return " ".join(told)
