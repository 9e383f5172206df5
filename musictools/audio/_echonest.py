"""Echonest features of one recording: estimated where they were learned, measured otherwise."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from musictools.audio._beats import settle_tempo
from musictools.audio._calibrator import Calibrator
from musictools.audio._descriptor import Tracks
from musictools.audio._downbeats import find_bars
from musictools.audio._echonest_model import Guess, card, guess, map_quantiles, recipes
from musictools.audio._echonest_table import COLUMNS, FeatureEstimates
from musictools.audio._echonest_tracks import CLIP_S, CepstrumTrack, MiddleTrack, read_columns
from musictools.audio._fma_recipe import EXCERPT_HZ
from musictools.audio._key_model import key_evidence
from musictools.audio._keys import KEYS, ROOTS
from musictools.audio._loudness_sums import LoudnessSums
from musictools.audio._onsets import OnsetTrack
from musictools.audio._peaks import PeakTrack
from musictools.audio._recording import Source
from musictools.audio._stream import hear
from musictools.errors import InputError

_TRACKS = (LoudnessSums, OnsetTrack, PeakTrack, MiddleTrack, CepstrumTrack)
# Statistics of less sound than this are no longer those of a song.
_LEAST_S, _SHORT_S = 10.0, 25.0
# Quieter than nearly all that is mastered.
_QUIET_LUFS = -20.0
_QUANTILE = "quantile"


def estimate(
    source: Source,
    *,
    sample_rate: int | None = None,
    liveness: bool = False,
    calibrate: str | Calibrator | None = None,
) -> FeatureEstimates:
    """Estimate the features that the Echo Nest gave to songs, from audio alone.

    Echonest-calibrated, never Spotify-equal: Spotify's features of the same names come from other
    and later models, and nothing was trained on Spotify's content, whose terms forbid it.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,). A whole song, mastered:
        level is among the descriptors.
    sample_rate : int, optional
        In Hz; needed for an array only.
    liveness : bool, default: False
        Also estimate what the model card refuses, since it is no better than a constant.
    calibrate : str or Calibrator, optional
        ``"quantile"`` spreads estimates as the values of the training songs are spread, which
        regression does not: ranks stay, the mean error usually grows. A calibrator of
        :func:`fit_calibrator` takes them to the reader's own values.

    Returns
    -------
    FeatureEstimates
        A table with one row for each feature: energy, acousticness, danceability,
        instrumentalness, valence, speechiness and liveness, 0 to 1, with a 90 % interval, a tier,
        and the error of the median beside that of the model; and, measured, loudness (LUFS), tempo
        (BPM), key (0 for C to 11 for B), mode (1 major, 0 minor) and time_signature (beats per
        bar). NaN, with the reason as its note, under 10 s, for silence, and where refused.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate, or ``calibrate`` is neither.

    See Also
    --------
    fit_calibrator : For values of the reader's own songs.

    Notes
    -----
    The model card, ``musictools/audio/_models/echonest.md``, has the errors of each feature on
    songs whose album or artist the model had not seen. Descriptors are those of FMA's tables [1]_:
    of the middle 30 s, and cepstra of the whole (of more than 20 minutes, the first 20).
    Intervals are conformal, from the errors of songs that were known by as many descriptors as a
    recording is, and hold for songs like those of the Free Music Archive;
    ``out_of_domain`` tells which ones are not, as far as descriptors show it. Estimates spread less
    than the values that they stand for, so do not mix both in one regression.

    The songs were MP3 at their mastered level, and the level of the file is not taken out: the mean
    power and the first cepstral coefficient depend on it, all else does not (nor does what is
    measured, but for loudness). Eight clips at 6 dB less had 0.11 less energy, and 0.21 at 12 dB;
    acousticness, danceability, instrumentalness and valence moved by 0.04 at most on average, and
    by 0.07 in a single clip; speechiness and liveness by 0.02. Below -20 LUFS, ``words`` says so.
    The same song without loss can differ by as much as the mean error.

    A song of four minutes takes 1.3 to 1.7 s of CPU.
    ``tools/training/train_echonest.py`` trains again, on 13,129 songs where there is a network.

    References
    ----------
    .. [1] M. Defferrard, K. Benzi, P. Vandergheynst, X. Bresson, FMA: a dataset for music analysis,
       ISMIR 2017; data CC BY 4.0.

    Examples
    --------
    >>> import musictools as mt
    >>> song = mt.datasets.simulate_recording(duration_s=20, rng=1)
    >>> found = mt.audio.estimate(song.recording)
    >>> found.table["tier"].value_counts().to_dict()
    {'measured': 5, 'weak': 4, 'good': 2, 'refused': 1}
    >>> bool(found.loc["energy", "lo_90"] < found.loc["energy", "estimate"])
    True
    """
    import pandas as pd

    _check(calibrate)
    tracks = hear(source, _TRACKS, sample_rate=sample_rate)
    why = _reason(tracks)
    found = None if why else tracks.once(_guessed)
    far = math.nan if found is None else found.far
    learned = _learned(found, why, refused=liveness, spread=calibrate == _QUANTILE)
    rows = pd.DataFrame([*learned, *tracks.once(_measured)]).set_index("feature")[list(COLUMNS)]
    model = card()
    provenance = tracks.provenance("estimate") | {
        "model_made_on": model["made_on"],
        "trained_on": f"{model['trained_on']['songs']} songs: {model['trained_on']['data']}",
        "licence": f"weights from data under {model['trained_on']['licence']}",
        "calibrate": calibrate if isinstance(calibrate, str) else None,
    }
    result = FeatureEstimates(
        table=rows,
        out_of_domain=found is not None and found.out_of_domain,
        distance=far,
        words=_words(tracks, why, found),
        provenance=provenance,
    )
    return calibrate.apply(result) if isinstance(calibrate, Calibrator) else result


def _check(calibrate: object) -> None:
    if calibrate is None or isinstance(calibrate, Calibrator) or calibrate == _QUANTILE:
        return
    raise InputError(
        "estimate features",
        got=f"calibrate={calibrate!r}",
        expected='None, "quantile" or a Calibrator',
        hint="calibrate=mt.audio.fit_calibrator(my_values, my_estimates)",
    )


def _guessed(tracks: Tracks) -> Guess:
    return guess(read_columns(tracks, recipes()))


def _heard_s(tracks: Tracks) -> float:
    return tracks[MiddleTrack].middle().size / EXCERPT_HZ


def _reason(tracks: Tracks) -> str:
    """Say why nothing can be estimated; nothing where it can."""
    if _heard_s(tracks) < _LEAST_S:
        return f"not estimated: under {_LEAST_S:g} s"
    middle = tracks[MiddleTrack].middle()
    if not np.abs(middle - middle.mean(dtype=np.float64)).max() > 1e-5:
        return f"not estimated: silence in the middle {CLIP_S} s"
    return ""


def _learned(
    found: Guess | None, why: str, *, refused: bool, spread: bool
) -> Iterable[dict[str, Any]]:
    for place, (name, row) in enumerate(card()["features"].items()):
        made = {"feature": name, "unit": "1", "tier": row["tier"], "note": why}
        made |= {"estimate": math.nan, "lo_90": math.nan, "hi_90": math.nan}
        made |= {"mae": row["mae"], "baseline_mae": row["median_mae"]}
        if row["tier"] == "refused" and not refused and not why:
            made["note"] = (
                f"refused: no better than a constant (R2 {row['r2']:.2f}); {name}=True shows it"
            )
        elif found is not None:
            value, low, high = (float(x[place]) for x in (found.best, found.low, found.high))
            if spread:
                value = map_quantiles(value, row["quantiles"])
                made |= {"mae": row["mae_quantile"], "note": "spread like the training songs"}
            if found.out_of_domain:
                made["note"] = "; ".join(filter(None, ("out of domain", made["note"])))
            ends = {"lo_90": min(low, value), "hi_90": max(high, value)}
            made |= {"estimate": value, **ends}
        yield made


@dataclass(frozen=True)
class _Measured:
    """One row that needs no model."""

    feature: str
    estimate: float
    unit: str
    note: str

    def row(self) -> dict[str, Any]:
        nothing = dict.fromkeys(("lo_90", "hi_90", "mae", "baseline_mae"), math.nan)
        return {**vars(self), **nothing, "tier": "measured"}


def _measured(tracks: Tracks) -> list[dict[str, Any]]:
    loud = float(tracks[LoudnessSums].finish()["integrated_lufs"])
    tempi = tracks.once(settle_tempo)
    tempo, sure = tempi[0] if tempi else (math.nan, 0.0)
    rival = f"; or {tempi[1][0]:.1f} ({tempi[1][1]:.2f})" if len(tempi) > 1 else ""
    bars = tracks.once(find_bars)
    posterior = tracks.once(key_evidence).posterior
    key, mode, named = math.nan, math.nan, "no pitch"
    if posterior.size:
        best = int(np.argmax(posterior))
        named = f"{KEYS[best]}, confidence {posterior[best]:.2f}"
        key, mode = float(best % len(ROOTS)), float(best < len(ROOTS))
    metre = float(bars.beats_per_bar) if bars.beats_per_bar else math.nan
    rows = (
        _Measured("loudness", loud, "LUFS", "ITU-R BS.1770; the Echo Nest had a scale of its own"),
        _Measured("tempo", tempo, "BPM", f"confidence {sure:.2f}{rival}" if tempi else "no tempo"),
        _Measured("key", key, "pitch class", named),
        _Measured("mode", mode, "1 major, 0 minor", named),
        _Measured(
            "time_signature",
            metre,
            "beats per bar",
            f"confidence {bars.confidence:.2f}" if bars.beats_per_bar else "too few beats",
        ),
    )
    return [row.row() for row in rows]


def _words(tracks: Tracks, why: str, found: Guess | None) -> tuple[str, ...]:
    words = []
    if why:
        words.append(f"{why[0].upper()}{why[1:]}.")
    elif _heard_s(tracks) < _SHORT_S:
        words.append(f"The model learned from {CLIP_S} s of each song; this is shorter.")
    if found is not None and found.out_of_domain:
        words.append(
            "Out of domain: unlike the songs that the model learned from, so that intervals "
            "promise nothing."
        )
    loud = float(tracks[LoudnessSums].finish()["integrated_lufs"])
    if found is not None and loud < _QUIET_LUFS:
        words.append(
            f"At {loud:.0f} LUFS it is quieter than mastered songs are, and its estimates are "
            "those of a quiet song, energy above all: master it, or bring it to their level, first."
        )
    told = card()["trained_on"]
    words.append(
        f"Learned from {told['songs']:,} songs of the Free Music Archive with Echonest features; "
        "weak features tell groups of songs apart, not single songs."
    )
    return tuple(words)
