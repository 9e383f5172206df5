"""explore(): a track, or two masters of one, to look at and listen to."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from musictools.audio._masters import on_one_timeline
from musictools.audio._recording import Recording, Source, as_recording
from musictools.errors import InputError
from musictools.lab._explorer import chosen_layers
from musictools.lab._sound import gains_db
from musictools.lab._track_view import LAYERS, view_track

if TYPE_CHECKING:
    from musictools.lab._explorer import Explorer

_WHAT = "explore a track"
_LONGEST_NAME = 60


def explore(
    source: Source,
    other: "Source | None" = None,
    *,
    sample_rate: int | None = None,
    layers: Iterable[str] | None = None,
    title: str | None = None,
    names: tuple[str, str] | None = None,
    alt: str | None = None,
) -> "Explorer":
    """Open a track to look at, listen to and ask about.

    Waveform, spectrogram and loudness share one time line with a play head; sections, findings,
    beats and chords are laid over it, and each can be switched off. Two masters of one song are
    aligned, brought to equal loudness, and switched between while they play.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    other : Recording, path-like or array_like, optional
        Another master of the same recording. Its times are those of the first.
    sample_rate : int, optional
        In Hz; needed for arrays only.
    layers : iterable of str, optional
        What to work out: ``sections``, ``findings``, ``beats``, ``chords``, ``spectrogram``,
        ``loudness``; all of them by default. Tables are those of the first master.
    title : str, optional
        The name of the file by default.
    names : tuple of str, optional
        Of the two masters; ``("A", "B")`` by default.
    alt : str, optional
        What a reader who cannot see it should know; by default length, loudness and counts.

    Returns
    -------
    Explorer
        A widget; where no widgets run, or where anywidget is not installed, a picture with the
        same description.

    Raises
    ------
    AudioError
        If a file cannot be read.
    InputError
        If the two are not masters of one recording, a layer is not known, or an array comes
        without its rate.

    Notes
    -----
    The browser gets at most 4 MB whatever the length: a pyramid of 131,072 peaks, 8,192 columns
    of a spectrogram. Sound follows when it is first wanted, as FLAC, or above 40 MB as Ogg Vorbis
    (which Safari plays from version 18.4 on); the front channels are heard, turned down to -1 dBFS
    where they are above, and masters to the loudness of the quieter one.

    Keys: space plays and pauses, arrows move by 1 s (with shift 5 s), Home and End, + and - zoom,
    0 shows all, [ and ] begin and end a selection, Escape drops it, L repeats it, A and B choose
    a master, X the other one.

    Examples
    --------
    >>> import musictools as mt
    >>> song = mt.datasets.simulate_recording(duration_s=8, rng=1).recording
    >>> explorer = mt.lab.explore(song, title="Midnight Ferry", layers=["loudness"])
    >>> explorer.position_s = 4.0
    >>> explorer.selection_s = (2.0, 3.5)
    >>> explorer.excerpt().duration_s
    1.5
    """
    wanted = tuple(LAYERS) if layers is None else chosen_layers(_listed(layers), LAYERS)
    first = as_recording(source, sample_rate)
    recordings: tuple[Recording, ...] = (first,)
    louder_db = 0.0
    if other is not None:
        one, two, louder_db = on_one_timeline(first, as_recording(other, sample_rate))
        recordings = (one, two)
    view = view_track(
        recordings,
        gains_db(recordings, louder_db),
        title=_readable(title or (first.path.stem if first.path else "a recording")),
        names=_names(names, len(recordings)),
        layers=wanted,
    )
    from musictools.lab._explorer_widget import make_explorer

    return make_explorer(view, alt or view.words())


def _listed(layers: Iterable[str]) -> tuple[str, ...]:
    return (layers,) if isinstance(layers, str) else tuple(layers)


def _names(names: tuple[str, str] | None, count: int) -> tuple[str, ...]:
    given = ("A", "B") if names is None else tuple(names)
    if len(given) != 2 or not all(str(one).strip() for one in given):
        raise InputError(
            _WHAT,
            got=f"names={names!r}",
            expected="two names, one for each master",
            hint='names=("first", "second")',
        )
    return tuple(_readable(one) for one in given[:count])


def _readable(text: str) -> str:
    """Give text that can be sent: some file names are none, and some go on for ever."""
    words = text.encode("utf-8", "replace").decode("utf-8")
    return (
        words
        if len(words) <= _LONGEST_NAME
        else words[: _LONGEST_NAME - 1] + "\N{HORIZONTAL ELLIPSIS}"
    )
