"""RuleComparison: two rules on the same plays, artist by artist, and who gains."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musictools._card import Table
from musictools._result import Result
from musictools.errors import InputError, closest

if TYPE_CHECKING:
    import pandas as pd

#: Ranks where bands end, of thousands of artists.
BANDS = (10, 100, 1_000, 5_000, 10_000)
_SUMS = ("plays", "base", "other", "delta")


@dataclass(frozen=True, kw_only=True, repr=False)
class RuleComparison(Result):
    """What artists get by two rules, why it differs, and who pays for whom.

    Attributes
    ----------
    base, other : str
        Names of the rules; gains are from the former to the latter.
    artists : pandas.DataFrame
        One row an artist, most plays first: ``rank, artist_id, plays, listeners, base, other``
        (payouts), ``delta`` (other - base), ``relative_delta`` (delta / base), ``intensity`` (the
        harmonic mean, over plays, of how much their listeners play), ``factor`` (what explains the
        difference exactly, see `explain_payouts`), and columns of the artists that were given.
    users : pandas.DataFrame
        One row a user: ``user_id, plays, fee, moved_base, moved_other, factor, to_own_share``.
    redistributed_share : float
        Part of the money that moves to other artists: half the sum of absolute differences over
        what the first rule hands out.
    gainers, losers, unchanged : int
        Artists who get more, less, the same (to 1e-12).
    mean_plays : float
        Plays of a user, on average.
    heavy_light_plays, heavy_light_pairs : float
        How much more popular the artists of heavy listeners are than those of light ones.
    cross_subsidy : float
        Part of all fees that the first rule moves from those whose plays move less than their fee
        to those whose plays move more.
    net_payers : float
        Part of subscribers whose plays move less than their fee, by the first rule.
    to_own_share : float
        Part of a fee that reaches artists its payer played, by the first rule; mean of users.
    provenance : dict
        What was compared.

    Notes
    -----
    Heavy listeners play more than the mean of all users, light ones do not; an artist's popularity
    is the number of its plays. ``heavy_light_plays`` divides the mean popularity over all plays of
    heavy listeners by that over all plays of light ones; ``heavy_light_pairs`` takes means over
    pairs of a user and an artist, each pair once. Above 1, heavy listeners prefer popular artists,
    and a user-centric rule moves money to the less popular. The ratio is after G. McDonald (You
    Have Not Yet Heard Your Favourite Song, 2024). On the HetRec Last.fm data (1,892 users with 50
    artists each at most) they are 1.578 and 1.335.
    """

    _drawn_by: ClassVar[str] = "rule_deltas"
    _called: ClassVar[str] = "Two payout rules"
    _kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(("base", "other", "delta"), "payout")

    base: str
    other: str
    artists: "pd.DataFrame" = field(repr=False)
    users: "pd.DataFrame" = field(repr=False)
    redistributed_share: float
    gainers: int
    losers: int
    unchanged: int
    mean_plays: float
    heavy_light_plays: float
    heavy_light_pairs: float
    cross_subsidy: float
    net_payers: float
    to_own_share: float

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each artist.

        Returns
        -------
        pandas.DataFrame
            As ``artists``.
        """
        return self.artists.copy()

    def by_decile(self, groups: int = 10) -> "pd.DataFrame":
        """Sum up artists by rank of plays, in groups as equal as can be.

        Parameters
        ----------
        groups : int, default: 10
            How many.

        Returns
        -------
        pandas.DataFrame
            ``decile`` (1 has most plays), ``artists, plays, base, other, delta, relative_delta,
            base_share, other_share``. Artists who tie are ranked by their ids; the first groups
            take one artist more where it does not come out even.
        """
        return self._summed("decile", _even(np.arange(len(self.artists)), groups))

    def by_rank(self, bands: Sequence[int] = BANDS) -> "pd.DataFrame":
        """Sum up artists by bands of ranks.

        Parameters
        ----------
        bands : sequence of int
            The last rank of each band; what is behind makes one more.

        Returns
        -------
        pandas.DataFrame
            As `by_decile`, with ``ranks`` such as ``"11-100"``.
        """
        edges = [int(each) for each in bands]
        if not edges or edges[0] < 1 or any(b <= a for a, b in pairwise(edges)):
            raise InputError(
                "sum up by rank",
                got=f"bands={bands!r}",
                expected="ranks that grow, from 1",
                hint="bands=(10, 100, 1000)",
            )
        starts = [1, *(edge + 1 for edge in edges)]
        ends = [*edges, None]
        names = [
            f"{a}+" if b is None else str(a) if a == b else f"{a}-{b}"
            for a, b in zip(starts, ends, strict=True)
        ]
        places = np.searchsorted(edges, self.artists["rank"].to_numpy(), side="left")
        return self._summed("ranks", [names[place] for place in places])

    def by(self, column: str) -> "pd.DataFrame":
        """Sum up artists by something that is known of them, such as genre or country.

        Parameters
        ----------
        column : str
            A column of the frame that `explain_payouts` was given as ``artists=``.

        Returns
        -------
        pandas.DataFrame
            As `by_decile`, the group with most money first; artists of whom it is not known are
            ``"unknown"``.
        """
        if column not in self.artists.columns:
            raise InputError(
                "sum up by something of the artists",
                got=repr(column),
                expected="a column of the frame of artists",
                hint=closest(column, map(str, self.artists.columns)),
            )
        values = self.artists[column]
        labels = values.astype(object).where(values.notna(), "unknown")
        found = self._summed(column, labels.to_list())
        return found.sort_values("base", ascending=False, kind="stable", ignore_index=True)

    def by_intensity(self, groups: int = 10) -> "pd.DataFrame":
        """Sum up artists by how much their listeners play.

        Parameters
        ----------
        groups : int, default: 10
            How many groups of artists, as equal as can be.

        Returns
        -------
        pandas.DataFrame
            As `by_decile`, with ``group`` (1 has the listeners who play least) and
            ``intensity_from, intensity_to``.
        """
        intensity = self.artists["intensity"].to_numpy()
        labels = _even(np.argsort(intensity, kind="stable"), groups)
        found = self._summed("group", labels)
        found = found.sort_values("group", kind="stable", ignore_index=True)
        ranges = self.artists["intensity"].groupby(np.asarray(labels)).agg(["min", "max"])
        at = found["group"].to_numpy()
        found.insert(1, "intensity_from", ranges["min"].reindex(at).to_numpy())
        found.insert(2, "intensity_to", ranges["max"].reindex(at).to_numpy())
        return found

    def _summed(self, name: str, labels: Sequence[Any]) -> "pd.DataFrame":
        """Sum up artists with the same label, in the order in which labels come."""
        import pandas as pd

        keys = pd.Series(list(labels), index=self.artists.index, dtype=object)
        groups = self.artists.groupby(keys, sort=False)
        sums = groups[list(_SUMS)].sum()
        sums.insert(0, "artists", groups.size())
        sums["relative_delta"] = relative(sums["delta"].to_numpy(), sums["base"].to_numpy())
        for rule in ("base", "other"):
            whole = float(self.artists[rule].sum())
            sums[f"{rule}_share"] = sums[rule] / whole if whole else np.nan
        found: pd.DataFrame = sums.rename_axis(name).reset_index()
        found[name] = found[name].infer_objects()
        return found

    def _verdict(self) -> str:
        return (
            f"From {self.base} to {self.other}, {self.redistributed_share:.1%} of the money moves: "
            f"of the artists {self.gainers:,} gain and {self.losers:,} lose.\n"
            f"By {self.base}, {self.net_payers:.1%} of subscribers pay for others' listening, and "
            f"{self.to_own_share:.1%} of a fee reaches artists its payer played."
        )

    def _tables(self) -> Iterable[Table]:
        return [("By decile of plays", self.by_decile())]


def relative(delta: Any, base: Any) -> Any:
    """Divide differences by where they start: infinite from nothing to something, else 0."""
    from_nothing = np.where(delta == 0, 0.0, np.copysign(np.inf, delta))
    return np.divide(delta, base, out=from_nothing, where=base != 0)


def _even(order: "np.ndarray", groups: Any) -> list[int]:
    """Give the places of an order numbers of groups, from 1, which are as equal as can be."""
    if not isinstance(groups, int | np.integer) or isinstance(groups, bool) or groups < 1:
        raise InputError(
            "sum up in groups", got=f"{groups!r}", expected="a number of groups", hint="groups=10"
        )
    labels = np.zeros(len(order), dtype=int)
    for number, part in enumerate(np.array_split(order, groups), start=1):
        labels[part] = number
    return [int(label) for label in labels]
