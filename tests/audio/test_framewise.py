"""Statistics of frames: those of NumPy, whatever the blocks."""

import numpy as np
import pytest

from musictools.audio import _framewise
from musictools.audio._framewise import (
    STATISTICS,
    Covariance,
    Measure,
    Statistics,
    declare,
    spread,
)


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


def test_covariance_is_that_of_numpy_whatever_the_blocks_and_however_far_from_nought():
    rng = np.random.default_rng(4)
    rows = 1e6 + rng.normal(0, 1, (500, 3)) @ rng.normal(0, 1, (3, 4))
    found = Covariance(4)
    for part in np.split(rows, [0, 1, 7, 7, 300]):
        found.update(part)
    np.testing.assert_allclose(found.finish(), np.cov(rows, rowvar=False, bias=True), rtol=1e-8)
    assert np.isnan(Covariance(2).finish()).all()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 100, 101])
def test_medians_are_those_of_numpy_with_ties_and_signs_and_tiny_numbers(count):
    rng = np.random.default_rng(count)
    rows = rng.normal(size=(count, 8)).astype(np.float32)
    rows *= np.array([1, 1e-30, 1e30, 0, 1, 1, 1, 1e-42], dtype=np.float32)
    rows[:, 4] = np.round(rows[:, 4])
    rows[:, 5] = -np.abs(rows[:, 5])
    rows[: count // 2, 6] = -0.0
    found = Statistics(8)
    found.update(rows)
    medians = found.finish()[:, STATISTICS.index("median")]
    np.testing.assert_array_equal(medians, np.median(rows.astype(np.float64), axis=0))
