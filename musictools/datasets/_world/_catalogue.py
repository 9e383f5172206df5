"""Who the artists are, what they recorded and when it came out."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from musictools.datasets._synth._spec import Fault, SongSpec
from musictools.datasets._world import _ids
from musictools.datasets._world._chance import stream
from musictools.datasets._world._facts import ARTISTS, START, STYLE_FACTS, TITLES, WRITERS

ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
KEYS = tuple(f"{root} {mode}" for mode in ("major", "minor") for root in ROOTS)
SLOWEST_BPM, FASTEST_BPM = 60.0, 190.0
SHORTEST_S, LONGEST_S = 60.0, 120.0

#: Weeks between the two singles, from the second to the album, from the album to the deluxe.
_GAPS = ((24, 44), (14, 30), (30, 52))

#: What the studio adds to whole bars: a breath before the first, the ring after the last.
_RING_S = 1.65
#: One of each kind, in the units of the studio.
_FAULTS = (
    Fault("clipping", 6.0, "db"),
    Fault("dc_offset", 0.04, "fs"),
    Fault("hum", -38.0, "dbfs", frequency_hz=50.0),
    Fault("click", 0.8, "fs"),
    Fault("dropout", 80.0, "ms"),
    Fault("polarity_inversion", 1.0, "1"),
    Fault("channel_delay", 0.7, "ms"),
    Fault("bandwidth_cutoff", 15_000.0, "hz"),
    Fault("channel_imbalance", 5.0, "db"),
    Fault("over_limiting", 9.0, "db"),
    Fault("truncated_end", 1.5, "s"),
)
#: Where clicks and drop-outs are, as parts of the song.
_PLACES = {"click": (0.23, 0.41, 0.58, 0.77), "dropout": (0.36, 0.64)}


@dataclass(frozen=True)
class Release:
    """One release: when, what kind, and which tracks of its artist are on it."""

    release_id: str
    artist: int
    kind: str
    title: str
    day: pd.Timestamp
    tracks: tuple[int, ...]
    upc: str


@dataclass(frozen=True)
class Track:
    """One recording and the release that it first came out on."""

    recording_id: str
    title: str
    style: str
    artist: int
    work_id: str
    isrc: str
    release: Release

    @property
    def artist_id(self) -> str:
        """Identifier of its artist."""
        return artist_id(self.artist)


def artist_id(index: int) -> str:
    """Name the artist at a place in ``ARTISTS``."""
    return f"A{index + 1:02d}"


def artists(seed: int) -> pd.DataFrame:
    """Artists of the label: identifier, name, style and career facts."""
    debut: dict[int, pd.Timestamp] = {}
    for release in releases(seed):
        debut.setdefault(release.artist, release.day)
    return pd.DataFrame(
        {
            "artist_id": [artist_id(i) for i in range(len(ARTISTS))],
            "name": [a.name for a in ARTISTS],
            "style": [a.style for a in ARTISTS],
            "genre": [a.genre for a in ARTISTS],
            "country": [a.country for a in ARTISTS],
            "founded": [a.founded for a in ARTISTS],
            "signed_on": [debut[i] - pd.Timedelta(weeks=26) for i in range(len(ARTISTS))],
            "debut_on": [debut[i] for i in range(len(ARTISTS))],
        }
    )


def releases(seed: int) -> list[Release]:
    """All releases in order of date; each falls on a Friday."""
    rng = stream(seed, "releases")
    planned: list[tuple[pd.Timestamp, int, str, str, tuple[int, ...]]] = []
    first = pd.Timestamp(START) + pd.Timedelta(days=5)
    for index, artist in enumerate(ARTISTS):
        titles = [title for title, _ in TITLES[index]]
        gaps = [int(rng.integers(low, high + 1)) for low, high in _GAPS]
        weeks = np.cumsum([artist.debut_week, *gaps])
        day = [first + pd.Timedelta(weeks=int(week)) for week in weeks]
        planned += [
            (day[0], index, "single", titles[0], (0,)),
            (day[1], index, "single", titles[1], (1,)),
        ]
        if len(titles) > 2:
            planned.append((day[2], index, "album", titles[2], (0, 1, 2)))
        if len(titles) > 3:
            planned.append((day[3], index, "deluxe", f"{titles[2]} (Deluxe)", (0, 1, 2, 3)))
    planned.sort(key=lambda plan: plan[:2])
    return [
        Release(f"L{n:02d}", index, kind, title, day, tracks, _ids.upc(26_000_000 + 137 * n))
        for n, (day, index, kind, title, tracks) in enumerate(planned, start=1)
    ]


def tracks(seed: int) -> list[Track]:
    """List all recordings in order of release."""
    found: list[Track] = []
    works: dict[tuple[int, str], str] = {}
    in_year: dict[int, int] = {}
    for number, release in enumerate(releases(seed), start=1):
        fresh = release.tracks[-1]
        title, style = TITLES[release.artist][fresh]
        # A version in brackets on a deluxe edition is another recording of the same work.
        song = title.split(" (", maxsplit=1)[0] if fresh == 3 else title
        work_id = works.setdefault((release.artist, song), f"W{len(works) + 1:02d}")
        year = release.day.year
        in_year[year] = in_year.get(year, 0) + 1
        isrc = _ids.isrc(year, in_year[year])
        name = f"R{number:02d}"
        found.append(Track(name, title, style, release.artist, work_id, isrc, release))
    return found


def recordings(seed: int) -> pd.DataFrame:
    """Tabulate the recordings in order of release, without the paths of their files."""
    specs = song_specs(seed)
    rows = [
        {
            "recording_id": track.recording_id,
            "title": track.title,
            "artist": ARTISTS[track.artist].name,
            "isrc": track.isrc,
            "duration_s": _released_length_s(specs[track.recording_id]),
            "artist_id": track.artist_id,
            "work_id": track.work_id,
            "style": track.style,
            "released_at": track.release.day,
            "release_id": track.release.release_id,
            "release_title": track.release.title,
            "release_kind": track.release.kind,
            "upc": track.release.upc,
        }
        for track in tracks(seed)
    ]
    return pd.DataFrame(rows)


def _released_length_s(spec: SongSpec) -> float:
    lost_s = sum(fault.size for fault in spec.faults if fault.kind == "truncated_end")
    return round(spec.duration_s - lost_s, 3)


def works(seed: int) -> pd.DataFrame:
    """Works with their writers and shares; two recordings of one song share a work."""
    rng = stream(seed, "works")
    splits = ([1.0], [0.5, 0.5], [0.75, 0.25], [0.5, 0.25, 0.25], [0.5, 0.375, 0.125])
    rows: dict[str, dict[str, object]] = {}
    for track in tracks(seed):
        if track.work_id in rows:
            continue
        shares = splits[int(rng.integers(len(splits)))]
        helpers = rng.choice(len(WRITERS), size=len(shares) - 1, replace=False)
        rows[track.work_id] = {
            "work_id": track.work_id,
            "title": track.title,
            "iswc": _ids.iswc(907_000_000 + 211 * len(rows)),
            "writers": [ARTISTS[track.artist].name, *(WRITERS[int(i)] for i in helpers)],
            "shares": list(shares),
        }
    return pd.DataFrame(list(rows.values()))


def song_specs(seed: int) -> dict[str, SongSpec]:
    """Specify the song to synthesise for each recording.

    Every one of the 24 keys occurs, tempi span 60 to 190 BPM, waltzes are in 3/4, and a quarter
    of the songs carry one planted fault, one of them two.

    Parameters
    ----------
    seed : int
        Seed of the world.

    Returns
    -------
    dict of str to SongSpec
        By ``recording_id``, in order of release.
    """
    rng = stream(seed, "songs")
    styles = [track.style for track in tracks(seed)]
    count = len(styles)
    keys = [*KEYS, *rng.choice(KEYS, size=count - len(KEYS))]
    rng.shuffle(keys)
    tempi = _tempi(styles, rng)
    faults = _planted(count, rng)
    specs = {}
    for n, style in enumerate(styles):
        beats = 3 if style == "waltz" else 4
        length_s = _whole_bars(float(tempi[n]), beats, _wanted_s(rng))
        loudness = STYLE_FACTS[style][2] + rng.uniform(-0.6, 0.6) + 0.3 * (n / count - 0.5)
        specs[f"R{n + 1:02d}"] = SongSpec(
            style=style,
            bpm=float(tempi[n]),
            key=str(keys[n]),
            beats_per_bar=beats,
            duration_s=length_s,
            loudness_lufs=round(float(np.clip(loudness, -16.0, -7.0)), 1),
            faults=_placed(faults.get(n, ()), length_s),
            seed=int(rng.integers(2**31)),
        )
    return specs


def _tempi(styles: list[str], rng: np.random.Generator) -> list[float]:
    tempi = []
    for style in styles:
        low, high, _ = STYLE_FACTS[style]
        drawn = rng.uniform(low, high)
        # Most records are made to a click at a whole number, some were played freely.
        tempi.append(round(drawn, 0 if rng.random() < 0.6 else 1))
    tempi[styles.index("ballad")] = SLOWEST_BPM
    tempi[styles.index("jazz")] = FASTEST_BPM
    return tempi


def _wanted_s(rng: np.random.Generator) -> float:
    # Short, so that all songs render in a minute; one in twelve takes its time.
    return float(rng.uniform(80.0, 110.0)) if rng.random() < 1 / 12 else SHORTEST_S


def _whole_bars(bpm: float, beats: int, wanted_s: float) -> float:
    phrase_s = 2 * beats * 60.0 / bpm
    fewest = np.ceil(SHORTEST_S / phrase_s)
    most = np.floor((LONGEST_S - _RING_S) / phrase_s)
    return float(np.clip(round(wanted_s / phrase_s), fewest, most) * phrase_s) + _RING_S


def _planted(count: int, rng: np.random.Generator) -> dict[int, tuple[int, ...]]:
    carriers = rng.choice(count, size=len(_FAULTS) - 1, replace=False)
    order = rng.permutation(len(_FAULTS))
    planted: dict[int, tuple[int, ...]] = {
        int(song): (int(fault),) for song, fault in zip(carriers, order, strict=False)
    }
    planted[int(carriers[0])] += (int(order[-1]),)
    return planted


def _placed(chosen: tuple[int, ...], length_s: float) -> tuple[Fault, ...]:
    faults = []
    for fault in (_FAULTS[index] for index in sorted(chosen)):
        at_s = tuple(round(length_s * part, 3) for part in _PLACES.get(fault.kind, ()))
        if at_s:
            gap_s = fault.size / 1000 if fault.unit == "ms" else 0.0
            placed = replace(fault, at_s=at_s, start_s=at_s[0], end_s=at_s[-1] + gap_s)
            faults.append(placed)
        else:
            faults.append(fault)
    return tuple(faults)
