"""sync_lift(): what uses in television, films, games and commercials brought, beside peers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musictools._checks import check_number
from musictools._figures import figure
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError
from musictools.marketing._history import read_series
from musictools.marketing._impact import Impact, impact
from musictools.marketing._placing import places_of_events
from musictools.marketing._spells import events_of

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "measure the lift of syncs"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SyncLift(Result):
    """What syncs brought, each beside catalogue peers, and together.

    Attributes
    ----------
    effect, lo_90, hi_90 : float
        Mean per period after a sync, over all syncs, with its interval at 90 %.
    total, total_lo_90, total_hi_90 : float
        Mean per sync within its periods.
    per_1000_contacts : float
        `total` for each 1,000 contacts (``size``); NaN where they are not known.
    syncs : pandas.DataFrame
        ``subject``, ``ds``, ``contacts``, ``periods``, ``effect``, ``lo_90``, ``hi_90``,
        ``p_value``, ``total``, ``relative_pct``.
    impacts : tuple of Impact
        Each sync's own result, in the order of `syncs`.
    words : str
        What it means, what it does not, and what was done to the data.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "sync_lift"
    _called: ClassVar[str] = "Lift of syncs"
    _caption: ClassVar[str] = "Syncs"

    effect: float
    lo_90: float
    hi_90: float
    total: float
    total_lo_90: float
    total_hi_90: float
    per_1000_contacts: float
    syncs: "pd.DataFrame"
    impacts: tuple[Impact, ...]
    words: str

    def to_frame(self) -> "pd.DataFrame":
        """Give what each sync brought, one row a sync.

        Returns
        -------
        pandas.DataFrame
            A copy of ``syncs``.
        """
        return self.syncs.copy()


def sync_lift(
    series: "pd.DataFrame",
    syncs: "pd.DataFrame",
    *,
    periods: int = 8,
    method: str = "synthetic_did",
    kinds: tuple[str, ...] = ("sync",),
    rng: int = 0,
) -> SyncLift:
    """Measure what a song brought after it was heard in a series, film, game or commercial.

    Each sync is an :func:`impact` beside catalogue peers: those series without a sync until its
    last period, and none in as many periods before it as are looked at after.

    Parameters
    ----------
    series : pandas.DataFrame
        A `series` table, one for each song; peers belong in it.
    syncs : pandas.DataFrame
        An `events` table; ``subject`` names the series, ``size`` is contacts.
    periods : int
        Periods from the sync on to look at; fewer where the next sync of the song, or the end of
        the series, comes sooner.
    method : str
        As in :func:`impact`.
    kinds : tuple of str
        Kinds of events that are syncs.
    rng : int
        Seed, as in :func:`impact`.

    Returns
    -------
    SyncLift
        Each sync's effect, their mean, and words.

    Raises
    ------
    TableError
        If a table lacks a column or a row stands there twice.
    InputError
        If no sync has a series, or one has too few periods before it or too few peers.

    Notes
    -----
    Coverage of each interval is that of :func:`impact` with the method. Those of several syncs are
    put together as if independent; peers that two have in common make that a little too short.

    Examples
    --------
    >>> import musictools as mt
    >>> made = mt.datasets.simulate_panel("campaign", units=30, treated=1, effect=0.3, rng=1)
    >>> lift = mt.marketing.sync_lift(made.series, made.events.assign(kind="sync"))
    >>> bool(lift.lo_90 > 0), len(lift.impacts)
    (True, 1)
    """
    import pandas as pd

    count = int(check_number(_WHAT, "periods", periods, (1, 1000)))
    seed = int(check_number(_WHAT, "rng", rng, (0, 2**32 - 1)))
    rows = read_series(series, _WHAT)
    table = events_of(syncs, tuple(kinds), _WHAT)
    times = pd.Index(np.sort(rows["ds"].unique()))
    times = pd.DatetimeIndex(times) if times.dtype.kind == "M" else times
    names = set(rows["unique_id"])
    at = places_of_events(times, table["ds"], _WHAT)
    table = table.assign(at=at)[(at > 0) & (at < len(times)) & table["subject"].isin(names)]
    if table.empty:
        raise InputError(_WHAT, got="no sync of a song with a series, within it",
                         expected=f"subjects such as {min(names)!r}",
                         hint="compare syncs with series, by name and time")  # fmt: skip
    found, facts = [], []
    rows_: Any = table.itertuples()
    for row in rows_:
        later = table[(table["subject"] == row.subject) & (table["at"] > row.at)]["at"]
        end = min(row.at + count, len(times), *later.tolist())
        near = table[(table["at"] >= row.at - count) & (table["at"] < end)]
        others = set(near["subject"]) - {row.subject}
        part = rows[(rows["ds"] < times[end] if end < len(times) else True)
                    & ~rows["unique_id"].isin(others)]  # fmt: skip
        each = impact(part, treated=row.subject, start=times[row.at], method=method, rng=seed)
        found.append(each)
        facts.append((row.subject, row.ds, row.size, each.periods_after, each.effect, each.lo_90,
                      each.hi_90, each.p_value, each.total, each.relative_pct))  # fmt: skip
    columns = ["subject", "ds", "contacts", "periods", "effect", "lo_90", "hi_90", "p_value",
               "total", "relative_pct"]  # fmt: skip
    told = pd.DataFrame(facts, columns=columns)
    numbers = _together(told)
    return SyncLift(
        **numbers,
        syncs=told,
        impacts=tuple(found),
        words=_words(told, numbers, len(syncs) - len(told), found),
        provenance={
            "musictools": __version__,
            "function": "marketing.sync_lift",
            "method": method,
            "periods": count,
        },
    )


def _together(told: "pd.DataFrame") -> dict[str, float]:
    """Mean over syncs; their errors as if independent."""
    long, effect = told["periods"].to_numpy(float), told["effect"].to_numpy()
    below, above = effect - told["lo_90"].to_numpy(), told["hi_90"].to_numpy() - effect
    out: dict[str, float] = {}
    for weights, names in (
        (long / long.sum(), ("effect", "lo_90", "hi_90")),
        (long / len(long), ("total", "total_lo_90", "total_hi_90")),
    ):
        middle = float(weights @ effect)
        out[names[0]] = middle
        out[names[1]] = middle - float(np.sqrt(((weights * below) ** 2).sum()))
        out[names[2]] = middle + float(np.sqrt(((weights * above) ** 2).sum()))
    heard = told["contacts"].to_numpy(float)
    known = np.isfinite(heard).all() and heard.sum() > 0
    out["per_1000_contacts"] = 1000 * out["total"] / float(heard.mean()) if known else float("nan")
    return out


def _words(told: "pd.DataFrame", numbers: dict[str, float], lost: int, found: list[Any]) -> str:
    low, high = numbers["lo_90"], numbers["hi_90"]
    if len(told) == 1:
        words = [found[0].words]
    else:
        words = [
            (
                f"{len(told)} syncs brought on average {figure(numbers['effect'])} a period (90 % "
                f"interval {figure(low)} to {figure(high)}), {figure(numbers['total'])} each."
            )
        ]
        if low <= 0 <= high:
            words.append("No lift at all is also compatible with the data; that does not show that "
                         "there was none.")  # fmt: skip
        sure = int(((told["lo_90"] > 0) | (told["hi_90"] < 0)).sum())
        words.append(f"The interval of {sure} of them leaves out zero; that of one in ten would if "
                     "none did anything.")  # fmt: skip
        words.append("It assumes that peers were not touched, and that nothing else happened to "
                     "the song at that time.")  # fmt: skip
    if np.isfinite(numbers["per_1000_contacts"]):
        words.append(f"For each 1,000 contacts: {figure(numbers['per_1000_contacts'])}.")
    if lost:
        words.append(f"Of the data: {lost} events were of other kinds, songs without a series, or "
                     "outside of it.")  # fmt: skip
    return " ".join(words)
