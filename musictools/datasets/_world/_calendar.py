"""What happens when: releases, tours, posts and playlists, and what each does to streams."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from musictools.datasets._world import _catalogue
from musictools.datasets._world._catalogue import Track
from musictools.datasets._world._chance import stream
from musictools.datasets._world._facts import (
    ARTISTS,
    END,
    INFLUENCERS,
    KERNELS,
    NEW_MUSIC_FRIDAY,
    PLAYLISTS,
    START,
    WEEKDAY,
    YEARLY,
    Kernel,
)

Floats = npt.NDArray[np.float64]

DAYS = pd.date_range(START, END, freq="D")
#: Mondays; the last week is cut short by the end of the story.
WEEKS = pd.date_range(START, END, freq="W-MON")
#: Streams a day for each follower of a playlist, in units of the amplitude scale.
PLAYLIST_DOSE = 1 / 9_000


@dataclass(frozen=True)
class Event:
    """One thing that happened; ``size`` is in the unit of its kind."""

    day: pd.Timestamp
    kind: str
    subject: str
    size: float
    artist: int
    title: str
    event_id: str = ""


def day_index(day: pd.Timestamp) -> int:
    """Count the days since the first day of the story."""
    return int((day - DAYS[0]).days)


def happenings(seed: int) -> list[Event]:
    """List all events in order of date."""
    rng = stream(seed, "events")
    tracks = _catalogue.tracks(seed)
    found: list[Event] = []
    for track in tracks:
        found += _release_events(track, rng)
    found += _posts(tracks, rng) + _playlists(tracks, rng)
    found = sorted(
        (event for event in found if event.day <= DAYS[-1]),
        key=lambda event: (event.day, event.kind, event.subject, event.title),
    )
    return [replace(event, event_id=f"E{n:03d}") for n, event in enumerate(found, start=1)]


def events(seed: int) -> pd.DataFrame:
    """Events as a table.

    ``size`` is the audience of a post or the followers of a playlist; tickets sold for a tour; the
    number of tracks for a release; the number of pre-saves for a pre-save.
    """
    rows = [
        {
            "event_id": event.event_id,
            "ds": event.day,
            "kind": event.kind,
            "subject": event.subject,
            "size": event.size,
            "artist_id": _catalogue.artist_id(event.artist),
            "title": event.title,
        }
        for event in happenings(seed)
    ]
    return pd.DataFrame(rows)


def _release_events(track: Track, rng: np.random.Generator) -> list[Event]:
    """Find what belongs to a release: itself, its pre-saves and its tour."""
    release, name = track.release, track.recording_id
    pull = ARTISTS[track.artist].pull
    subject = name if release.kind == "single" else release.release_id
    size = float(len(release.tracks))
    found = [Event(release.day, release.kind, subject, size, track.artist, release.title)]
    if release.kind == "album" or rng.random() < 0.4:
        before = release.day - pd.Timedelta(days=14)
        saves, title = float(rng.poisson(60 * pull)), f"Pre-save: {release.title}"
        found.append(Event(before, "pre_save", name, saves, track.artist, title))
    if release.kind == "album":
        begins = release.day + pd.Timedelta(days=int(rng.integers(28, 70)))
        tickets, title = float(rng.poisson(700 * pull)), f"{release.title} tour"
        artist_id = _catalogue.artist_id(track.artist)
        found.append(Event(begins, "tour", artist_id, tickets, track.artist, title))
    return found


def _posts(tracks: list[Track], rng: np.random.Generator) -> list[Event]:
    found = []
    for track in tracks:
        for _ in range(int(rng.integers(0, 3))):
            day = track.release.day + pd.Timedelta(days=int(rng.integers(3, 240)))
            title = f"Post by {INFLUENCERS[int(rng.integers(len(INFLUENCERS)))]}"
            audience = float(np.round(rng.lognormal(6.6, 0.8)))
            post = Event(day, "influencer_post", track.recording_id, audience, track.artist, title)
            found.append(post)
    return found


def _playlists(tracks: list[Track], rng: np.random.Generator) -> list[Event]:
    found = []
    for track in tracks:
        for title, followers in PLAYLISTS.items():
            if rng.random() > 0.16:
                continue
            added = track.release.day + pd.Timedelta(days=int(rng.integers(0, 150)))
            removed = added + pd.Timedelta(days=int(rng.integers(14, 120)))
            size = float(followers + rng.integers(-150, 150))
            for day, kind in ((added, "playlist_add"), (removed, "playlist_remove")):
                found.append(Event(day, kind, track.recording_id, size, track.artist, title))
    return found


def kernel_values(kernel: Kernel, age_days: Floats) -> Floats:
    """Answer of streams at each age; zero before the event."""
    t = np.maximum(age_days, 0.0)
    fast = kernel.fast * np.exp(-t / kernel.tau_fast_days)
    slow = (1 - kernel.fast) * np.exp(-t / kernel.tau_slow_days)
    value: Floats = kernel.floor + (1 - kernel.floor) * (fast + slow)
    return np.where(age_days >= 0, value, 0.0)


@dataclass(frozen=True)
class Effect:
    """How one event moves one recording: relative size, and first and last-but-one day."""

    event_id: str
    recording_id: str
    kernel: str
    amplitude: float
    start: int
    stop: int


def effects(seed: int) -> list[Effect]:
    """List how strongly each event moves each recording.

    The scale is relative and is fixed once the total is known. A playlist works for as long as it
    lists a song.
    """
    rng = stream(seed, "amplitudes")
    happened, tracks = happenings(seed), _catalogue.tracks(seed)
    removed = {(e.subject, e.title): e.day for e in happened if e.kind == "playlist_remove"}
    strength = [ARTISTS[t.artist].pull * float(rng.lognormal(0.0, 0.45)) for t in tracks]
    found = []
    for event in happened:
        for track, size in zip(tracks, strength, strict=True):
            amplitude = _amplitude(event, track, size) if event.artist == track.artist else 0.0
            if amplitude > 0:
                # A pre-save turns into streams on the day of release.
                start = max(day_index(event.day), day_index(track.release.day))
                stop = len(DAYS)
                if event.kind == "playlist_add" and (event.subject, event.title) in removed:
                    stop = day_index(removed[event.subject, event.title])
                name = track.recording_id
                found.append(Effect(event.event_id, name, event.kind, amplitude, start, stop))
    return found


def _amplitude(event: Event, track: Track, strength: float) -> float:
    already_out = track.release.day < event.day
    if event.kind in {"single", "album", "deluxe"}:
        if track.release.day == event.day:
            return strength
        # An album lifts the singles that are on it.
        return 0.30 * strength if already_out and event.kind != "single" else 0.0
    if event.kind == "tour":
        return 0.22 * strength * event.size / 1000 if already_out else 0.0
    if event.subject != track.recording_id:
        return 0.0
    doses: dict[str, float] = {
        "pre_save": 0.004 * event.size,
        "influencer_post": 0.6 * (event.size / 1000) ** 0.5,
        "playlist_add": event.size * PLAYLIST_DOSE,
    }
    return doses.get(event.kind, 0.0)


def responses(found: list[Effect]) -> Floats:
    """Relative streams a day of each effect, before season and growth; shape (effects, days)."""
    ages = np.arange(len(DAYS), dtype=float)
    rows = []
    for effect in found:
        if effect.kernel == "playlist_add":
            curve = ((ages >= effect.start) & (ages < effect.stop)).astype(float)
        else:
            curve = kernel_values(KERNELS[effect.kernel], ages - effect.start)
        rows.append(effect.amplitude * curve)
    return np.asarray(rows)


def weekday_factors() -> Floats:
    """Factor of each day by its day of the week; shape (days,)."""
    factors: Floats = np.asarray(WEEKDAY)[DAYS.day_of_week.to_numpy()] / np.mean(WEEKDAY)
    return factors


def yearly_factors() -> Floats:
    """Factor of each day by its place in the year; shape (days,)."""
    phase = 2 * np.pi * (DAYS.day_of_year.to_numpy() - 1) / 365.25
    a, b, c, d = YEARLY
    wave: Floats = (
        a * np.sin(phase) + b * np.cos(phase) + c * np.sin(2 * phase) + d * np.cos(2 * phase)
    )
    return np.exp(wave)


def friday_factors(released: pd.Series) -> Floats:
    """Factor of New Music Friday, by recording and day; shape (recordings, days)."""
    first = np.asarray([day_index(day) for day in released])
    age = np.arange(len(DAYS))[None, :] - first[:, None]
    factor = np.where((age > 0) & (age <= 28) & (age % 7 == 0), NEW_MUSIC_FRIDAY[1], 1.0)
    return np.where(age == 0, NEW_MUSIC_FRIDAY[0], factor)
