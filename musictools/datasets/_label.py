"""One fictional label, the whole industry, and the truth behind every number."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from musictools import _progress, _workers
from musictools._card import Card, Table
from musictools.datasets._synth._spec import Fault
from musictools.datasets._truth import tabled
from musictools.datasets._world import _cache, _songs
from musictools.datasets._world._build import TABLES, TRUTH
from musictools.datasets._world._catalogue import song_specs
from musictools.datasets._world._facts import ARTISTS, LABEL_NAME
from musictools.errors import InputError, MusictoolsError, closest

_WORKER = "musictools.datasets._world._render_worker:render_song"
#: A half-written file this old belongs to no running process.
_ABANDONED_S = 3600.0


class Truth(Mapping[str, pd.DataFrame]):
    """The hidden tables of a world by name; read when first asked for."""

    def __init__(self, shelf: _cache.Shelf) -> None:
        self._shelf = shelf

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in TRUTH:
            raise InputError(
                "find a table of the truth",
                got=repr(name),
                expected="one of " + ", ".join(TRUTH),
                hint=closest(str(name), TRUTH),
            )
        return self._shelf[f"truth/{name}"]

    def __contains__(self, name: object) -> bool:
        return name in TRUTH

    def get(self, name: str, default: Any = None) -> Any:
        """Table of that name, or the default."""
        return self[name] if name in TRUTH else default

    def __iter__(self) -> Iterator[str]:
        return iter(TRUTH)

    def __len__(self) -> int:
        return len(TRUTH)

    def __repr__(self) -> str:
        return f"<Truth: {', '.join(TRUTH)}>"


@dataclass(frozen=True, eq=False, repr=False)
class Label(Card):
    """A fictional record label: its catalogue, its audience, its campaigns and its money.

    Every table comes from one seed, and they agree with each other: ``series`` counts ``plays``,
    ``royalties`` share out what the listeners pay, and ``truth`` holds what was put in. Each
    access gives a table of your own; changing it changes nothing here.

    Attributes
    ----------
    seed : int
        Seed of the world.

    See Also
    --------
    load_label : Makes one.
    """

    seed: int
    _shelf: _cache.Shelf = field()

    @property
    def name(self) -> str:
        """Name of the label."""
        return LABEL_NAME

    @property
    def artists(self) -> pd.DataFrame:
        """Artists: artist_id, name, style, genre, country, founded, signed_on, debut_on."""
        return self._shelf["artists"]

    @property
    def recordings(self) -> pd.DataFrame:
        """Recordings in order of release; ``path`` is None until a song is rendered.

        Columns recording_id, title, artist, isrc, path, duration_s (seconds), artist_id, work_id,
        style, released_at, release_id, release_title, release_kind, upc.
        """
        frame = self._shelf["recordings"]
        specs = song_specs(self.seed)
        paths = [
            str(path) if _songs.is_there(path, specs[name]) else None
            for name, path in self._paths().items()
        ]
        frame["path"] = pd.Series(paths, dtype=object)
        first = ["recording_id", "title", "artist", "isrc", "path", "duration_s"]
        return frame[[*first, *(c for c in frame.columns if c not in first)]]

    @property
    def works(self) -> pd.DataFrame:
        """Works: work_id, title, iswc, writers, shares (lists of one length; shares sum to 1)."""
        return self._shelf["works"]

    @property
    def events(self) -> pd.DataFrame:
        """Events: event_id, ds, kind, subject, size, artist_id, title.

        Size is tracks for a release, pre-saves, tickets for a tour, audience of an influencer's
        post, followers of a playlist.
        """
        return self._shelf["events"]

    @property
    def spend(self) -> pd.DataFrame:
        """Weekly spend: ds (Monday), channel, artist_id, spend (US dollars), impressions, reach,
        frequency. Every week, channel and artist has a row; for radio and TV the impressions are
        the audience of ``airplay``.
        """  # noqa: D205 - the list of columns is the summary
        return self._shelf["spend"]

    @property
    def airplay(self) -> pd.DataFrame:
        """Weekly airplay: ds, station, medium, recording_id, spins, audience, seconds, country."""
        return self._shelf["airplay"]

    @property
    def listeners(self) -> pd.DataFrame:
        """Accounts: user_id, platform, country, tier, fee_usd (US dollars a month), joined_on.

        ``all_plays_per_month`` is what the account plays of all music, not only of this label.
        """
        return self._shelf["listeners"]

    @property
    def plays(self) -> pd.DataFrame:
        """Every play: user_id, artist_id, recording_id, played_at (UTC), seconds, country, tier,
        platform. Plays of fewer than 30 seconds are skips, which no service pays for.
        """  # noqa: D205 - the list of columns is the summary
        return self._shelf["plays"]

    @property
    def series(self) -> pd.DataFrame:
        """Plays a day: unique_id (``recording_id/platform``), ds, y; from the release on."""
        return self._shelf["series"]

    @property
    def observations(self) -> pd.DataFrame:
        """Counters as shown: cumulative plays (``streams_total``) and followers, with gaps."""
        return self._shelf["observations"]

    @property
    def royalties(self) -> pd.DataFrame:
        """Monthly statement lines; gross, fees and net are exact decimals in US dollars."""
        return self._shelf["royalties"]

    @property
    def truth(self) -> Truth:
        """What was put in: recordings, faults, kernels, channels, intensity, fraud and more."""
        return Truth(self._shelf)

    @property
    def folder(self) -> Path:
        """Where the songs are kept."""
        return _cache.world_dir(self.seed)

    def render(
        self,
        recording_ids: str | Iterable[str] | None = None,
        *,
        jobs: int | None = None,
        progress: bool | None = None,
    ) -> pd.DataFrame:
        """Synthesise the songs that are missing or damaged, and say where they are.

        Parameters
        ----------
        recording_ids : str or iterable of str, optional
            Which; all of them without it.
        jobs : int, optional
            Processes at work; one for each processor without it.
        progress : bool, optional
            Whether to show a progress bar; None shows it when a person watches.

        Returns
        -------
        pandas.DataFrame
            The rows of :attr:`recordings` that were asked for, in that order, with ``path``
            filled in. FLAC, 16 bits, stereo.

        Raises
        ------
        InputError
            If there is no such recording, or jobs is less than 1.
        MusictoolsError
            If a song could not be written. Those that could be are kept.

        Examples
        --------
        >>> import musictools as mt
        >>> label = mt.datasets.load_label()
        >>> label.render("R01")["path"].notna().all()  # doctest: +SKIP
        True
        """
        chosen = self._chosen(recording_ids)
        if jobs is not None and jobs < 1:
            raise InputError(
                "render songs", got=f"jobs={jobs}", expected="1 or more", hint="leave jobs out"
            )
        specs, paths = song_specs(self.seed), self._paths()
        self._sweep()
        missing = [name for name in chosen if not _songs.is_whole(paths[name], specs[name])]
        self._work_off(missing, jobs=jobs or _workers.cpu_count(), progress=progress)
        frame = self.recordings.set_index("recording_id", drop=False)
        return frame.loc[chosen].reset_index(drop=True)

    def song_truth(self, recording_id: str) -> dict[str, Any]:
        """Exact beats, chords, sections and faults of one song; renders it if need be.

        Parameters
        ----------
        recording_id : str
            Which song.

        Returns
        -------
        dict
            ``bpm``, ``key``, ``beats_per_bar``, ``loudness_lufs``; ``beats_s`` and
            ``downbeats_s`` (arrays of seconds); ``chords`` and ``sections`` (tables start_s,
            end_s, label); ``faults`` (list).

        Raises
        ------
        InputError
            If there is no such recording.

        Examples
        --------
        >>> import musictools as mt
        >>> label = mt.datasets.load_label()
        >>> truth = label.song_truth("R01")  # doctest: +SKIP
        >>> label.truth["recordings"].set_index("recording_id").loc["R01", "key"]
        'F# minor'
        """
        self.render(recording_id, progress=False)
        note = _songs.record(self._paths()[recording_id]) or {}
        truth = dict(note["truth"])
        for name in ("beats_s", "downbeats_s"):
            truth[name] = np.asarray(truth[name], dtype=float)
        truth["faults"] = [
            Fault(**{**fault, "at_s": tuple(fault["at_s"])}) for fault in truth["faults"]
        ]
        return tabled(truth)

    def _verdict(self) -> str:
        counts = ", ".join(
            f"{self._shelf.rows(n):,} {n}" for n in ("artists", "recordings", "plays")
        )
        return f"{LABEL_NAME}, {counts}, seed {self.seed}."

    def _tables(self) -> Iterable[Table]:
        titles = self._shelf["recordings"].groupby("artist", sort=False)["title"].agg(", ".join)
        rows = [(a.name, a.genre, a.country, titles[a.name]) for a in ARTISTS]
        names = ["artist", "genre", "country", "recordings"]
        return [("Artists", pd.DataFrame(rows, columns=names))]

    def _notes(self) -> Sequence[str]:
        sizes = ", ".join(f"{name} {self._shelf.rows(name):,}" for name in TABLES)
        return (f"Rows: {sizes}.", f"Truth: {', '.join(TRUTH)}.")

    def _paths(self) -> dict[str, Path]:
        rows = self._shelf["recordings"].itertuples()
        return {
            str(row.recording_id): self.folder
            / _songs.file_name(str(row.recording_id), str(row.artist), str(row.title))
            for row in rows
        }

    def _chosen(self, recording_ids: str | Iterable[str] | None) -> list[str]:
        known = list(song_specs(self.seed))
        if recording_ids is None:
            return known
        asked = [recording_ids] if isinstance(recording_ids, str) else list(recording_ids)
        for name in asked:
            if name not in known:
                raise InputError(
                    "render songs",
                    got=f"recording_id {name!r}",
                    expected=f"{known[0]} to {known[-1]}",
                    hint="label.recordings[['recording_id', 'title']] lists them",
                )
        return list(dict.fromkeys(asked))

    def _work_off(self, names: list[str], *, jobs: int, progress: bool | None) -> None:
        paths = self._paths()
        tasks = [{"seed": self.seed, "recording_id": n, "path": str(paths[n])} for n in names]
        outcomes = _workers.run(_WORKER, tasks, jobs=jobs)
        bar = _progress.track(outcomes, total=len(tasks), label="render", progress=progress)
        failed = {str(o.task["recording_id"]): o.error for o in bar if o.error}
        if failed:
            name, reason = next(iter(failed.items()))
            raise MusictoolsError(
                "render songs",
                got=f"{len(failed)} of {len(tasks)} failed; {name}: {reason}",
                expected=f"files in {self.folder}",
                hint="call again, which goes on where this stopped; set MUSICTOOLS_DATA_DIR "
                "if this folder is full or cannot be written to",
            )

    def _sweep(self) -> None:
        now = time.time()
        for draft in self.folder.glob(".*.*"):
            with suppress(OSError):
                if now - draft.stat().st_mtime > _ABANDONED_S:
                    draft.unlink()


def load_label(*, seed: int = 2026, cache: bool = True) -> Label:
    """Load the fictional label "Lantern & Tide": one small, coherent music industry.

    Twelve artists and three dozen recordings, released over three years from 2023 to 2025,
    promoted in seven channels, streamed by ten thousand accounts on three services, and paid. All
    of it is generated; the truth behind every number is in :attr:`Label.truth`.

    Parameters
    ----------
    seed : int, default 2026
        0 or more. Another seed gives another world of the same kind.
    cache : bool, default True
        Keep the tables on disk, in ``MUSICTOOLS_DATA_DIR`` or the platform's cache folder. Where
        that cannot be written to, they are held in memory.

    Returns
    -------
    Label
        Tables as pandas frames; songs through :meth:`Label.render`.

    Raises
    ------
    InputError
        If the seed is no whole number of 0 or more.

    Notes
    -----
    Release kernels, adstock and saturation follow the literature of media-mix models (Jin et al.,
    Bayesian methods for media mix modeling with carryover and shape effects, 2017). The money is
    shared pro rata in each service, country and month.

    Examples
    --------
    >>> import musictools as mt
    >>> label = mt.datasets.load_label()
    >>> len(label.artists), len(label.recordings)
    (12, 36)
    """
    if not _is_count(seed):
        raise InputError(
            "load the label",
            got=f"seed={seed!r}",
            expected="a whole number of 0 or more",
            hint="mt.datasets.load_label()",
        )
    return Label(int(seed), _cache.Shelf(int(seed), cache=cache))


def _is_count(value: object) -> bool:
    # A bool is an int, and would be a second name of the worlds 0 and 1.
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return False
    return int(value) >= 0
