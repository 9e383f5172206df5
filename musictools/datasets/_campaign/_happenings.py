"""What happens besides paid media: releases, posts, playlists, airplay, sync; what each does."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools.datasets._campaign._settings import UNIT
from musictools.datasets._world._calendar import kernel_values
from musictools.datasets._world._chance import stream
from musictools.datasets._world._facts import KERNELS

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

#: Followers of Today's Top Hits and what an add brought on average: Aguiar and Waldfogel (2018),
#: Platforms, promotion, and product discovery, NBER working paper 24713.
TOP_HITS_FOLLOWERS, TOP_HITS_STREAMS = 18_500_000.0, 19_400_000.0
#: Made up: so many weeks on a list are a usual stay.
STAY_WEEKS = 10.0
PLAYLIST_DOSE = TOP_HITS_STREAMS / TOP_HITS_FOLLOWERS / STAY_WEEKS
#: Streams of the first week for each unit of size.
_DOSE = {"post": 1.5, "airplay": 0.02, "sync": 0.02, "pre_save": 5.0, "tour": 4.0}
#: First week of a release, in units of the model.
_RELEASE = {"single": 3.0, "album": 5.0, "deluxe": 2.5}
_KINDS = ("single", "album", "single", "deluxe", "single", "album")
_TRACKS = {"single": 1.0, "album": 12.0, "deluxe": 16.0}
_PLATFORMS = ("instagram", "tiktok", "x", "facebook")
#: (t + 1)^-exponent of weeks, or exp(-t / weeks).
_POWER = {"single": 0.8, "album": 0.8, "deluxe": 0.8, "post": 1.5}
_FADE = {"pre_save": 1.5, "tour": 5.0, "airplay": 1.0, "sync": 3.0}
#: Kernels of the fictional label, which are of another form.
_OTHER = {"post": "influencer_post", "airplay": "influencer_post", "sync": "tour"}
RELEASES = ("pre_save", "single", "album", "deluxe", "tour")


@dataclass(frozen=True)
class Happening:
    """One event; ``until`` is the week in which a playlist drops the song.

    ``day`` only orders the events of a week: effects are those of whole weeks, so each is dated by
    the first day of its week. With any later date it would work before it happened.
    """

    week: int
    day: int
    kind: str
    subject: str
    size: float
    amplitude: float
    extra: dict[str, Any]
    until: int | None = None


def release_plan(count: int, weeks: int, seed: int) -> list[tuple[int, str]]:
    """Week and kind of each release, spread over the time."""
    rng = stream(seed, "releases")
    step = weeks / max(count, 1)
    return [
        (int(step * n + rng.uniform(0.15, 0.75) * step), _KINDS[n % len(_KINDS)])
        for n in range(count)
    ]


def happenings(
    plan: list[tuple[int, str]], groups: tuple[str, ...], *, weeks: int, seed: int, spread: float
) -> list[Happening]:
    """List all events of the groups; ``spread`` is how much releases of a kind differ."""
    makers = {
        "releases": lambda: _releases(plan, stream(seed, "release events"), spread),
        "posts": lambda: _posts(weeks, stream(seed, "posts")),
        "playlists": lambda: _playlists(plan, weeks, stream(seed, "playlists")),
        "airplay": lambda: _airplay(plan, stream(seed, "airplay")),
        "sync": lambda: _syncs(weeks, stream(seed, "sync")),
    }
    found = [event for group in groups for event in makers[group]()]
    found = [event for event in found if 0 <= event.week < weeks]
    return sorted(found, key=lambda e: (e.week, e.day, e.kind, e.subject))


def _releases(
    plan: list[tuple[int, str]], rng: np.random.Generator, spread: float
) -> list[Happening]:
    found = []
    for n, (week, kind) in enumerate(plan, start=1):
        subject, amplitude = f"release_{n}", _RELEASE[kind] * np.exp(spread * rng.standard_normal())
        saves = float(np.round(3_000 * _TRACKS[kind] ** 0.3 * rng.lognormal(0.0, 0.3)))
        tickets = float(np.round(20_000 * rng.lognormal(0.0, 0.3)))
        found.append(Happening(week, 4, kind, subject, _TRACKS[kind], float(amplitude), {}))
        found.append(_dosed(week - 3, 4, "pre_save", subject, saves))
        if kind == "album":
            found.append(_dosed(week + 8, 3, "tour", subject, tickets))
    return found


def _dosed(week: int, day: int, kind: str, subject: str, size: float, **extra: Any) -> Happening:
    return Happening(week, day, kind, subject, size, _DOSE[kind] * size / UNIT["streams"], extra)


def _posts(weeks: int, rng: np.random.Generator) -> list[Happening]:
    found = []
    for n in range(max(1, weeks // 10)):
        reach = float(np.round(rng.lognormal(12.0, 0.8)))
        rate = float(np.round(rng.uniform(0.02, 0.10), 4))
        platform = _PLATFORMS[int(rng.integers(len(_PLATFORMS)))]
        week, day = int(rng.integers(weeks)), int(rng.integers(7))
        extra = {"platform": platform, "reach": reach, "engagement": rate}
        found.append(_dosed(week, day, "post", f"post_{n + 1}", reach * rate, **extra))
    return found


def _playlists(
    plan: list[tuple[int, str]], weeks: int, rng: np.random.Generator
) -> list[Happening]:
    found = []
    starts = [week for week, _ in plan] or [weeks // 4, weeks // 2]
    for n, start in enumerate(starts, start=1):
        week, stay = start + int(rng.integers(0, 9)), int(rng.integers(5, 16))
        followers = float(np.round(rng.lognormal(12.3, 0.7)))
        amplitude, name = PLAYLIST_DOSE * followers / UNIT["streams"], f"playlist_{n}"
        day = int(rng.integers(7))
        found.append(
            Happening(week, day, "playlist_add", name, followers, amplitude, {}, week + stay)
        )
        found.append(Happening(week + stay, day, "playlist_remove", name, followers, 0.0, {}))
    return found


def _airplay(plan: list[tuple[int, str]], rng: np.random.Generator) -> list[Happening]:
    found = []
    for n, (week, kind) in enumerate(plan, start=1):
        if kind != "single":
            continue
        peak = 800_000 * rng.lognormal(0.0, 0.4)
        for age in range(12):
            # Radio comes late and leaves slowly.
            audience = np.round(peak * (age + 1) * np.exp(-age / 3.0) / 3 * rng.lognormal(0, 0.25))
            found.append(_dosed(week + 1 + age, 0, "airplay", f"release_{n}", float(audience)))
    return found


def _syncs(weeks: int, rng: np.random.Generator) -> list[Happening]:
    found = []
    for n in range(max(1, weeks // 80)):
        week, day = int(rng.integers(4, weeks)), int(rng.integers(7))
        contacts = float(np.round(2_500_000 * rng.lognormal(0.0, 0.4)))
        found.append(_dosed(week, day, "sync", f"sync_{n + 1}", contacts))
    return found


def response(event: Happening, weeks: int, family: str) -> Floats:
    """Give what an event does in each week, in units of the model."""
    age = np.arange(weeks, dtype=float) - event.week
    since = np.maximum(age, 0.0)
    shape: Floats
    if event.kind == "playlist_add":
        shape = np.where(np.arange(weeks) < (event.until or weeks), 1.0, 0.0)
    elif event.kind == "playlist_remove":
        shape = np.zeros(weeks)
    elif family == "other":
        kernel = KERNELS[_OTHER.get(event.kind, event.kind)]
        shape = np.add.reduce([kernel_values(kernel, 7.0 * since + day) for day in range(7)]) / 7.0
    elif event.kind in _POWER:
        shape = (since + 1.0) ** -_POWER[event.kind]
    else:
        shape = np.exp(-since / _FADE[event.kind])
    return np.where(age >= 0, event.amplitude * shape, 0.0)


def kernel_facts(kind: str, family: str) -> dict[str, Any]:
    """Name and numbers of the kernel of a kind of event."""
    if kind.startswith("playlist"):
        return {"kernel": "while listed", "exponent": np.nan, "tau_weeks": np.nan}
    if family == "other":
        return {"kernel": "double exponential", "exponent": np.nan, "tau_weeks": np.nan}
    if kind in _POWER:
        return {"kernel": "power law", "exponent": _POWER[kind], "tau_weeks": np.nan}
    return {"kernel": "exponential", "exponent": np.nan, "tau_weeks": _FADE[kind]}


def events_table(found: list[Happening], mondays: "pd.DatetimeIndex") -> "pd.DataFrame":
    """Table ``events``; size is tracks, pre-saves, tickets, engaged people, followers, contacts."""
    import pandas as pd

    columns = ["event_id", "ds", "kind", "subject", "size", "platform", "reach", "engagement"]
    rows = [
        {
            "event_id": f"E{number:03d}",
            "ds": mondays[event.week],
            "kind": event.kind,
            "subject": event.subject,
            "size": event.size,
            **event.extra,
        }
        for number, event in enumerate(found, start=1)
    ]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"ds": "datetime64[ns]", "size": float, "reach": float,
                         "engagement": float})  # fmt: skip


def airplay_table(found: list[Happening], mondays: "pd.DatetimeIndex") -> "pd.DataFrame":
    """Table ``airplay`` of the events on air: two stations share the audience."""
    import pandas as pd

    rows = []
    for event in found:
        if event.kind == "airplay":
            first = np.round(0.6 * event.size)
            for station, audience in (("Pier FM", first), ("Kanal Elbe", event.size - first)):
                spins = float(max(1.0, np.round(audience / 20_000)))
                rows.append((mondays[event.week], station, "radio", event.subject, spins,
                             audience, 200.0 * spins))  # fmt: skip
    columns = ["ds", "station", "medium", "recording_id", "spins", "audience", "seconds"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"ds": "datetime64[ns]", "spins": float, "audience": float,
                         "seconds": float})  # fmt: skip


def controls(found: list[Happening], mondays: "pd.DatetimeIndex") -> "pd.DataFrame":
    """Count what a reader could have counted each week, without any carry-over."""
    import pandas as pd

    weeks = len(mondays)
    names = {"post": "post_engagements", "airplay": "airplay_contacts", "sync": "sync_contacts"}
    columns = ["playlist_followers", *names.values()]
    counted = {column: np.zeros(weeks) for column in columns}
    for event in found:
        if event.kind == "playlist_add":
            counted["playlist_followers"][event.week : event.until] += event.size
        elif event.kind in names:
            counted[names[event.kind]][event.week] += event.size
    return pd.DataFrame(counted, index=mondays)
