"""Statistics of frames: those of NumPy, whatever the blocks."""

import numpy as np
import pytest

from musictools.audio import _framewise
from musictools.audio._framewise import STATISTICS, Measure, Statistics, declare, spread


def expected(rows):
    steps = np.abs(np.diff(rows, axis=0))
    columns = [rows.mean(0), rows.std(0), rows.min(0), np.median(rows, 0), rows.max(0)]
    return np.stack([*columns, steps.mean(0), steps.std(0)], axis=1)


@pytest.mark.parametrize("cuts", [(), (1,), (3, 3, 500), tuple(range(1, 1000, 7))])
def test_statistics_do_not_depend_on_the_blocks(cuts):
    rows = np.random.default_rng(1).normal(50, 2, (1000, 3)).astype(np.float32)
    found = Statistics(3)
    for part in np.split(rows, cuts):
        found.update(part)
    np.testing.assert_allclose(found.finish(), expected(rows.astype(float)), rtol=1e-6)


def test_long_recordings_are_thinned_evenly_for_the_median(monkeypatch):
    monkeypatch.setattr(_framewise, "_MOST_ROWS", 100)
    rows = np.arange(2000.0)[:, None]
    found = Statistics(1)
    for part in np.split(rows, range(13, 2000, 13)):
        found.update(part)
    statistics = dict(zip(STATISTICS, found.finish()[0], strict=True))
    assert statistics["median"] == pytest.approx(1000, abs=2000 / 50)
    assert statistics["max"] == 1999
    assert statistics["dmean"] == 1
    assert statistics["std"] == pytest.approx(rows.std())


def test_one_frame_has_no_neighbour_and_none_has_nothing():
    found = Statistics(2)
    assert np.isnan(found.finish()).all()
    found.update(np.ones((1, 2)))
    assert np.isnan(found.finish()).sum() == 4


def test_names_and_bounds():
    measure = Measure("centroid", "hz", "Hz", 100, 400, "book", "Middle")
    columns = declare([measure], "timbre")
    assert [d.name for d in columns][:2] == ["centroid_mean_hz", "centroid_std_hz"]
    assert [(d.minimum, d.maximum) for d in columns] == [
        (100, 400), (0, 300), (100, 400), (100, 400), (100, 400), (0, 300), (0, 300),
    ]  # fmt: skip
    assert list(spread([measure], np.ones((1, 7)))) == [d.name for d in columns]
