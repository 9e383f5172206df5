"""The explorer as a widget. Its class is made when first wanted: anywidget is not always there."""

import logging
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from musictools import _optional
from musictools.errors import MissingExtraError, MusictoolsError
from musictools.lab._explorer import SETTABLE, Explorer, finite
from musictools.lab._sound import Sound
from musictools.lab._spectrum_cells import RANGE_DB
from musictools.lab._still import with_still
from musictools.lab._still_state import WHY, StillState
from musictools.lab._track_view import Master, TrackView

WEB = Path(__file__).parent / "web"
_WHAT = "explore a track"
_log = logging.getLogger("musictools")


class StillExplorer(Explorer, StillState):
    """An :class:`Explorer` without a browser."""

    _settable = SETTABLE

    def __init__(self, view: TrackView, alt: str) -> None:
        self._view, self._alt = view, alt
        super().__init__(
            position_s=0.0,
            playing=False,
            selection_s=(),
            window_s=(0.0, view.duration_s),
            layers=view.layers,
            heard=0,
            loop=False,
        )

    def _repr_mimebundle_(self, **_: Any) -> Any:
        return with_still({}, self, self._view, alt=self._alt, note=WHY)


def make_explorer(view: TrackView, alt: str) -> Explorer:
    """Make a widget, or a picture where anywidget is not installed."""
    try:
        kind = explorer_class()
    except MissingExtraError:
        kind = StillExplorer
    made: Explorer = kind(view, alt)
    return made


class Served(Explorer):
    """An :class:`Explorer` that gives a browser the sound when it asks."""

    _alt: str
    _served: tuple[Any, Sound] | None = None
    #: Of the widget that it becomes.
    send: Any

    def answer(self, _: Any, message: Any, __: Any) -> None:
        """Answer a message from the browser."""
        if message != {"ask": "sound"}:
            return
        try:
            self.send(self.serve())
        except MusictoolsError as error:
            self.send({"trouble": f"No sound: {error}"})
        except (MemoryError, OSError, RuntimeError) as error:
            # The browser waits for an answer; what the encoder says is one.
            _log.exception("the sound of an explorer could not be made")
            self.send({"trouble": f"No sound: {error}"})

    def serve(self) -> dict[str, str]:
        """Put the sound where the browser finds it, once, and say where."""
        if self._served is None:
            sound = self._view.sound()
            # A widget of its own: servers limit how much a message may bring, but not what a
            # widget brings when it is opened; and so it is in no saved state of the explorer.
            self._served = (sound_class()(data=sound.data), sound)
        widget, sound = self._served
        return {"sound": widget.model_id, "kind": sound.kind, "words": sound.words}

    def hush(self) -> None:
        """Take the sound back."""
        if self._served is not None:
            self._served[0].close()
            self._served = None


@cache
def explorer_class() -> Any:
    """Make the class of explorers that a browser shows, once."""
    base: Any = _optional.require("anywidget", extra="widgets", purpose=_WHAT).AnyWidget
    traitlets: Any = _optional.require("traitlets", extra="widgets", purpose=_WHAT)

    class TrackExplorer(Served, base):  # type: ignore[misc]
        """An :class:`Explorer` that a browser shows."""

        _esm = WEB / "explorer.js"
        _css = WEB / "explorer.css"
        position_s = traitlets.Any(0.0).tag(sync=True)
        playing = traitlets.Bool(default_value=False).tag(sync=True)
        selection_s = traitlets.Any(()).tag(sync=True)
        window_s = traitlets.Any(()).tag(sync=True)
        layers = traitlets.Any(()).tag(sync=True)
        heard = traitlets.Any(0).tag(sync=True)
        loop = traitlets.Bool(default_value=False).tag(sync=True)
        _facts = traitlets.Dict().tag(sync=True)
        _peaks = traitlets.Bytes().tag(sync=True)
        _spectra = traitlets.Bytes().tag(sync=True)
        _curves = traitlets.Bytes().tag(sync=True)
        _beats = traitlets.Bytes().tag(sync=True)
        _colours = traitlets.Bytes().tag(sync=True)

        def __init__(self, view: TrackView, alt: str) -> None:
            self._view, self._alt = view, alt
            super().__init__(
                window_s=(0.0, view.duration_s), layers=view.layers, **payload(view, alt)
            )
            self.on_msg(self.answer)

        @traitlets.validate(*SETTABLE)  # type: ignore[untyped-decorator]
        def _validate(self, proposal: Any) -> Any:
            return self.checked(proposal["trait"].name, proposal["value"])

        def close(self) -> None:
            """Leave the browser, sound and all."""
            self.hush()
            super().close()

        def __repr__(self) -> str:
            return Explorer.__repr__(self)

        def _repr_mimebundle_(self, **kwargs: Any) -> Any:
            bundle = super()._repr_mimebundle_(**kwargs)
            return with_still(bundle, self, self._view, alt=self._alt)

    return TrackExplorer


@cache
def sound_class() -> Any:
    """Make the class of what carries a sound to the browser, once."""
    base: Any = _optional.require("anywidget", extra="widgets", purpose=_WHAT).AnyWidget
    traitlets: Any = _optional.require("traitlets", extra="widgets", purpose=_WHAT)

    class SoundFile(base):  # type: ignore[misc]
        """Bytes that are shown nowhere."""

        _esm = "export default {}"
        data = traitlets.Bytes().tag(sync=True)

    return SoundFile


def payload(view: TrackView, alt: str) -> dict[str, Any]:
    """Give what the browser gets besides the sound: text as JSON, the rest as bytes.

    Parameters
    ----------
    view : TrackView
        All that is shown.
    alt : str
        Its description.

    Returns
    -------
    dict
        At most 4 MB.
    """
    import matplotlib as mpl

    masters = view.masters
    shade = mpl.colormaps["magma"](np.linspace(0, 1, 256), bytes=True)[:, :3]
    facts = {
        "title": view.title,
        "alt": alt,
        "duration_s": view.duration_s,
        "layers": list(view.layers),
        "masters": [_told(one) for one in masters],
        "sections": view.sections,
        "chords": view.chords,
        "findings": view.findings,
        "range_db": RANGE_DB,
    }
    curves = [
        part
        for one in masters
        if one.loudness
        for part in (one.loudness.momentary, one.loudness.short_term)
    ]
    return {
        "_facts": facts,
        "_peaks": b"".join(one.peaks.data for one in masters),
        "_spectra": b"".join(one.spectrum.data for one in masters if one.spectrum),
        "_curves": b"".join(part.tobytes() for part in curves),
        "_beats": view.beats_s.tobytes(),
        "_colours": shade.tobytes(),
    }


def _told(one: Master) -> dict[str, Any]:
    curve, spectrum = one.loudness, one.spectrum
    return {
        "name": one.name,
        "gain_db": round(one.gain_db, 2),
        "cells": list(one.peaks.cells),
        "scale": one.peaks.scale,
        "columns": spectrum.columns if spectrum else 0,
        "edges_hz": list(spectrum.edges_hz) if spectrum else [],
        "points": int(curve.momentary.size) if curve else 0,
        "start_s": curve.start_s if curve else 0,
        "step_s": curve.step_s if curve else 1,
        "integrated_lufs": finite(curve.integrated_lufs) if curve else None,
    }
