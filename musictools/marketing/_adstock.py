"""adstock(): how advertising of one week still works in the weeks after it.

Every kernel is known by the logarithm of its weights, and by the slope of that logarithm along
parameters on an unbounded scale: the same numbers serve readers, transformers and the sampler.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from musictools.errors import InputError, closest

Array = np.ndarray[Any, Any]
#: log-weights and their slopes, both (lags, ...), from natural parameters.
_Logs = Callable[[Array, tuple[Array, ...]], tuple[Array, tuple[Array, ...]]]

_NEVER = -80.0  # the logarithm of a weight that is none


@dataclass(frozen=True)
class Parameter:
    """One parameter of a curve: its name, its scale, and what is likely before any data.

    Attributes
    ----------
    name : str
        As in formulas.
    scale : str
        ``"log"`` (above 0) or ``"logit"`` (between 0 and 1).
    centre, spread : float
        Mean and standard deviation of the normal prior on that scale.
    """

    name: str
    scale: str
    centre: float
    spread: float

    def natural(self, free: Array) -> Array:
        """From the unbounded scale to the parameter itself."""
        # Beyond these a curve no longer changes, and arithmetic would overflow.
        kept = np.minimum(np.maximum(free, -20.0), 20.0)
        value: Array = np.exp(kept) if self.scale == "log" else 1 / (1 + np.exp(-kept))
        return value

    def slope(self, value: Array) -> Array:
        """Slope of the parameter along its unbounded scale."""
        return value if self.scale == "log" else value * (1 - value)

    def holds(self, value: Array) -> bool:
        """Whether all values are possible."""
        within = np.isfinite(value) & (value > 0)
        return bool((within if self.scale == "log" else within & (value < 1)).all())

    @property
    def usual(self) -> float:
        """The median of the prior."""
        return float(self.natural(np.asarray(self.centre)))


@dataclass(frozen=True)
class Kernel:
    """One family of carry-over."""

    parameters: tuple[Parameter, ...]
    logs: _Logs


def _geometric(lag: Array, given: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
    (theta,) = given
    return lag * np.log(theta), (lag / theta,)


def _delayed(lag: Array, given: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
    theta, delay = given
    off = lag - delay
    return off**2 * np.log(theta), (off**2 / theta, -2 * off * np.log(theta))


def _weibull_pdf(lag: Array, given: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
    shape, scale = given
    log = np.log((lag + 1) / scale)
    power = np.exp(np.minimum(shape * log, -_NEVER))
    by_shape = log - power * log
    by_scale = (shape * power - (shape - 1)) / scale
    return (shape - 1) * log - power, (by_shape, by_scale)


def _weibull_cdf(lag: Array, given: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
    # What is kept from week to week is 1 - cdf, so weights are products of these.
    shape, scale = given
    log = np.log(np.maximum(lag, 1) / scale)
    power = np.where(lag > 0, np.exp(np.minimum(shape * log, -_NEVER)), 0.0)
    total = np.cumsum(power, axis=0)
    return -total, (-np.cumsum(power * log, axis=0), shape / scale * total)


def _binomial(lag: Array, given: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
    (alpha,) = given
    log = np.log1p(-lag / len(lag))
    return (1 / alpha - 1) * log, (-log / alpha**2,)


def _power_law(lag: Array, given: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
    (alpha,) = given
    log = np.log1p(lag)
    return -alpha * log, (-log + 0 * alpha,)


_THETA = Parameter("theta", "logit", -0.5, 1.25)
#: Name to kernel. Priors are wide: 90 % of theta between .07 and .83.
KERNELS: Mapping[str, Kernel] = {
    "geometric": Kernel((_THETA,), _geometric),
    "delayed": Kernel((_THETA, Parameter("delay", "log", 0.0, 1.0)), _delayed),
    "weibull_pdf": Kernel(
        (Parameter("shape", "log", 0.3, 0.5), Parameter("scale", "log", 0.7, 0.7)), _weibull_pdf
    ),
    "weibull_cdf": Kernel(
        (Parameter("shape", "log", 0.0, 0.5), Parameter("scale", "log", 0.7, 0.7)), _weibull_cdf
    ),
    "binomial": Kernel((Parameter("alpha", "logit", -1.5, 1.0),), _binomial),
    "power_law": Kernel((Parameter("alpha", "log", 0.5, 0.5),), _power_law),
}


def weights(kind: str, free: Array, lags: int) -> tuple[Array, Array]:
    """Weights that sum to 1, and their slopes.

    Parameters
    ----------
    kind : str
        Key of :data:`KERNELS`.
    free : numpy.ndarray
        (parameters, ...) on the unbounded scale.
    lags : int
        Weeks that count, the week itself among them.

    Returns
    -------
    weights : numpy.ndarray
        (lags, ...).
    slopes : numpy.ndarray
        (parameters, lags, ...).
    """
    kernel = KERNELS[kind]
    given = tuple(p.natural(f) for p, f in zip(kernel.parameters, free, strict=True))
    lag = np.arange(lags, dtype=float).reshape(-1, *[1] * (free.ndim - 1))
    logs, slopes = kernel.logs(lag, given)
    logs = np.maximum(logs - logs.max(axis=0), _NEVER)
    # Where a weight is cut off, it no longer turns.
    slopes = tuple(np.where(logs > _NEVER, each, 0.0) for each in slopes)
    kept = np.exp(logs)
    kept /= kept.sum(axis=0)
    turned = np.stack(
        [
            kept * (each - (kept * each).sum(axis=0)) * p.slope(value)
            for p, value, each in zip(kernel.parameters, given, slopes, strict=True)
        ]
    )
    return kept, turned


def adstock_weights(
    kind: str = "geometric",
    parameters: Mapping[str, Any] | None = None,
    *,
    lags: int = 13,
    normalize: bool = True,
) -> Array:
    """Weights of the weeks after the one in which the money was spent.

    Parameters
    ----------
    kind : {"geometric", "delayed", "weibull_pdf", "weibull_cdf", "binomial", "power_law"}
        Family of the kernel.
    parameters : mapping, optional
        Name to value, a number or an array, all of one shape after broadcasting: ``theta`` (of
        geometric; with ``delay`` in weeks of delayed), ``shape`` and ``scale`` in weeks (of both
        Weibull kernels), ``alpha`` (of binomial, between 0 and 1; of power_law, above 0). What is
        not named has the median of the prior of :class:`MediaMix`.
    lags : int
        Weeks that count, the week itself among them.
    normalize : bool
        Whether the weights sum to 1; otherwise the greatest is 1.

    Returns
    -------
    numpy.ndarray
        (..., lags).

    Raises
    ------
    InputError
        If there is no such kernel or parameter, or a value is out of its range.

    Notes
    -----
    With l = 0, 1, ...: geometric theta^l; delayed theta^((l - delay)^2); Weibull pdf at l + 1;
    weibull_cdf the running product of 1 - cdf; binomial (1 - l / lags)^(1 / alpha - 1); power law
    (l + 1)^-alpha.

    Examples
    --------
    >>> from musictools.marketing import adstock_weights
    >>> adstock_weights("geometric", {"theta": 0.5}, lags=3, normalize=False).tolist()
    [1.0, 0.5, 0.25]
    """
    what = "make adstock weights"
    if kind not in KERNELS:
        raise InputError(what, got=repr(kind), expected="a kernel", hint=closest(kind, KERNELS))
    if not whole(lags) or lags < 1:
        raise InputError(what, got=f"lags={lags!r}", expected="1 week or more", hint="lags=13")
    given = natural_values(KERNELS[kind].parameters, parameters, what)
    lag = np.arange(float(lags)).reshape(-1, *[1] * given[0].ndim)
    logs = KERNELS[kind].logs(lag, given)[0]
    kept: Array = np.exp(np.maximum(logs - logs.max(axis=0), _NEVER))
    if normalize:
        kept = kept / kept.sum(axis=0)
    return np.moveaxis(kept, 0, -1)


def adstock(
    x: Any,
    kind: str = "geometric",
    parameters: Mapping[str, Any] | None = None,
    *,
    lags: int = 13,
    normalize: bool = True,
) -> Array:
    """Spread spend, impressions or spins over the weeks in which they still work.

    Parameters
    ----------
    x : array_like
        (weeks,), (weeks, channels) or (draws, weeks, channels). What was before the first week
        counts as nothing.
    kind : {"geometric", "delayed", "weibull_pdf", "weibull_cdf", "binomial", "power_law"}
        Family of the kernel.
    parameters : mapping, optional
        As for :func:`adstock_weights`; arrays are (channels,) or (draws, channels).
    lags : int
        Weeks that count, the week itself among them.
    normalize : bool
        Whether the weights sum to 1, so that nothing is gained or lost inside the window.

    Returns
    -------
    numpy.ndarray
        (weeks,), (weeks, channels) or (draws, weeks, channels), the unit of `x`.

    Raises
    ------
    InputError
        If there is no such kernel or parameter, or a value is out of its range.

    Examples
    --------
    >>> from musictools.marketing import adstock
    >>> adstock([8.0, 0.0, 0.0], "geometric", {"theta": 0.5}, lags=3, normalize=False).tolist()
    [8.0, 4.0, 2.0]
    """
    weight = adstock_weights(kind, parameters, lags=lags, normalize=normalize)
    values = as_numbers(x, "apply adstock")
    flat = values.ndim == 1
    if flat:
        values = values[:, None]
    weeks = len(values) if values.ndim == 2 else values.shape[1]
    # A week for the weights of all draws and channels, to lay them beside the weeks of `x`.
    weight = weight[None] if weight.ndim == 1 else weight
    weight = weight[..., None, :, :]
    shape: tuple[int, ...] = np.broadcast_shapes(values.shape, weight.shape[:-1])
    out: Array = np.zeros(shape)
    for lag in range(min(lags, weeks)):
        out[..., lag:, :] += weight[..., lag] * values[..., : weeks - lag, :]
    return out[..., 0] if flat and out.shape[-1] == 1 else out


def natural_values(
    known: tuple[Parameter, ...], parameters: Mapping[str, Any] | None, what: str
) -> tuple[Array, ...]:
    """Values in the order of the formula, checked, all of one shape."""
    given = dict(parameters or {})
    names = [parameter.name for parameter in known]
    for name in given:
        if name not in names:
            raise InputError(
                what,
                got=f"the parameter {name!r}",
                expected=" and ".join(names),
                hint=closest(str(name), names),
            )
    values = [as_numbers(given.get(p.name, p.usual), what) for p in known]
    for parameter, value in zip(known, values, strict=True):
        if not parameter.holds(value):
            limits = "above 0" if parameter.scale == "log" else "between 0 and 1"
            raise InputError(
                what,
                got=f"{parameter.name} = {value if value.ndim else float(value)}",
                expected=f"a number {limits}",
                hint=f"parameters={{{parameter.name!r}: {parameter.usual:.2g}}}",
            )
    return tuple(np.broadcast_arrays(*values))


def as_numbers(x: Any, what: str) -> Array:
    """Give an array of finite numbers."""
    try:
        values = np.asarray(x, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(
            what, got=f"a {type(x).__name__} that holds no numbers", expected="numbers",
            hint="frame.select_dtypes('number')",
        ) from error  # fmt: skip
    if not np.isfinite(values).all():
        raise InputError(
            what, got="a value that is missing or not finite", expected="finite numbers",
            hint="frame.fillna(0) where nothing was spent",
        )  # fmt: skip
    return values


def whole(number: Any) -> bool:
    """Whether it is a whole number, and not a truth value."""
    return isinstance(number, int | np.integer) and not isinstance(number, bool)
