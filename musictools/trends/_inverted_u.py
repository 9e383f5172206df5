"""inverted_u(): does the middle do best? Two tests, and a verdict only where both agree."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from musictools._card import Table
from musictools._checks import check_number
from musictools._counts import counted
from musictools._figures import chance
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
        ``inverted_u``, ``u``, ``rises``, ``falls`` or ``none``: as the intervals of the slopes say.
    slope_low, slope_high : float
        Slope of the quadratic at the 2nd and at the 98th percentile of x.
    slope_low_lo, slope_low_hi, slope_high_lo, slope_high_hi : float
        Their intervals.
    p_value : float
        Of no inverted U: the larger of the one-sided p-values of both slopes (Lind and Mehlum).
    peak, peak_lo, peak_hi : float
        Where the quadratic turns, with Fieller's interval; infinite where it has no end.
    line_low, line_high : float
        Slopes of two lines, before and after the place where a smooth curve turns.
    line_low_lo, line_low_hi, line_high_lo, line_high_hi : float
        Their intervals.
    p_lines : float
        The larger of their one-sided p-values (after Simonsohn).
    bins : pandas.DataFrame
        Twelve bins of as many rows: ``x, y, lo, hi`` (90 % of the mean, clustered) and ``curve``.
    songs, groups : int
        Rows, and groups for which the errors are clustered.
    level : float
        Level of the intervals.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "inverted_u"
    _called: ClassVar[str] = "Inverted U"

    verdict: str
    slope_low: float
    slope_low_lo: float
    slope_low_hi: float
    slope_high: float
    slope_high_lo: float
    slope_high_hi: float
    p_value: float
    peak: float
    peak_lo: float
    peak_hi: float
    line_low: float
    line_low_lo: float
    line_low_hi: float
    line_high: float
    line_high_lo: float
    line_high_hi: float
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
            "rises": "More is better on the whole; a peak in the middle is not shown.",
            "falls": "Less is better on the whole; a peak in the middle is not shown.",
            "none": "No inverted U can be told from none.",
        }
        lines = (
            f"Two lines have slopes of {self.line_low:+.2g} [{self.line_low_lo:+.2g}, "
            f"{self.line_low_hi:+.2g}] and {self.line_high:+.2g} [{self.line_high_lo:+.2g}, "
            f"{self.line_high_hi:+.2g}]"
        )
        tests = f"{chance(self.p_value)} (Lind and Mehlum), {chance(self.p_lines)} (two lines)"
        size = f"{counted(self.songs, 'song')} of {counted(self.groups, 'group')}"
        return f"{found[self.verdict]} {lines}; {tests}, {size}."

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
        Level of all intervals. An inverted U is one where those of the first slopes lie above 0 and
        those of the last below, so that 0.9 is a test at 5 % on either side.

    Returns
    -------
    InvertedU
        Verdict, slopes with their intervals, and the peak.

    Raises
    ------
    InputError
        If there are fewer than 60 rows, lengths differ, or values are missing or constant.

    Notes
    -----
    A quadratic term that differs from 0 proves nothing: curves that rise ever more slowly have one
    too. Lind and Mehlum ask for a positive slope at one end and a negative one at the other;
    Simonsohn shows that even that is fooled by curves that level off, and asks for two lines of
    opposite slope. Both are required here. ``rises`` and ``falls`` need a straight line whose
    interval leaves out 0, and none of the four slopes surely against it. The break between the
    lines is put in the middle of the stretch within which a cubic is within a standard error of its
    best, so that the flat top does not favour a side. Errors are clustered and robust (CR1).

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
    free = len(np.unique(place)) - 1
    ends = [_Slope(*_slope(beta, cov, at), free, level) for at in (low, high)]
    lines = [_Slope(*each, free, level) for each in _two_lines(z, y, place)]
    trend, error = _clustered(np.column_stack([np.ones_like(z), z]), y, place)
    whole = _Slope(float(trend[1]), float(np.sqrt(error[1, 1])), free, level)
    peak, peak_lo, peak_hi = _fieller(beta, cov, level, free)
    return InvertedU(
        verdict=_verdict(ends, lines, whole),
        **ends[0].told("slope_low", spread),
        **ends[1].told("slope_high", spread),
        p_value=max(ends[0].p_rises, ends[1].p_falls),
        peak=centre + spread * peak,
        peak_lo=centre + spread * peak_lo,
        peak_hi=centre + spread * peak_hi,
        **lines[0].told("line_low", spread),
        **lines[1].told("line_high", spread),
        p_lines=max(lines[0].p_rises, lines[1].p_falls),
        bins=_binned(x, y, beta, place, (centre, spread)),
        songs=len(x),
        groups=free + 1,
        level=level,
        provenance={"musictools": __version__, "function": "trends.inverted_u"},
    )


@dataclass(frozen=True)
class _Slope:
    """A slope for standard x, its error, and degrees of freedom."""

    value: float
    error: float
    free: int
    level: float

    @property
    def reach(self) -> float:
        from scipy.stats import t

        return float(t.ppf(0.5 + self.level / 2, self.free)) * self.error

    @property
    def sign(self) -> int:
        """1 or -1 where the interval leaves out 0."""
        return int(self.value > self.reach) - int(self.value < -self.reach)

    @property
    def p_rises(self) -> float:
        """Chance of so steep a rise where there is none."""
        return _one_sided(self.value, self.error, self.free)

    @property
    def p_falls(self) -> float:
        return _one_sided(-self.value, self.error, self.free)

    def told(self, name: str, spread: float) -> dict[str, float]:
        """Give the slope and its interval in units of x."""
        ends = {"": 0.0, "_lo": -self.reach, "_hi": self.reach}
        return {name + end: (self.value + by) / spread for end, by in ends.items()}


def _verdict(ends: list[_Slope], lines: list[_Slope], whole: _Slope) -> str:
    signs = [each.sign for each in (*ends, *lines)]
    for way, name in ((1, "inverted_u"), (-1, "u")):
        if signs == [way, -way, way, -way]:
            return name
    for way, name in ((1, "rises"), (-1, "falls")):
        if whole.sign == way and -way not in signs:
            return name
    return "none"


def _binned(
    x: Floats,
    y: Floats,
    beta: Floats,
    place: npt.NDArray[np.int_],
    scale: tuple[float, float],
) -> "pd.DataFrame":
    import pandas as pd

    rows = []
    for part in np.array_split(np.argsort(x, kind="stable"), _BINS):
        at, value = float(x[part].mean()), float(y[part].mean())
        inside = np.unique(place[part], return_inverse=True)[1]
        # Songs of one group only tell nothing of others.
        error = np.nan
        if inside.max():
            error = (
                1.645 * float(_clustered(np.ones((len(part), 1)), y[part], inside)[1][0, 0]) ** 0.5
            )
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
    counts = np.bincount(place)
    # As many groups of one size would tell as much; below three, errors come out too small.
    if len(counts) < 10 or counts.sum() ** 2 < 3 * (counts**2).sum():
        raise InputError(
            _WHAT,
            got=f"{len(counts)} groups, the largest with {counts.max()} of {counts.sum()} songs",
            expected="10 or more, none with most of the songs, for errors that are clustered",
            hint="leave groups out, or that group",
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
