"""Danceability: essentia's numbers on music, the theory's on noise."""

import numpy as np
import pytest

import musictools as mt
from musictools.audio._danceability import Danceability, EnvelopeTrack, measure_danceability
from musictools.audio._danceability_kernels import fluctuations, measure_spread
from musictools.audio._pass import analyse, gather


def test_fluctuations_are_distances_from_fitted_lines():
    walk = np.cumsum(np.random.default_rng(0).normal(0, 1, 500))
    sizes = np.array([10, 60, 600])
    found = fluctuations(walk, sizes, 5)
    for size, value in zip(sizes[:2], found, strict=False):
        place = np.arange(size)
        parts = []
        for first in range(0, walk.size - size, size // 5):
            part = walk[first : first + size]
            parts.append(np.mean((part - np.polyval(np.polyfit(place, part, 1), place)) ** 2))
        assert value == pytest.approx(np.sqrt(np.mean(parts)), rel=1e-9)
    assert found[2] == 0


def test_spread_is_the_standard_deviation_of_each_piece():
    samples = np.random.default_rng(3).normal(0.5, 0.1, 1005).astype(np.float32)
    found = measure_spread(samples, 100)
    np.testing.assert_allclose(found, samples[:1000].reshape(10, 100).std(axis=1), rtol=1e-4)
    assert measure_spread(samples[:99], 100).size == 0


def test_noise_has_the_exponent_of_noise():
    """White levels have exponent 1/2, and a random walk of levels 3/2 (Peng et al. 1994)."""
    noise = np.random.default_rng(1).normal(1, 0.1, 40_000)
    assert measure_danceability(noise.astype(np.float32)) == pytest.approx(2, rel=0.07)
    walk = np.cumsum(noise - 1)
    assert measure_danceability(walk.astype(np.float32)) == pytest.approx(2 / 3, rel=0.07)


def test_danceability_is_that_of_essentia(shared):
    standard = pytest.importorskip("essentia.standard")
    ours, theirs = [], []
    for path in sorted((shared / "data" / "audio" / "midi_render").glob("*.ogg")):
        recording = mt.audio.read(path)
        ours.append(analyse(recording, [Danceability()])["danceability"])
        theirs.append(standard.Danceability()(recording.samples.mean(axis=0))[0])
    assert np.corrcoef(ours, theirs)[0, 1] >= 0.98
    np.testing.assert_allclose(ours, theirs, rtol=0.05)


def test_gain_does_not_matter():
    song = mt.datasets.simulate_recording(duration_s=12, rng=4).recording
    loud = analyse(song, [Danceability()])["danceability"]
    soft = mt.audio.from_samples(song.samples / 50, song.sample_rate)
    assert analyse(soft, [Danceability()])["danceability"] == pytest.approx(loud, rel=1e-3)


def test_blocks_leave_no_seam():
    samples = np.random.default_rng(2).normal(0, 0.1, 22_050 * 5 + 77)
    track = gather(mt.audio.from_samples(samples, 22_050), [EnvelopeTrack])[EnvelopeTrack]
    count = samples.size // 220
    wanted = samples[: count * 220].reshape(count, 220).std(axis=1)
    np.testing.assert_allclose(track.envelope(), wanted, rtol=1e-4)


@pytest.mark.parametrize(
    "samples", [np.zeros(1), np.zeros(200_000), np.full(441_000, 0.3)], ids=["one", "none", "dc"]
)
def test_nothing_to_dance_to(samples):
    row = analyse(mt.audio.from_samples(samples, 22_050), [Danceability()])
    assert np.isnan(row["danceability"])
    assert "NaN" in Danceability.descriptors[0].meaning
