"""sample_size(): how many people must see each creative."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from musictools._checks import check_number
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError

__all__ = ["SampleSize", "sample_size"]

_WHAT = "work out a sample size"
#: More people than there are.
_MOST = 1e10


@dataclass(frozen=True, kw_only=True, repr=False)
class SampleSize(Result):
    """How many people a comparison of creatives needs.

    Attributes
    ----------
    metric : str
        ``rate`` or ``mean``.
    base, other : float
        Rate or mean of the first creative, and the one that should be told from it.
    lift : float
        Relative difference of the two.
    per_arm : int
        People for the first creative.
    per_other : int
        People for each of the others.
    total : int
        People in all.
    days : float
        How long that takes, NaN without ``per_day``.
    target : float
        Power.
    level : float
        Confidence, per cent, of all comparisons together.
    arms : int
        Creatives.
    sd : float
        Standard deviation of one person, NaN of a rate.
    verdict : str
        The same in words.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "sample_size"

    metric: str
    base: float
    other: float
    lift: float
    per_arm: int
    per_other: int
    total: int
    days: float
    target: float
    level: float
    arms: int
    sd: float
    verdict: str

    def power_at(self, per_arm: float) -> float:
        """Power with another number of people.

        Parameters
        ----------
        per_arm : float
            People for the first creative, 2 or more.

        Returns
        -------
        float
            From 0 to 1.
        """
        count = check_number(_WHAT, "per_arm", per_arm, (2.0, _MOST))
        ratio = self.per_other / self.per_arm
        alpha = _alpha(self.level, self.arms)
        if self.metric == "rate":
            return _power_of_rates(self.base, self.other, count, (ratio, alpha))
        return _power_of_means((self.other - self.base) / self.sd, count, (ratio, alpha))


def sample_size(
    base: float,
    lift: float,
    *,
    sd: float | None = None,
    target: float = 0.8,
    level: float = 95,
    arms: int = 2,
    ratio: float = 1.0,
    per_day: float | None = None,
) -> SampleSize:
    """Work out how many people must see each creative to tell them apart.

    Parameters
    ----------
    base : float
        Rate of the present creative (clicks, saves, pre-saves a person), between 0 and 1; or the
        mean of a person where `sd` is given (streams, seconds).
    lift : float
        Relative difference that must not be missed, such as 0.1 for 10 %; below 0 for a loss.
    sd : float, optional
        Standard deviation of one person, which makes `base` a mean.
    target : float
        Power, 0.05 to 0.999.
    level : float
        Confidence, per cent, 50 to 99.99; two-sided.
    arms : int
        Creatives, the first included; each other is compared with it, and the level holds for all
        comparisons (Bonferroni).
    ratio : float
        People of each other creative for one of the first, 0.01 to 100.
    per_day : float, optional
        People who can be reached in a day by all creatives together.

    Returns
    -------
    SampleSize
        People per arm, in all, and days.

    Raises
    ------
    InputError
        If an argument is out of range, or the rate would leave 0 to 1.

    Notes
    -----
    Rates: z test of two proportions, pooled variance under the null, n = (z_a sqrt((1 + 1/r) p q) +
    z_b sqrt(p1 q1 + p2 q2 / r))^2 / (p1 - p2)^2 with p the pooled rate (Fleiss, Levin and Paik,
    Statistical methods for rates and proportions, 2003). Means: t test, power by the noncentral t
    distribution. Both count people, each once; impressions of one person are not independent.

    Examples
    --------
    >>> import musictools as mt
    >>> found = mt.marketing.sample_size(0.02, 0.25, per_day=2_000)
    >>> found.per_arm, found.total, round(found.days)
    (13809, 27618, 14)
    """
    _check(base, lift, sd)
    check_number(_WHAT, "target", target, (0.05, 0.999))
    check_number(_WHAT, "level", level, (50.0, 99.99))
    count = int(check_number(_WHAT, "arms", arms, (2, 100)))
    share = check_number(_WHAT, "ratio", ratio, (0.01, 100.0))
    daily = math.nan if per_day is None else check_number(_WHAT, "per_day", per_day, (1e-9, _MOST))
    other, alpha = base * (1.0 + lift), _alpha(level, count)
    if sd is None:
        people = _rates(base, other, target, (share, alpha))
    else:
        people = _means((other - base) / sd, target, (share, alpha))
    first = max(2, math.ceil(people - 1e-9))
    rest = max(2, math.ceil(share * people - 1e-9))
    total = first + (count - 1) * rest
    return SampleSize(
        metric="rate" if sd is None else "mean",
        base=float(base),
        other=float(other),
        lift=float(lift),
        per_arm=first,
        per_other=rest,
        total=total,
        days=total / daily,
        target=float(target),
        level=float(level),
        arms=count,
        sd=math.nan if sd is None else float(sd),
        verdict=_words(lift, (first, rest, total), total / daily, target),
        provenance={"musictools": __version__, "function": "sample_size", "ratio": share,
                    "per_day": per_day},
    )  # fmt: skip


def _check(base: object, lift: object, sd: object) -> None:
    change = check_number(_WHAT, "lift", lift, (-1.0, 1e6))
    if sd is None:
        rate = check_number(_WHAT, "base", base, (0.0, 1.0))
        wrong = not 0.0 < rate < 1.0 or not 0.0 <= rate * (1.0 + change) <= 1.0
        expected, hint = "rates between 0 and 1, with the lift too", "sd= if base is a mean"
    else:
        mean = check_number(_WHAT, "base", base, (-1e15, 1e15))
        wrong = mean == 0 or check_number(_WHAT, "sd", sd, (0.0, 1e15)) == 0
        expected, hint = "a mean and a standard deviation that are not 0", "base=3.2, sd=5.0"
    if change == 0 or wrong:
        raise InputError(
            _WHAT,
            got=f"base={base!r}, lift={lift!r}, sd={sd!r}",
            expected=expected if change else "a lift that is not 0",
            hint=hint if change else "lift=0.1",
        )


def _alpha(level: float, arms: int) -> float:
    return (1.0 - level / 100.0) / (arms - 1)


def _spreads(base: float, other: float, ratio: float) -> tuple[float, float]:
    """Give standard deviations of the difference for one person an arm: without effect, with."""
    pooled = (base + ratio * other) / (1.0 + ratio)
    return (
        math.sqrt(pooled * (1.0 - pooled) * (1.0 + 1.0 / ratio)),
        math.sqrt(base * (1.0 - base) + other * (1.0 - other) / ratio),
    )


def _rates(base: float, other: float, target: float, how: tuple[float, float]) -> float:
    from scipy.stats import norm

    null, here = _spreads(base, other, how[0])
    reach = norm.isf(how[1] / 2.0) * null + norm.ppf(target) * here
    return float((reach / (base - other)) ** 2)


def _power_of_rates(base: float, other: float, count: float, how: tuple[float, float]) -> float:
    from scipy.stats import norm

    null, here = _spreads(base, other, how[0])
    reach = abs(base - other) * math.sqrt(count) - norm.isf(how[1] / 2.0) * null
    return float(norm.cdf(reach / here))


def _means(effect: float, target: float, how: tuple[float, float]) -> float:
    from scipy.optimize import brentq

    low, high = max(2.0, 2.0 / how[0]), 4.0
    if _power_of_means(effect, low, how) >= target:
        return low
    while _power_of_means(effect, max(high, low), how) < target:
        high *= 2.0
        if high > _MOST:
            raise InputError(
                _WHAT,
                got=f"a difference of {effect:.2g} standard deviations",
                expected=f"one that {_MOST:.0e} people can show",
                hint="a larger lift",
            )
    return float(brentq(lambda n: _power_of_means(effect, n, how) - target, low, high, xtol=1e-6))


def _power_of_means(effect: float, count: float, how: tuple[float, float]) -> float:
    from scipy.stats import nct, norm
    from scipy.stats import t as student

    other = how[0] * count
    free = count + other - 2.0
    shift = abs(effect) * math.sqrt(count * other / (count + other))
    critical = student.isf(how[1] / 2.0, free)
    if free > 1e5:
        return float(norm.sf(critical - shift) + norm.cdf(-critical - shift))
    both = nct.sf(critical, free, shift) + nct.cdf(-critical, free, shift)
    return float(np.clip(both, 0.0, 1.0))


def _words(lift: float, counts: tuple[int, int, int], days: float, target: float) -> str:
    first, rest, total = counts
    each = (
        f"{first:,} people for each creative"
        if first == rest
        else (f"{first:,} people for the first creative and {rest:,} for each other")
    )
    said = f"{each}, {total:,} in all, find a difference of {lift:+.1%} in {target:.0%} of cases."
    if not math.isnan(days):
        said += f" That takes {math.ceil(days):,} days."
    return said
