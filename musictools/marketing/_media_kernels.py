"""What is known of a release's decay before any data: some mixture of kernels, none of it negative.

Left free, three kernels that look alike can take the carry-over of a channel whose spend follows
releases. So the sum of their weights is free, and how kernels of one size share it has the variance
that the uniform distribution over all mixtures has. That needs the size of the effect beside the
noise, which a first regression gives.

Measured with a power law, 1 and 6 weeks on the release scenario of ``benchmarks/mix.py``, seeds
0-59: median ROAS error of all channels 12.1 % (free kernels 13.9 %, one power law 11.8 %, with
curves known 11.2 %), of which TV -10 % on average (-12 %, -2.5 %); coverage .93; the total media
effect less the oracle's +0.8 % (standard error 1.3; free -0.7 %). Kernels of one first week rather
than one size: 13.1 %, TV -14 %. With a prior on the total of all channels besides: the total -3.6 %
(1.5). So neither is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from musictools.marketing._adstock import Array

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Kind:
    """One kind of event among the controls.

    Attributes
    ----------
    columns : tuple of int
        Which controls are its kernels.
    each : numpy.ndarray
        (groups, weeks, events): what each of its events looks like, of the middle kernel.
    part : str
        What it is about: releases or posts.
    """

    columns: tuple[int, ...]
    each: Array
    part: str

    def until(self, end: int, kept: Sequence[int]) -> "Kind":
        """Give the first weeks of it, among the controls that are kept."""
        place = {column: number for number, column in enumerate(kept)}
        own = tuple(place[column] for column in self.columns if column in place)
        return replace(self, columns=own, each=self.each[:, :end])


def find_kinds(frames: "Sequence[pd.DataFrame]", columns: Sequence[str]) -> tuple[Kind, ...]:
    """Kinds of events of each group's controls; `columns` are those that are kept."""
    place = {column: number for number, column in enumerate(columns)}
    found = []
    for name, first in frames[0].attrs["kinds"].items():
        own = tuple(place[column] for column in first.kernels if column in place)
        each = [frame.attrs["kinds"][name].middle for frame in frames]
        most = max(one.shape[1] for one in each)
        padded = [np.pad(one, ((0, 0), (0, most - one.shape[1]))) for one in each]
        found.append(Kind(own, np.stack(padded), name.split(", ", maxsplit=1)[0]))
    return tuple(found)


def prior_rows(controls: Array, y: Array, media: Array, kinds: Sequence[Kind]) -> Array:
    """Rows that stand under the controls as data would, (groups, rows, columns).

    Parameters
    ----------
    controls : numpy.ndarray
        (groups, weeks, columns).
    y : numpy.ndarray
        (groups, weeks).
    media : numpy.ndarray
        (channels, groups, weeks, tries): what channels may look like, for the first regression.
    kinds : sequence of Kind
        Kinds of events; those of one kernel have nothing to share.
    """
    banks = [kind.columns for kind in kinds if len(kind.columns) > 1]
    rows = sum(len(bank) - 1 for bank in banks)
    out = np.zeros((len(controls), rows, controls.shape[2]))
    for group, own in enumerate(controls if rows else ()):
        size, noise = _first_look(own, y[group], media[:, group], banks)
        at = 0
        for bank, whole in zip(banks, size, strict=True):
            count = len(bank)
            # Nothing is measured better than to the noise, and nothing divided by nothing.
            spread = max(abs(whole), noise) / np.sqrt(count * (count + 1)) / noise
            apart = np.linalg.qr(np.c_[np.ones(count), np.eye(count)[:, 1:]])[0][:, 1:]
            weighed = (apart / spread).T * _norms(own, bank)
            out[group, at : at + count - 1][:, list(bank)] = weighed
            at += count - 1
    return out


def _norms(controls: Array, bank: tuple[int, ...]) -> Array:
    """Size of each kernel: mixtures are of kernels of one size, or the slowest would be most."""
    size: Array = np.linalg.norm(controls[:, list(bank)], axis=0)
    return np.where(size > 0, size, 1.0)


def _first_look(
    controls: Array, y: Array, media: Array, banks: Sequence[tuple[int, ...]]
) -> tuple[Array, float]:
    """Size of each kind's effect if its kernels share it equally; noise, if they need not."""
    inside = {column for bank in banks for column in bank}
    plain = [column for column in range(controls.shape[1]) if column not in inside]
    middle = np.stack(
        [(controls[:, list(bank)] / _norms(controls, bank)).mean(axis=1) for bank in banks], axis=1
    )
    basis = np.linalg.qr(controls)[0]
    squares, best = np.inf, media[..., 0].T
    for number in range(media.shape[-1]):
        # Curves that do not fit would be taken for noise.
        tried = media[..., number].T
        both = np.linalg.qr(np.c_[basis, tried])[0]
        left = float(y @ y - ((y @ both) ** 2).sum())
        if left < squares:
            squares, best = left, tried
    design = np.concatenate([middle, controls[:, plain], best], axis=1)
    size: Array = np.linalg.lstsq(design, y, rcond=None)[0][: len(banks)]
    spare = max(len(y) - controls.shape[1] - best.shape[1], 1)
    return size, float(np.sqrt(max(squares, 1e-18 * float(y @ y)) / spare))
