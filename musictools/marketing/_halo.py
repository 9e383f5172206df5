"""halo(): what a release did for the rest of its artist's catalogue."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools import tables
from musictools._checks import check_number
from musictools._frames import as_pandas
from musictools._version import __version__
from musictools.errors import InputError, closest
from musictools.marketing._catalogue import Catalogue, lay_out
from musictools.marketing._event_study import event_study
from musictools.marketing._halo_happened import OnRelease, read_happened
from musictools.marketing._halo_result import Halo, few, words
from musictools.marketing._history import listed, read_series
from musictools.marketing._impact import Impact, impact
from musictools.marketing._matched_markets import matched_markets

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "measure a halo"
_TRACKS = ["unique_id", "effect_pct", "lo_90", "hi_90", "p_value", "total"]


def halo(  # noqa: PLR0913 - every one is a choice of the comparison
    series: "pd.DataFrame",
    release: str | Sequence[str],
    *,
    recordings: "pd.DataFrame",
    together: str | Sequence[str] = (),
    events: "pd.DataFrame | None" = None,
    start: Any = None,
    split: str | None = None,
    before: int = 26,
    after: int = 8,
    settle: int = 8,
    by: str = "artist",
    matched: int = 20,
    method: str = "synthetic_did",
    rng: int | np.random.Generator | None = 0,
) -> Halo:
    """Measure what a release, or a campaign for one track, did for the artist's other tracks.

    Parameters
    ----------
    series : pandas.DataFrame
        A ``series`` table of plays; ``unique_id`` is the recording, or recording and platform.
    release : str or sequence of str
        Recording that was released or promoted; it is no part of what is measured. Recordings of
        several artists are looked at together, by the time since each came out.
    recordings : pandas.DataFrame
        A ``recordings`` table, which tells the artist; a further column ``released_at`` tells the
        age of tracks, which otherwise begins with their first plays.
    together : str or sequence of str
        Older recordings that are on the release as well, such as the singles of an album: what it
        does for them is no halo. Recordings that come out in the same period, or share its
        ``release_id`` or ``upc``, are known without it.
    events : pandas.DataFrame, optional
        An ``events`` table; ``subject`` is a recording, or a ``release_id``, ``artist_id`` or
        artist of the recordings. What else happens to the artist from `settle` periods before the
        start to the end is told in `happened`; artists with a release or a tour then are no donors.
    start : date, str or int, optional
        First period of the campaign; the release of the recording without it. Of one release only.
    split : str, optional
        What stands between recording and platform, such as ``"/"``; platforms are summed.
    before, after : int
        Periods to look at before the start, and from it on.
    settle : int
        Periods that a track must have been out before those, since new ones fall by themselves.
        Artists who release anything from so many periods before the start on are no donors.
    by : str
        ``"artist"``: whole catalogues are compared, which share what happens to an artist;
        ``"track"``: single tracks, for want of artists, as if they had nothing in common.
    matched : int
        Donors that are used: those whose past is most alike.
    method : str
        Of :func:`impact`, one with donors.
    rng : int or numpy.random.Generator, optional
        For draws.

    Returns
    -------
    Halo
        Effect on the catalogue with its interval, and what each track has of it.

    Raises
    ------
    TableError
        If a table is wrong.
    InputError
        If a release is unknown, the artist has no settled track, or too few others are left.

    Notes
    -----
    Works on the logs of plays, where what is common to all is additive; one release is measured by
    :func:`impact` with donors from :func:`matched_markets`, several by :func:`event_study`.

    In 400 simulated worlds of 30 artists with three tracks each (shocks to the artist, to the track
    and in common; no effect) the 90 % interval by artist held the truth in .90, with a half width
    of 14 % (``benchmarks/spillover.py --only halo``; standard error .015).

    The catalogue is what was out for `settle` periods before everything that is looked at. What is
    newer, or is on the release itself, rises by itself and is left out, and `left_out` says so.
    Another release of the artist at that time contaminates the comparison: `contaminated`, and
    `verdict` begins with it. Whatever else happened to the artist alone then (a tour, a playlist)
    is part of the effect; of what stands in `events` it is said.

    Examples
    --------
    >>> import numpy as np, pandas as pd, musictools as mt
    >>> rng = np.random.default_rng(0)
    >>> frames, rows = [], []
    >>> for n in range(48):
    ...     artist, lift = f"artist {n // 3}", 1.3 if n // 3 == 0 else 1.0
    ...     y = rng.poisson(900 * np.where(np.arange(60) < 50, 1.0, lift))
    ...     frames.append(pd.DataFrame({"unique_id": f"R{n}", "ds": np.arange(60), "y": y}))
    ...     rows.append((f"R{n}", artist))
    >>> frames.append(pd.DataFrame({"unique_id": "new", "ds": np.arange(50, 60), "y": 5000}))
    >>> recordings = pd.DataFrame([*rows, ("new", "artist 0")], columns=["recording_id", "artist"])
    >>> recordings = recordings.assign(title="", isrc="", path=None, duration_s=180.0)
    >>> found = mt.marketing.halo(pd.concat(frames), "new", recordings=recordings)
    >>> bool(found.lo_90 < 30 < found.hi_90), found.tracks_used
    (True, 3)
    """
    names = _named("release", release)
    if not names:
        raise InputError(_WHAT, got="no release", expected="one at least", hint="release='...'")
    spans = tuple(
        int(check_number(_WHAT, name, value, (least, 10_000)))
        for name, value, least in (
            ("before", before, 4),
            ("after", after, 1),
            ("settle", settle, 0),
        )
    )
    count = int(check_number(_WHAT, "matched", matched, (2, 10_000)))
    if by not in {"artist", "track"}:
        raise InputError(
            _WHAT, got=f"by={by!r}", expected="'artist' or 'track'", hint="by='artist'"
        )
    if start is not None and len(names) > 1:
        raise InputError(
            _WHAT, got="start= with several releases", expected="one release", hint="start=None"
        )
    rows = _summed(read_series(series, _WHAT), split)
    both = _named("together", together)
    known = _artists(recordings, rows, {"release": names, "together": both})
    happened = None if events is None else read_happened(events, recordings, _WHAT)
    laid = lay_out(rows, known, OnRelease(tuple(names), tuple(both), happened), start=start,
                   spans=spans, what=_WHAT)  # fmt: skip
    made = {"musictools": __version__, "function": "marketing.halo", "method": method, "by": by,
            "before": before, "after": after, "settle": settle, "matched": count}  # fmt: skip
    if len(names) > 1:
        return _several(laid, names, by, made, rng)
    return _one(laid, (names[0], by, method, count), made, rng)


def _summed(rows: "pd.DataFrame", split: str | None) -> "pd.DataFrame":
    if (rows["y"] < 0).any():
        raise InputError(
            _WHAT, got="plays below 0", expected="counts", hint="series[series['y'] >= 0]"
        )
    rows = rows[["unique_id", "ds", "y"]].dropna()
    if split is None:
        return rows
    own = rows["unique_id"].str.rpartition(split)[0]
    both = rows.assign(unique_id=own).groupby(["unique_id", "ds"])["y"].sum()
    return both.reset_index()


def _named(argument: str, given: Any) -> list[str]:
    """One recording or several, each once."""
    if isinstance(given, str):
        return [given]
    if not hasattr(given, "__iter__") or hasattr(given, "columns"):
        raise InputError(
            _WHAT,
            got=f"{argument}={given!r}" if given is None else
            f"{argument}= of type {type(given).__name__}",
            expected="a recording_id, or several",
            hint=f"{argument}=['R1', 'R2']",
        )  # fmt: skip
    return list(dict.fromkeys(map(str, given)))


def _artists(recordings: Any, rows: "pd.DataFrame", named: dict[str, list[str]]) -> "pd.DataFrame":
    """Artist and day of release of each recording that has plays, or was named."""
    table = as_pandas(tables.check(recordings, "recordings"), _WHAT)
    table = table.assign(recording_id=table["recording_id"].astype(str))
    table = table.drop_duplicates("recording_id").set_index("recording_id")
    asked = [(argument, name) for argument, each in named.items() for name in each]
    for argument, name in asked:
        if name not in table.index:
            raise InputError(
                _WHAT,
                got=f"{argument}={name!r}",
                expected="a recording_id of the recordings",
                hint=closest(name, list(table.index)[:50]),
            )
        if table["artist"].isna()[name]:
            raise InputError(
                _WHAT,
                got=f"{argument}={name!r}, of which no artist is known",
                expected="the artist of each release",
                hint="fill recordings['artist']",
            )
    table = table[table.index.isin({*rows["unique_id"], *(name for _, name in asked)})]
    played = rows[rows["y"] > 0].groupby("unique_id")["ds"].min().reindex(table.index)
    told = table.get("released_at", played)
    table = table.assign(released_at=told.where(told.notna(), played))
    kept = ["artist", "released_at", *(c for c in ("release_id", "upc") if c in table)]
    return table[kept].dropna(subset=["artist"])


def _one(laid: Catalogue, asked: tuple[str, str, str, int], made: dict[str, Any], rng: Any) -> Halo:
    import pandas as pd

    name, by, method, count = asked
    artist, start = laid.artists[0], laid.starts[0]
    wide = laid.by_artist() if by == "artist" else laid.wide
    own = [artist] if by == "artist" else laid.own(artist)
    donors = _donors(laid, wide, own, start, count)
    study = _impact(laid, wide.loc[[*own, *donors]], own, start=start, method=method, rng=rng)
    plays = laid.wide.loc[laid.own(artist)].to_numpy()[:, start:].sum()
    path = study.path
    path = pd.DataFrame(
        {
            "ds": path["ds"],
            "effect_pct": _pct(path["effect"]),
            "lo_90": _pct(path["lo_90"]),
            "hi_90": _pct(path["hi_90"]),
            "observed": np.exp(path["observed"]),
            "counterfactual": np.exp(path["counterfactual"]),
        }
    )
    rows = []
    for track in laid.own(artist):
        single = _donors(laid, laid.wide, laid.own(artist), start, count, near=track)
        each = _impact(laid, laid.wide.loc[[track, *single]], [track], start=start,
                       method=method, rng=rng)  # fmt: skip
        extra = laid.wide.loc[track].to_numpy()[start:].sum() * -np.expm1(-each.effect)
        rows.append((track, *(_pct(v) for v in (each.effect, each.lo_90, each.hi_90)),
                     each.p_value, float(extra)))  # fmt: skip
    remark = few(len(donors), study.p_value)
    return _told(laid, study, name, plays, remark, by=by, donors=len(donors), path=path,
                 tracks=pd.DataFrame(rows, columns=_TRACKS), provenance=made)  # fmt: skip


def _several(laid: Catalogue, names: list[str], by: str, made: dict[str, Any], rng: Any) -> Halo:
    import pandas as pd

    if by != "artist":
        raise InputError(
            _WHAT, got="by='track' with several releases", expected="one", hint="by='artist'"
        )
    wide = laid.by_artist()
    long = _long(wide, laid.times, log=True)
    starts = dict(zip(laid.artists, laid.starts, strict=True))
    # Places instead of dates: an event study counts periods.
    at = {artist: float(place) for artist, place in starts.items()}
    places_of = pd.Series(np.arange(len(laid.times)), index=laid.times)
    long = long.assign(treated_from=long["unique_id"].map(at), ds=long["ds"].map(places_of))
    study = event_study(long, window=(-laid.spans[0], laid.spans[1] - 1), rng=rng)
    plays = sum(
        wide.loc[artist].to_numpy()[start : start + laid.spans[1]].sum()
        for artist, start in starts.items()
    )
    path = pd.DataFrame({"event_time": study.path["event_time"]})
    for column, source in (("effect_pct", "effect"), ("lo_90", "lo_90"), ("hi_90", "hi_90")):
        path[column] = _pct(study.path[source])
    return _told(laid, study, ", ".join(names), plays, f" {study.words}", by=by,
                 donors=study.never_treated_units, path=path,
                 tracks=pd.DataFrame(columns=_TRACKS), provenance=made)  # fmt: skip


def _told(
    laid: Catalogue, study: Any, release: str, plays: float, remark: str, **known: Any
) -> Halo:
    """Turn what was found in logarithms into per cent, plays and words."""
    low, middle, high = (_pct(each) for each in (study.lo_90, study.effect, study.hi_90))
    totals = [float(plays * -np.expm1(-v)) for v in (study.effect, study.lo_90, study.hi_90)]
    return Halo(
        effect_pct=middle,
        lo_90=low,
        hi_90=high,
        p_value=study.p_value,
        total=totals[0],
        total_lo_90=totals[1],
        total_hi_90=totals[2],
        release=release,
        artist=", ".join(laid.artists),
        tracks_used=sum(len(laid.own(artist)) for artist in laid.artists),
        left_out=laid.left_out,
        happened=laid.happened,
        contaminated=bool(len(laid.happened)),
        study=study,
        verdict=words((middle, low, high, study.p_value), laid, release, totals) + remark,
        **known,
    )


def _donors(
    laid: Catalogue,
    wide: "pd.DataFrame",
    own: list[str],
    start: int,
    count: int,
    *,
    near: str | None = None,
) -> list[str]:
    """Units of others whose past is most like that of the own ones."""
    free = laid.free(wide)
    if len(free) < 4:
        raise InputError(
            _WHAT,
            got=f"{len(free)} others to compare with" + (f"; {listed(laid.touched)} released "
            "something at that time" if laid.touched else ""),
            expected="4 at least: artists (or tracks) with plays in all periods and no new release",
            hint="by='track', or a smaller before=, after= or settle=",
        )  # fmt: skip
    past = wide.iloc[:, :start]
    target = past.loc[near] if near is not None else np.exp(np.log(past.loc[own]).mean(axis=0))
    both = past.loc[free].copy()
    both.loc["\0own"] = target
    found = matched_markets(_long(both, laid.times[:start]), treated="\0own", count=count)
    return [str(name) for name in found.matches["match"]]


def _impact(
    laid: Catalogue,
    wide: "pd.DataFrame",
    own: list[str],
    *,
    start: int,
    method: str,
    rng: Any,
) -> Impact:
    long = _long(wide, laid.times, log=True)
    return impact(long, treated=own, start=laid.times[start], method=method, rng=rng)


def _long(wide: "pd.DataFrame", times: Any, *, log: bool = False) -> "pd.DataFrame":
    import pandas as pd

    values = wide.to_numpy(float).ravel()

    return pd.DataFrame(
        {
            "unique_id": np.repeat(wide.index.to_numpy(dtype=object), len(times)),
            "ds": np.tile(np.asarray(times), len(wide)),
            "y": np.log(values) if log else values,
        }
    )


def _pct(logs: Any) -> Any:
    return 100 * np.expm1(logs)
