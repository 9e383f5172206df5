"""inverted_u(): does the middle do best? Two tests, and a verdict only where both agree."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from musictools._card import Table
from musictools._checks import check_number
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

_WHAT = "ask for an inverted U"
_FEWEST = 60
_BINS = 12


@dataclass(frozen=True, kw_only=True, repr=False)
class InvertedU(Result):
    """Whether an outcome rises and then falls.

    Attributes
    ----------
    verdict : str
        ``inverted_u``, ``u``, ``rises``, ``falls`` or ``none``.
    slope_low, slope_high : float
        Slope of the quadratic at the 2nd and at the 98th percentile of x.
    p_value : float
        Of no inverted U: the larger of the one-sided p-values of both slopes (Lind and Mehlum).
    peak, peak_lo, peak_hi : float
        Where the quadratic turns, with Fieller's interval; infinite where it has no end.
    line_low, line_high : float
        Slopes of two lines that meet where a smooth curve turns.
    p_lines : float
        The larger of their one-sided p-values (after Simonsohn).
    bins : pandas.DataFrame
        Twelve bins of as many rows: ``x, y, lo, hi`` (90 % of the mean) and ``curve``.
    songs, groups : int
        Rows, and groups for which the errors are clustered.
    level : float
        Level of the interval.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "inverted_u"
    _called: ClassVar[str] = "Inverted U"

    verdict: str
    slope_low: float
    slope_high: float
    p_value: float
    peak: float
    peak_lo: float
    peak_hi: float
    line_low: float
    line_high: float
    p_lines: float
    bins: "pd.DataFrame" = field(repr=False)
    songs: int
    groups: int
    level: float

    def words(self) -> str:
        """Say what was found.

        Returns
        -------
        str
            A sentence or two.
        """
        found = {
            "inverted_u": f"The middle does best: the outcome rises to {self.peak:.2g} and falls "
            "beyond, by the quadratic and by two lines.",
            "u": "The middle does worst: both ends do better, by the quadratic and by two lines.",
            "rises": "More is better throughout; there is no peak in the middle.",
            "falls": "Less is better throughout; there is no peak in the middle.",
            "none": "No inverted U can be told from none.",
        }
        tests = f"p = {self.p_value:.2g} (Lind and Mehlum), {self.p_lines:.2g} (two lines)"
        return f"{found[self.verdict]} {tests}, {self.songs} songs of {self.groups} groups."

    def _tables(self) -> Iterable[Table]:
        return [("Bins of as many songs", self.bins)]


def inverted_u(x: Any, y: Any, *, groups: Any = None, level: float = 0.9) -> InvertedU:
    """Ask whether y rises with x and then falls.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Such as typicality, and 1 for a hit and 0 for none, or any number where more is better.
    groups : array_like, shape (n,), optional
        Such as artists; errors of one group may go together.
    level : float, default 0.9
        Level of the interval of the peak.

    Returns
    -------
    InvertedU
        Verdict at 5 %, slopes, and the peak.

    Raises
    ------
    InputError
        If there are fewer than 60 rows, lengths differ, or values are missing or constant.

    Notes
    -----
    A quadratic term that differs from 0 proves nothing: curves that rise ever more slowly have one
    too. Lind and Mehlum ask for a positive slope at one end and a negative one at the other;
    Simonsohn shows that even that is fooled by curves that level off, and asks for two lines of
    opposite slope. Both are required here. The break between the lines is put in the middle of the
    stretch within which a cubic is within a standard error of its best, so that the flat top does
    not favour a side. Errors are clustered and robust (CR1).

    References
    ----------
    J. T. Lind, H. Mehlum (2010): With or without U? Oxford Bulletin of Economics and Statistics 72.
    U. Simonsohn (2018): Two lines. Advances in Methods and Practices in Psychological Science 1.

    Examples
    --------
    >>> import numpy as np, musictools as mt
    >>> x = np.linspace(0, 1, 200)
    >>> noise = np.random.default_rng(0).normal(0, 0.1, 200)
    >>> mt.trends.inverted_u(x, -((x - 0.5) ** 2) * 4 + noise).verdict
    'inverted_u'
    """
    level = check_number(_WHAT, "level", level, (0.01, 0.999))
    x, y, place = _checked(x, y, groups)
    centre, spread = float(x.mean()), float(x.std())
    z = (x - centre) / spread
    low, high = np.quantile(z, [0.02, 0.98])
    beta, cov = _clustered(np.column_stack([np.ones_like(z), z, z**2]), y, place)
    ends = [_slope(beta, cov, at) for at in (low, high)]
    free = len(np.unique(place)) - 1
    up, down = _one_sided(*ends[0], free), _one_sided(*ends[1], free)
    lines = _two_lines(z, y, place)
    line_up, line_down = _one_sided(*lines[0], free), _one_sided(*lines[1], free)
    peak, peak_lo, peak_hi = _fieller(beta, cov, level, free)
    alpha = 0.05
    verdict = "none"
    if max(up, 1 - down) <= alpha and max(line_up, 1 - line_down) <= alpha:
        verdict = "inverted_u"
    elif max(1 - up, down) <= alpha and max(1 - line_up, line_down) <= alpha:
        verdict = "u"
    else:
        trend, error = _clustered(np.column_stack([np.ones_like(z), z]), y, place)
        p = _one_sided(float(trend[1]), float(np.sqrt(error[1, 1])), free)
        verdict = "rises" if p <= alpha / 2 else "falls" if 1 - p <= alpha / 2 else "none"
    return InvertedU(
        verdict=verdict,
        slope_low=ends[0][0] / spread,
        slope_high=ends[1][0] / spread,
        p_value=max(up, 1 - down),
        peak=centre + spread * peak,
        peak_lo=centre + spread * peak_lo,
        peak_hi=centre + spread * peak_hi,
        line_low=lines[0][0] / spread,
        line_high=lines[1][0] / spread,
        p_lines=max(line_up, 1 - line_down),
        bins=_binned(x, y, beta, (centre, spread)),
        songs=len(x),
        groups=free + 1,
        level=level,
        provenance={"musictools": __version__, "function": "trends.inverted_u"},
    )


def _binned(x: Floats, y: Floats, beta: Floats, scale: tuple[float, float]) -> "pd.DataFrame":
    import pandas as pd

    rows = []
    for part in np.array_split(np.argsort(x, kind="stable"), _BINS):
        at, value = float(x[part].mean()), float(y[part].mean())
        error = 1.645 * float(y[part].std(ddof=1)) / len(part) ** 0.5
        z = (at - scale[0]) / scale[1]
        rows.append((at, value, value - error, value + error, float(beta @ [1, z, z * z])))
    return pd.DataFrame(rows, columns=["x", "y", "lo", "hi", "curve"])


def _checked(x: Any, y: Any, groups: Any) -> tuple[Floats, Floats, npt.NDArray[np.int_]]:
    try:
        left, right = np.asarray(x, dtype=float).ravel(), np.asarray(y, dtype=float).ravel()
    except (TypeError, ValueError) as error:
        hint = "pandas.to_numeric(...) makes numbers of words"
        raise InputError(_WHAT, got="no numbers", expected="numbers", hint=hint) from error
    names = np.arange(len(left)).astype(str) if groups is None else np.asarray(groups).astype(str)
    sizes = {len(left), len(right), len(names)}
    finite = len(sizes) == 1 and bool(np.isfinite(left).all() and np.isfinite(right).all())
    if not finite or len(left) < _FEWEST or np.ptp(left) == 0 or np.ptp(right) == 0:
        raise InputError(
            _WHAT,
            got=f"{len(left)} values of x, {len(right)} of y, {len(names)} groups"
            + ("" if finite or len(sizes) > 1 else ", some of them missing"),
            expected=f"as many of each, {_FEWEST} at least, that vary and are there",
            hint="frame.dropna(subset=[...]) first",
        )
    place = np.unique(names, return_inverse=True)[1]
    if place.max() < 9:
        raise InputError(
            _WHAT,
            got=f"{place.max() + 1} groups",
            expected="10 or more, for errors that are clustered",
            hint="leave groups out",
        )
    return left, right, place


def _clustered(x: Floats, y: Floats, place: npt.NDArray[np.int_]) -> tuple[Floats, Floats]:
    """Least squares, with a covariance that allows for groups."""
    bread = np.linalg.pinv(x.T @ x)
    beta: Floats = bread @ (x.T @ y)
    score = x * (y - x @ beta)[:, None]
    summed = np.zeros((int(place.max()) + 1, x.shape[1]))
    np.add.at(summed, place, score)
    groups, n, k = len(summed), *x.shape
    scale = groups / (groups - 1) * (n - 1) / (n - k)
    return beta, scale * bread @ (summed.T @ summed) @ bread


def _slope(beta: Floats, cov: Floats, at: float) -> tuple[float, float]:
    weight = np.array([0.0, 1.0, 2.0 * at])
    return float(weight @ beta), float(np.sqrt(weight @ cov @ weight))


def _one_sided(value: float, error: float, free: int) -> float:
    """Chance of so large a value if the truth is 0 or less."""
    from scipy.stats import t

    return float(t.sf(value / error, free)) if error > 0 else float(value <= 0)


def _two_lines(z: Floats, y: Floats, place: npt.NDArray[np.int_]) -> list[tuple[float, float]]:
    cubic = np.column_stack([z**k for k in range(4)])
    beta, cov = _clustered(cubic, y, place)
    inner = np.linspace(np.quantile(z, 0.1), np.quantile(z, 0.9), 101)
    rows = np.column_stack([inner**k for k in range(4)])
    curve = rows @ beta
    # A dip is broken at its bottom, a bulge at its top.
    if (curve[0] + curve[-1]) / 2 > curve[50]:
        curve = -curve
    top = int(curve.argmax())
    far = rows - rows[top]
    error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", far, cov, far), 0.0))
    cut = float(np.median(inner[curve >= curve[top] - error]))
    after = (z >= cut).astype(float)
    x = np.column_stack([np.ones_like(z), (z - cut) * (1 - after), (z - cut) * after, after])
    beta, cov = _clustered(x, y, place)
    return [(float(beta[k]), float(np.sqrt(max(cov[k, k], 0.0)))) for k in (1, 2)]


def _fieller(beta: Floats, cov: Floats, level: float, free: int) -> tuple[float, float, float]:
    """Where the quadratic turns: a quotient of two uncertain numbers."""
    from scipy.stats import t

    b, c = float(beta[1]), 2 * float(beta[2])
    peak = -b / c if c else float("inf")
    vb, vc, vbc = float(cov[1, 1]), 4 * float(cov[2, 2]), 2 * float(cov[1, 2])
    q = float(t.ppf(0.5 + level / 2, free)) ** 2
    # All m for which b + c m is no further from 0 than its error allows.
    two, one, none = c * c - q * vc, 2 * (b * c - q * vbc), b * b - q * vb
    root = one * one - 4 * two * none
    if two <= 0 or root < 0:
        return peak, -np.inf, np.inf
    ends = sorted(((-one - root**0.5) / (2 * two), (-one + root**0.5) / (2 * two)))
    return peak, ends[0], ends[1]
