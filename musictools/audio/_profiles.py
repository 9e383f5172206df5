"""Published key profiles: how much each pitch class above the tonic belongs to a key."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """How much each pitch class above the tonic belongs, in major and in minor.

    Attributes
    ----------
    major, minor : tuple of float
        Twelve numbers each; only their shape counts.
    source : str
        Where they were published.
    """

    major: tuple[float, ...]
    minor: tuple[float, ...]
    source: str


PROFILES = {
    # Shares of the notes of 490 major and 233 minor pieces.
    "albrecht": Profile(
        (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
        (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
        "J. Albrecht, D. Shanahan, Music Perception 31(1), 2013",
    ),
    # How well listeners found that a tone fitted a context.
    "krumhansl": Profile(
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
        "C. Krumhansl, E. Kessler, Psychological Review 89(4), 1982",
    ),
    # The same, revised by reasoning about what went wrong.
    "temperley": Profile(
        (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0),
        (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0),
        "D. Temperley, What's key for key?, Music Perception 17(1), 1999",
    ),
    # Medians over electronic dance music.
    "edma": Profile(
        (1.00, 0.29, 0.50, 0.40, 0.60, 0.56, 0.32, 0.80, 0.31, 0.45, 0.42, 0.39),
        (1.00, 0.31, 0.44, 0.58, 0.33, 0.49, 0.29, 0.78, 0.43, 0.29, 0.53, 0.32),
        "A. Faraldo et al., Key estimation in electronic dance music, ECIR 2016",
    ),
}
#: The major scale, and the harmonic minor one.
DIATONIC = (
    np.array([1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1.0]),
    np.array([1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1.0]),
)


def profile_fits(chroma: Floats, name: str) -> Floats:
    """Correlations of a chroma, C first, with the profiles of all keys in the order of ``KEYS``."""
    profile = PROFILES[name]
    sides = (np.array(side) for side in (profile.major, profile.minor))
    return np.concatenate([turned_fits(chroma, side) for side in sides])


def best_fit(chroma: Floats, name: str) -> tuple[int, float]:
    """Give the key that fits a chroma best, as its number in ``KEYS``, and the correlation."""
    fits = profile_fits(chroma, name)
    best = int(fits.argmax())
    return best, float(fits[best])


def turned_fits(chroma: Floats, profile: Floats) -> Floats:
    """Correlation of a chroma with a profile of twelve numbers, at every turn of the chroma.

    Parameters
    ----------
    chroma : array of shape (bins,)
        A multiple of twelve bins; the profile is interpolated between the notes.
    profile : array of shape (12,)
        From the tonic up.

    Returns
    -------
    numpy.ndarray of shape (bins,)
        -1 to 1, by the bin of the tonic; zeros for a flat chroma.
    """
    bins = len(chroma)
    fine = np.interp(np.arange(bins) * 12 / bins, np.arange(13), np.append(profile, profile[0]))
    away, shape = chroma - chroma.mean(), fine - fine.mean()
    size = np.sqrt((away @ away) * (shape @ shape))
    if size <= 1e-12 * np.abs(chroma).max():
        return np.zeros(bins)
    turns = (np.arange(bins)[:, None] + np.arange(bins)) % bins
    fits: Floats = np.clip(away[turns] @ shape / size, -1, 1)
    return fits
