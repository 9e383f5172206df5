"""From columns of descriptors to Echonest features: ridge regression, straight and wavy.

Each block of columns has a model of its own, half of which is linear, and half linear in waves
along random projections (A. Rahimi, B. Recht, Random features for large-scale kernel machines, NIPS
2007), which stands in for a Gaussian kernel without keeping any song. Blocks are averaged with a
weight for each feature. tools/training/train_echonest.py learns all of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from musictools.audio._fma_recipe import key_free
from musictools.audio._model import load_model

Floats = npt.NDArray[np.float64]

NAME = "echonest"
# Standard deviations at which a descriptor is cut.
_MOST_DEVIATION = 4.0


@dataclass(frozen=True, eq=False)
class Block:
    """A model of some columns.

    Attributes
    ----------
    names : tuple of str
        Columns, each with its recipe before it.
    mean, scale : numpy.ndarray, shape (p,)
        That make them standard.
    waves : numpy.ndarray, shape (p, d)
        Random projections.
    linear, wavy : numpy.ndarray, shapes (p, t), (2 d, t)
        Weights, those of cosines before those of sines.
    offset : numpy.ndarray, shape (t,)
    axes : numpy.ndarray, shape (p, k)
        Principal axes of the standard columns, for the distance from what it learned from.
    spreads : numpy.ndarray, shape (k + 1,)
        Standard deviations along them, and across all others.
    """

    names: tuple[str, ...]
    mean: Floats
    scale: Floats
    waves: Floats
    linear: Floats
    wavy: Floats
    offset: Floats
    axes: Floats
    spreads: Floats

    def predict(self, rows: Floats) -> Floats:
        """Give every feature on its own scale, shape (n, t)."""
        standard = self._standard(rows)
        angles = standard @ self.waves
        waves = np.concatenate((np.cos(angles), np.sin(angles)), axis=1)
        found: Floats = self.offset + standard @ self.linear + waves @ self.wavy
        return found

    def distance(self, rows: Floats) -> Floats:
        """Tell how far rows are from the songs it learned from, shape (n,): about 1 for those."""
        # Not cut: what lies far out is to be seen.
        standard = (rows - self.mean) / self.scale
        along = standard @ self.axes
        across = np.square(standard).sum(axis=1) - np.square(along).sum(axis=1)
        total = np.square(along / self.spreads[:-1]).sum(axis=1)
        total += np.maximum(across, 0.0) / self.spreads[-1] ** 2
        far: Floats = np.sqrt(total / len(self.names))
        return far

    def _standard(self, rows: Floats) -> Floats:
        standard = (rows - self.mean) / self.scale
        cut: Floats = np.clip(standard, -_MOST_DEVIATION, _MOST_DEVIATION)
        return cut


def scale_up(values: Floats, offsets: Floats) -> Floats:
    """Put features on the scales that models learn: ``log(value + offset)``, or as they are.

    Parameters
    ----------
    values : numpy.ndarray, shape (..., t)
        0 to 1.
    offsets : numpy.ndarray, shape (t,)
        0 where a feature stays as it is.
    """
    safe = np.where(offsets > 0, offsets, 1.0)
    scaled: Floats = np.where(offsets > 0, np.log(np.maximum(values, 0) + safe), values)
    return scaled


def scale_down(values: Floats, offsets: Floats) -> Floats:
    """Take features back to 0 to 1."""
    plain = np.where(offsets > 0, np.exp(np.minimum(values, 1.0)) - offsets, values)
    bounded: Floats = np.clip(plain, 0.0, 1.0)
    return bounded


def map_quantiles(value: float, quantiles: Mapping[str, Sequence[float]]) -> float:
    """Give the value that as many songs lie below as estimates lie below this one.

    Parameters
    ----------
    value : float
        An estimate.
    quantiles : mapping
        ``estimate`` and ``echonest``: as many quantiles of either.
    """
    return float(np.interp(value, quantiles["estimate"], quantiles["echonest"]))


@cache
def card() -> dict[str, Any]:
    """Give the model card."""
    return load_model(NAME)


@cache
def blocks() -> tuple[Block, ...]:
    """Give the models."""
    file = resources.files("musictools.audio") / "_models" / f"{NAME}.npz"
    with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
        return tuple(
            Block(
                tuple(each["columns"]),
                *(arrays[f"{place}_{name}"].astype(np.float64) for name in STORED),
            )
            for place, each in enumerate(card()["blocks"])
        )


#: What is stored of a block, in the order of its fields.
STORED = ("mean", "scale", "waves", "linear", "wavy", "offset", "axes", "spreads")


def recipes() -> frozenset[str]:
    """Name the recipes that the models need."""
    return frozenset(name.partition(":")[0] for block in blocks() for name in block.names)


def key_free_columns(columns: Mapping[str, float | Floats]) -> dict[str, float | Floats]:
    """Apply ``key_free`` to the columns of each recipe."""
    parts: dict[str, dict[str, float | Floats]] = {}
    for name, value in columns.items():
        recipe, _, column = name.partition(":")
        parts.setdefault(recipe, {})[column] = value
    return {
        f"{recipe}:{column}": value
        for recipe, part in parts.items()
        for column, value in key_free(part).items()
    }


@dataclass(frozen=True)
class Guess:
    """What the model says of one recording.

    Attributes
    ----------
    best, low, high : numpy.ndarray, shape (t,)
        In the order of the card's features; the interval holds 90 %.
    far : float
        Distance from the songs it learned from, over the limit: above 1 is out of domain, and so is
        NaN, of a recording whose columns could not all be told.
    """

    best: Floats
    low: Floats
    high: Floats
    far: float

    @property
    def out_of_domain(self) -> bool:
        """Whether it is unlike what was learned from, or cannot be told."""
        return not self.far <= 1


def guess(columns: Mapping[str, float]) -> Guess:
    """Estimate every feature of one recording from its columns."""
    features = card()["features"].values()
    known = key_free_columns(columns)
    offsets = np.array([each["log_offset"] for each in features])
    weights = np.array([each["weights"] for each in features]).T
    scaled, far = np.zeros(len(offsets)), []
    for block, each, weight in zip(blocks(), card()["blocks"], weights, strict=True):
        row = np.array([[known[name] for name in block.names]], np.float64)
        scaled = scaled + weight * block.predict(row)[0]
        far.append(float(block.distance(row)[0]) / each["limit"])
    ends = np.array([each["residuals"] for each in features]).T
    low, values, high = (scale_down(scaled + end, offsets) for end in (ends[0], 0.0, ends[1]))
    # Not the max of Python, which passes over what is no number.
    return Guess(values, low, high, float(np.max(far)))
