"""Timbre: spectrum, bands, cepstra, roughness and zero crossings, as statistics of frames."""

from collections.abc import Mapping
from typing import ClassVar

from musictools.audio import _bands, _crossings, _roughness, _spectral
from musictools.audio._descriptor import Descriptor, Tracks, Value


class Timbre:
    """Family of timbre."""

    tracks = (
        _spectral.SpectralFrames,
        _bands.BandFrames,
        _roughness.RoughnessFrames,
        _crossings.CrossingFrames,
    )
    descriptors: ClassVar[tuple[Descriptor, ...]] = (
        *_spectral.descriptors(),
        *_bands.descriptors(),
        *_roughness.descriptors(),
        *_crossings.descriptors(),
    )

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        return {
            **tracks[_spectral.SpectralFrames].finish(),
            **tracks[_bands.BandFrames].finish(),
            **tracks[_roughness.RoughnessFrames].finish(),
            **tracks[_crossings.CrossingFrames].finish(),
        }
