"""Put the rooms of the world together."""

from dataclasses import asdict

import numpy as np
import pandas as pd

from musictools.datasets._world import (
    _calendar,
    _catalogue,
    _demand,
    _listeners,
    _money,
    _observe,
)
from musictools.datasets._world._facts import (
    DISPERSION,
    KERNELS,
    NEW_MUSIC_FRIDAY,
    PLATFORMS,
    WEEKDAY,
    YEARLY,
)

#: Raised when the same seed gives another world.
VERSION = 1

TABLES = (
    "artists",
    "recordings",
    "works",
    "events",
    "spend",
    "airplay",
    "listeners",
    "plays",
    "series",
    "observations",
    "royalties",
)
TRUTH = (
    "recordings",
    "faults",
    "platforms",
    "kernels",
    "event_effects",
    "channels",
    "channel_effects",
    "experiments",
    "seasonality",
    "intensity",
    "taste",
    "fraud",
    "pools",
)


#: What is known before anybody has listened: the songs and who made them.
CATALOGUE = ("artists", "recordings", "works", "truth/recordings", "truth/faults")


def build_catalogue(seed: int) -> dict[str, pd.DataFrame]:
    """Make the tables of ``CATALOGUE``: a moment, where the plays of three years take seconds.

    Parameters
    ----------
    seed : int
        Decides everything.

    Returns
    -------
    dict of str to pandas.DataFrame
        The same as those that :func:`build` makes.
    """
    made = (
        _catalogue.artists(seed),
        _catalogue.recordings(seed),
        _catalogue.works(seed),
        _song_truth(seed),
        _fault_truth(seed),
    )
    return {name: settled(frame) for name, frame in zip(CATALOGUE, made, strict=True)}


def build(seed: int) -> dict[str, pd.DataFrame]:
    """Make every table of a world.

    Parameters
    ----------
    seed : int
        Decides everything.

    Returns
    -------
    dict of str to pandas.DataFrame
        The names in ``TABLES``, and those in ``TRUTH`` after ``truth/``.
    """
    catalogue = build_catalogue(seed)
    recordings = catalogue["recordings"]
    found = _demand.demand(seed)
    people = _listeners.crowd(seed)
    plays = _listeners.plays(seed, found.counts, people)
    daily = _observe.series(plays, recordings)
    units = _money.units(plays)
    paid = _money.pools(units, people.table)
    tables = {
        "events": _calendar.events(seed),
        "spend": found.promotion.spend,
        "airplay": found.promotion.airplay,
        "listeners": people.table,
        "plays": plays,
        "series": daily,
        "observations": _observe.observations(seed, daily),
        "royalties": _money.royalties(units, recordings, paid),
    }
    truth = {
        "platforms": _platform_truth(),
        "kernels": _kernel_truth(),
        "event_effects": found.effects,
        "channels": found.promotion.channels,
        "channel_effects": found.promotion.effects,
        "experiments": found.promotion.experiments,
        "seasonality": _season_truth(),
        "intensity": _demand.intensity_table(recordings, found),
        "taste": _listeners.hidden(people),
        "fraud": _fraud_truth(seed, plays, people),
        "pools": _pool_truth(paid),
    }
    tables |= {f"truth/{name}": frame for name, frame in truth.items()}
    return catalogue | {name: settled(frame) for name, frame in tables.items()}


def settled(frame: pd.DataFrame) -> pd.DataFrame:
    """One resolution of time and sorted categories: a table read back is the table written."""
    times = frame.select_dtypes("datetime").columns
    frame = frame.astype(dict.fromkeys(times, "datetime64[us]")).reset_index(drop=True)
    for name in frame.select_dtypes("category").columns:
        known = frame[name].cat
        # To count the codes is much faster than to sort them, as pandas would.
        used = np.bincount(known.codes[known.codes >= 0], minlength=len(known.categories)) > 0
        frame[name] = known.set_categories(sorted(known.categories[used].astype(str)))
    return frame


def _song_truth(seed: int) -> pd.DataFrame:
    rows = [
        {
            "recording_id": name,
            "style": spec.style,
            "bpm": spec.bpm,
            "key": spec.key,
            "beats_per_bar": spec.beats_per_bar,
            "duration_s": spec.duration_s,
            "loudness_lufs": spec.loudness_lufs,
            "n_faults": len(spec.faults),
            "song_seed": spec.seed,
        }
        for name, spec in _catalogue.song_specs(seed).items()
    ]
    return pd.DataFrame(rows)


def _fault_truth(seed: int) -> pd.DataFrame:
    rows = [
        {"recording_id": name, **asdict(fault), "at_s": list(fault.at_s)}
        for name, spec in _catalogue.song_specs(seed).items()
        for fault in spec.faults
    ]
    numbers = ("start_s", "end_s", "frequency_hz")
    return pd.DataFrame(rows).astype(dict.fromkeys(numbers, "float64"))


def _platform_truth() -> pd.DataFrame:
    rows = [
        (service.name, service.like, tier, fee, part)
        for service in PLATFORMS
        for tier, fee, part in service.tiers
    ]
    return pd.DataFrame(rows, columns=["platform", "like", "tier", "us_fee_usd", "share"])


def _kernel_truth() -> pd.DataFrame:
    rows = [
        (kind, kernel.fast, kernel.tau_fast_days, kernel.tau_slow_days, kernel.floor)
        for kind, kernel in KERNELS.items()
    ]
    return pd.DataFrame(rows, columns=["kind", "fast", "tau_fast_days", "tau_slow_days", "floor"])


def _season_truth() -> pd.DataFrame:
    mean = sum(WEEKDAY) / len(WEEKDAY)
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    rows = [("weekday", day, value / mean) for day, value in zip(names, WEEKDAY, strict=True)]
    waves = ("sin 1", "cos 1", "sin 2", "cos 2")
    rows += [("yearly, log", wave, value) for wave, value in zip(waves, YEARLY, strict=True)]
    rows += [
        ("new music friday", "day of release", NEW_MUSIC_FRIDAY[0]),
        ("new music friday", "next four Fridays", NEW_MUSIC_FRIDAY[1]),
        ("counts", "negative binomial size", DISPERSION),
    ]
    return pd.DataFrame(rows, columns=["component", "term", "value"])


def _fraud_truth(seed: int, plays: pd.DataFrame, people: _listeners.Crowd) -> pd.DataFrame:
    names = people.table.loc[people.fraud, "user_id"]
    count = plays["user_id"].value_counts()
    frame = pd.DataFrame({"user_id": names, "plays": [int(count[name]) for name in names]})
    return frame.assign(target_recording_id=_listeners.fraud_target(seed))


def _pool_truth(paid: pd.DataFrame) -> pd.DataFrame:
    frame = paid.drop(columns="pool_cents")
    frame["pool_usd"] = pd.Series(_money.to_money(paid["pool_cents"]), dtype=object)
    return frame
