"""Fits the network of chords by stochastic gradient descent."""

from dataclasses import asdict

import numpy as np
import numpy.typing as npt

from musictools.audio._chord_model import Block, ChordWeights

HIDDEN, QUIET = 32, 8
EPOCHS, BATCH, RATE, PENALTY = 20, 256, 3e-3, 5e-4
# Adam: D. Kingma, J. Ba, ICLR 2015.
_MOMENTUM, _SPREAD, _LEAST = 0.9, 0.999, 1e-8
_PENALISED = ("hidden", "chord", "quiet", "none")


def seen_from_roots(notes: Block) -> Block:
    """Give the notes as seen from each root, shape (frames, 12, 108)."""
    turned = [np.roll(notes, -root, axis=2).reshape(len(notes), -1) for root in range(12)]
    return np.stack(turned, axis=1)


def fit_network(
    notes: Block, sound: Block, right: Block, *, weight: Block, seed: int = 0
) -> ChordWeights:
    """Fit the weights that all roots share.

    Parameters
    ----------
    notes : array of shape (frames, 9, 12)
        As of ``Clues``.
    sound : array of shape (frames, 14)
        As of ``Clues``.
    right : array of shape (frames, 37)
        1 for each chord that would be right: what counts is the sum of their posteriors.
    weight : array of shape (frames,)
        How much each frame counts.
    seed : int
        Of the first weights, and of the order of the frames.
    """
    rng = np.random.default_rng(seed)
    network = _begin(notes[0].size, sound, rng)
    values = {name: value for name, value in asdict(network).items() if name != "scale"}
    first = {name: np.zeros_like(value) for name, value in values.items()}
    second = {name: np.zeros_like(value) for name, value in values.items()}
    scaled = (sound - network.scale[0]) / network.scale[1]
    steps, step = EPOCHS * (len(notes) // BATCH), 0
    for _ in range(EPOCHS):
        order = rng.permutation(len(notes))
        for start in range(0, len(notes) - BATCH + 1, BATCH):
            batch = order[start : start + BATCH]
            slopes = _slopes(
                values, seen_from_roots(notes[batch]), scaled[batch], right[batch], weight[batch]
            )
            step += 1
            rate = RATE * (1 - step / (steps + 1))
            for name, slope in slopes.items():
                if name in _PENALISED:
                    slope = slope + np.float32(PENALTY) * values[name]  # noqa: PLW2901
                first[name] = _MOMENTUM * first[name] + (1 - _MOMENTUM) * slope
                second[name] = _SPREAD * second[name] + (1 - _SPREAD) * slope**2
                mean = first[name] / (1 - _MOMENTUM**step)
                size = np.sqrt(second[name] / (1 - _SPREAD**step))
                values[name] -= (rate * mean / (size + _LEAST)).astype(np.float32)
    return ChordWeights(scale=network.scale, **values)


def _begin(inputs: int, sound: Block, rng: np.random.Generator) -> ChordWeights:
    def drawn(size: float, *shape: int) -> Block:
        return (size * rng.standard_normal(shape)).astype(np.float32)

    def zeros(*shape: int) -> Block:
        return np.zeros(shape, np.float32)

    return ChordWeights(
        hidden=drawn(inputs**-0.5, inputs, HIDDEN),
        hidden_bias=zeros(HIDDEN),
        chord=drawn(0.1, HIDDEN, 3),
        chord_bias=zeros(3),
        scale=np.stack((sound.mean(axis=0), sound.std(axis=0) + 1e-6)),
        quiet=drawn(0.5 * sound.shape[1] ** -0.5, sound.shape[1], QUIET),
        quiet_bias=zeros(QUIET),
        none=drawn(0.1, QUIET),
        none_bias=zeros(1),
    )


def _slopes(
    values: dict[str, Block], seen: Block, sound: Block, right: Block, weight: Block
) -> dict[str, Block]:
    """Give the slope of the mean cost, - log of what is right, along each weight."""
    frames = len(seen)
    layer = np.tanh(seen @ values["hidden"] + values["hidden_bias"])
    chords = layer @ values["chord"] + values["chord_bias"]
    still = np.tanh(sound @ values["quiet"] + values["quiet_bias"])
    none = still @ values["none"] + values["none_bias"]
    scores = np.concatenate((chords.transpose(0, 2, 1).reshape(frames, 36), none[:, None]), axis=1)
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    fits = odds * right
    fits /= np.maximum(fits.sum(axis=1, keepdims=True), 1e-9)
    wrong = (odds - fits) * (weight / weight.sum())[:, None]
    by_root = np.ascontiguousarray(wrong[:, :36].reshape(frames, 3, 12).transpose(0, 2, 1))
    inside = (by_root @ values["chord"].T) * (1 - layer**2)
    within = wrong[:, 36:] * values["none"] * (1 - still**2)
    return {
        "hidden": _over_roots(seen, inside),
        "hidden_bias": inside.sum(axis=(0, 1)),
        "chord": _over_roots(layer, by_root),
        "chord_bias": by_root.sum(axis=(0, 1)),
        "quiet": sound.T @ within,
        "quiet_bias": within.sum(axis=0),
        "none": still.T @ wrong[:, 36],
        "none_bias": wrong[:, 36:].sum(axis=0),
    }


def _over_roots(before: npt.NDArray[np.float32], after: npt.NDArray[np.float32]) -> Block:
    product: Block = before.reshape(-1, before.shape[2]).T @ after.reshape(-1, after.shape[2])
    return product
