"""The track explorer as Python sees it: what can be set, read and observed."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from musictools.audio._recording import Recording
from musictools.errors import InputError, closest
from musictools.lab._track_view import LAYERS, TrackView

#: Shortest part of a song that is shown, in seconds.
CLOSEST_S = 0.05
_WHAT = "set the explorer"


class Explorer:
    """A track to look at, listen to and ask about, in JupyterLab and in Python at once.

    Made by :func:`musictools.lab.explore`. What is set here moves the browser, and what is done
    there can be read and observed here: ``explorer.observe(function, "selection_s")``, as of any
    widget.

    Attributes
    ----------
    position_s : float
        Where the play head stands, in seconds.
    playing : bool
        Whether it moves. A browser may refuse to begin before somebody has pressed a key there.
    selection_s : tuple of float
        Start and end of the selection in seconds; empty where nothing is selected.
    window_s : tuple of float
        Start and end of what is shown, in seconds.
    layers : tuple of str
        What is shown beside the waveform: any of ``sections``, ``findings``, ``beats``,
        ``chords``, ``spectrogram``, ``loudness`` that were worked out.
    heard : int
        Which master is heard and seen: 0 or 1.
    loop : bool
        Whether the selection is repeated.

    See Also
    --------
    musictools.lab.explore : Makes one.
    """

    _view: TrackView
    position_s: Any
    playing: Any
    selection_s: Any
    window_s: Any
    layers: Any
    heard: Any
    loop: Any

    @property
    def duration_s(self) -> float:
        """Length of the track in seconds."""
        return self._view.duration_s

    @property
    def gains_db(self) -> dict[str, float]:
        """How far each master is turned down when played, in dB."""
        return {one.name: one.gain_db for one in self._view.masters}

    def excerpt(self) -> Recording:
        """Cut the selection out of the master that is heard, at its own level.

        Returns
        -------
        Recording
            For any function of ``mt.audio``; the whole track where nothing is selected.
        """
        recording: Recording = self._view.masters[self.heard].recording
        if not self.selection_s:
            return recording
        first, last = (round(at * recording.sample_rate) for at in self.selection_s)
        samples = np.array(recording.samples[:, first : max(last, first + 1)])
        return Recording(samples, recording.sample_rate, None, recording.layout)

    def checked(self, name: str, value: Any) -> Any:
        """Give a value as it may be set, or say why not."""
        check: Callable[[TrackView, Any], Any] = _CHECKS[name]
        return check(self._view, value)

    def __repr__(self) -> str:
        return f"<Explorer: {self._view.words()}>"


def _position(view: TrackView, value: Any) -> float:
    if not isinstance(value, int | float | np.number) or not 0 <= value <= view.duration_s + 1e-3:
        raise InputError(
            _WHAT,
            got=f"position_s={value!r}",
            expected=f"seconds from 0 to {view.duration_s:.3f}",
            hint="explorer.position_s = 0",
        )
    return min(float(value), view.duration_s)


def _span(view: TrackView, value: Any, name: str) -> tuple[float, float]:
    pair = tuple(value) if isinstance(value, Sequence | np.ndarray) else ()
    numbers = [float(one) for one in pair if isinstance(one, int | float | np.number)]
    end_s = view.duration_s
    if len(pair) != 2 or len(numbers) != 2 or not 0 <= numbers[0] < numbers[1] <= end_s + 1e-3:
        raise InputError(
            _WHAT,
            got=f"{name}={value!r}",
            expected=f"start and end in seconds, within 0 and {end_s:.3f}",
            hint=f"explorer.{name} = (0, {min(10.0, end_s):g})",
        )
    return numbers[0], min(numbers[1], end_s)


def _selection(view: TrackView, value: Any) -> tuple[float, ...]:
    empty = isinstance(value, Sequence) and not len(value)
    return () if empty else _span(view, value, "selection_s")


def _window(view: TrackView, value: Any) -> tuple[float, float]:
    first, last = _span(view, value, "window_s")
    shortest = min(CLOSEST_S, view.duration_s)
    if last - first < shortest:
        first = min(first, view.duration_s - shortest)
        last = first + shortest
    return first, last


def _layers(view: TrackView, value: Any) -> tuple[str, ...]:
    wanted = (value,) if isinstance(value, str) else tuple(value)
    return chosen_layers(wanted, view.layers)


def chosen_layers(wanted: Sequence[Any], known: Sequence[str]) -> tuple[str, ...]:
    """Give layers in the order in which they lie, each once."""
    for name in wanted:
        if name not in known:
            there = name in LAYERS
            raise InputError(
                "show a layer",
                got=repr(name),
                expected="a layer that was worked out" if there else "a layer",
                hint="name it in mt.lab.explore(..., layers=[...])"
                if there
                else closest(str(name), known),
            )
    return tuple(name for name in LAYERS if name in wanted)


def _heard(view: TrackView, value: Any) -> int:
    if isinstance(value, bool) or value not in range(len(view.masters)):
        raise InputError(
            _WHAT,
            got=f"heard={value!r}",
            expected="0" if len(view.masters) == 1 else "0 or 1",
            hint="mt.lab.explore(first, second) for two masters",
        )
    return int(value)


_CHECKS: Mapping[str, Callable[[TrackView, Any], Any]] = {
    "position_s": _position,
    "selection_s": _selection,
    "window_s": _window,
    "layers": _layers,
    "heard": _heard,
}


#: Names of what is checked when it is set.
SETTABLE = tuple(_CHECKS)


def finite(value: float) -> float | None:
    """Give a number as JSON can say it."""
    return float(value) if math.isfinite(value) else None
