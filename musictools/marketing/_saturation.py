"""saturate(): the tenth thousand brings less than the first, by six families of curves.

Each gives its value, its slope along spend, and its slopes along parameters on an unbounded scale.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from musictools.errors import InputError, closest
from musictools.marketing._adstock import Array, Parameter, as_numbers, natural_values

#: Value, slope along x, slopes along natural parameters; from x and natural parameters.
_Curve = Callable[[Array, tuple[Array, ...]], tuple[Array, Array, tuple[Array, ...]]]

_LEAST = 1e-9  # slopes of some curves are infinite at nothing
_STEEPEST = 700.0  # beyond it an exponential overflows


@dataclass(frozen=True)
class Saturation:
    """One family of saturation."""

    parameters: tuple[Parameter, ...]
    curve: _Curve


def _hill(x: Array, given: tuple[Array, ...]) -> tuple[Array, Array, tuple[Array, ...]]:
    half, slope = given
    # Hill is the logistic function of slope * log(x / half). NumPy takes several exponentials at
    # once, SciPy's expit one after the other.
    log = np.log(x) - np.log(half)
    value = 1 / (1 + np.exp(np.minimum(-slope * log, _STEEPEST)))
    turn = value * (1 - value)
    steep = turn * slope
    return value, steep / x, (-steep / half, turn * log)


def _logistic(x: Array, given: tuple[Array, ...]) -> tuple[Array, Array, tuple[Array, ...]]:
    (rate,) = given
    value = np.tanh(rate * x / 2)
    turn = (1 - value**2) / 2
    return value, turn * rate, (turn * x,)


def _michaelis_menten(x: Array, given: tuple[Array, ...]) -> tuple[Array, Array, tuple[Array, ...]]:
    (half,) = given
    below = half + x
    return x / below, half / below**2, (-x / below**2,)


def _tanh(x: Array, given: tuple[Array, ...]) -> tuple[Array, Array, tuple[Array, ...]]:
    (scale,) = given
    value = np.tanh(x / scale)
    turn = (1 - value**2) / scale
    return value, turn, (-turn * x / scale,)


def _root(x: Array, given: tuple[Array, ...]) -> tuple[Array, Array, tuple[Array, ...]]:
    (exponent,) = given
    value = x**exponent
    return value, exponent * value / x, (value * np.log(x),)


def _log(x: Array, given: tuple[Array, ...]) -> tuple[Array, Array, tuple[Array, ...]]:
    (scale,) = given
    return np.log1p(x / scale), 1 / (scale + x), (-x / (scale * (scale + x)),)


_HALF = Parameter("half", "log", 0.0, 0.7)
#: Name to curve. Spend is in units of the mean week in which the channel was on.
CURVES: Mapping[str, Saturation] = {
    "hill": Saturation((_HALF, Parameter("slope", "log", 0.0, 0.4)), _hill),
    "logistic": Saturation((Parameter("rate", "log", 0.7, 0.7),), _logistic),
    "michaelis_menten": Saturation((_HALF,), _michaelis_menten),
    "tanh": Saturation((Parameter("scale", "log", 0.4, 0.7),), _tanh),
    "root": Saturation((Parameter("exponent", "logit", 0.0, 1.0),), _root),
    "log": Saturation((Parameter("scale", "log", 0.0, 0.7),), _log),
}


def curve(kind: str, x: Array, free: Array) -> tuple[Array, Array, list[Array]]:
    """Value, slope along `x`, and slopes along parameters on the unbounded scale.

    Parameters
    ----------
    kind : str
        Key of :data:`CURVES`.
    x : numpy.ndarray
        Not negative.
    free : numpy.ndarray
        (parameters, ...), each of a shape that broadcasts with `x`.

    Returns
    -------
    value, along : numpy.ndarray
        Shape of `x`.
    slopes : list of numpy.ndarray
        One for each parameter.
    """
    family = CURVES[kind]
    given = tuple(p.natural(f) for p, f in zip(family.parameters, free, strict=True))
    value, along, slopes = family.curve(np.maximum(x, _LEAST), given)
    return (
        value,
        along,
        [each * p.slope(v) for p, v, each in zip(family.parameters, given, slopes, strict=True)],
    )


def saturate(x: Any, kind: str = "hill", parameters: Mapping[str, Any] | None = None) -> Array:
    """Let the effect of ever more spend level off.

    Parameters
    ----------
    x : array_like
        Spend after adstock, not negative, of any shape such as (draws, weeks, channels).
    kind : {"hill", "logistic", "michaelis_menten", "tanh", "root", "log"}
        Family of the curve.
    parameters : mapping, optional
        Name to value, a number or an array that broadcasts with `x`: ``half`` (spend at half of the
        greatest effect; of hill, which also has ``slope``, and michaelis_menten), ``rate`` (of
        logistic), ``scale`` (of tanh and log), ``exponent`` (of root, between 0 and 1). What is not
        named has the median of the prior of :class:`MediaMix`.

    Returns
    -------
    numpy.ndarray
        Between 0 and 1 for the first four; root and log have no ceiling.

    Raises
    ------
    InputError
        If there is no such curve or parameter, or a value is out of its range.

    Notes
    -----
    hill x^slope / (x^slope + half^slope); logistic (1 - e^(-rate x)) / (1 + e^(-rate x));
    michaelis_menten x / (half + x); tanh tanh(x / scale); root x^exponent; log ln(1 + x / scale).

    Examples
    --------
    >>> from musictools.marketing import saturate
    >>> saturate([0.0, 2.0, 6.0], "michaelis_menten", {"half": 2.0}).tolist()
    [0.0, 0.5, 0.75]
    """
    what = "apply saturation"
    if kind not in CURVES:
        raise InputError(what, got=repr(kind), expected="a curve", hint=closest(kind, CURVES))
    values = as_numbers(x, what)
    if (values < 0).any():
        raise InputError(
            what, got="a negative value", expected="0 or more", hint="frame.clip(lower=0)"
        )
    given = natural_values(CURVES[kind].parameters, parameters, what)
    value = CURVES[kind].curve(np.maximum(values, _LEAST), given)[0]
    nothing: Array = np.where(values > 0, value, 0.0)
    return nothing
