"""irr() and payback(): what a series of payments returns, and when it is even."""

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

from musictools.errors import InputError


def irr(flows: Sequence[float], *, per_year: int = 1) -> float:
    """Find the internal rate of return: the yearly rate at which the flows are worth nothing.

    Parameters
    ----------
    flows : sequence of float
        One payment a period, the first one now: below zero what is paid, above what comes back.
    per_year : int
        Periods in a year.

    Returns
    -------
    float
        Rate a year, such as 0.08.

    Raises
    ------
    InputError
        If all flows have one sign, or change it more than once: then there is no such rate, or
        there may be several.

    Examples
    --------
    >>> import musictools as mt
    >>> round(mt.economics.irr([-100.0, 60.0, 60.0]), 6)
    0.130662
    """
    import numpy as np
    from scipy.optimize import brentq

    values = _finite(flows, "find the internal rate of return")
    _check_rate(per_year=per_year)
    signs = np.sign(values[values != 0])
    changes = int((np.diff(signs) != 0).sum())
    if changes != 1:
        raise InputError(
            "find the internal rate of return",
            got=f"flows that change their sign {changes} times",
            expected="one change: first what is paid, then what comes back",
            hint="value_catalogue reckons with a discount rate of yours instead",
        )
    powers = np.arange(len(values))

    def worth(log_rate: float) -> float:
        # A weight of one at the largest term, so that nothing overflows.
        exponents = -powers * log_rate
        return float(values @ np.exp(exponents - exponents.max()))

    # With one change of sign there is one root; it is looked for ever farther out.
    reach = 1.0
    while worth(-reach) * worth(reach) > 0:
        reach *= 2
    return float(np.exp(per_year * brentq(worth, -reach, reach, xtol=1e-14)) - 1)


def payback(
    price: float, flows: Sequence[float], *, discount: float = 0.0, per_year: int = 1
) -> float:
    """Find how many years it takes until what comes back covers the price.

    Parameters
    ----------
    price : float
        What is paid now.
    flows : sequence of float
        What comes back at the end of each period.
    discount : float
        Yearly rate; 0 for the plain payback time.
    per_year : int
        Periods in a year.

    Returns
    -------
    float
        Years, with the last period in proportion; infinite where the flows do not suffice.

    Raises
    ------
    InputError
        If a flow is no finite number, or a rate is not above -1.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.economics.payback(100.0, [40.0, 40.0, 40.0])
    2.5
    """
    import numpy as np

    values = _finite(flows, "find the payback time")
    _check_rate(per_year=per_year, price=price, discount=discount)
    weights = (1 + discount) ** (-np.arange(1, len(values) + 1) / per_year)
    back = np.cumsum(values * weights)
    if price <= 0:
        return 0.0
    covered = np.flatnonzero(back >= price)
    if not len(covered):
        return float("inf")
    first = int(covered[0])
    before = back[first - 1] if first else 0.0
    return float((first + (price - before) / (back[first] - before)) / per_year)


def _check_rate(*, per_year: Any, price: Any = 0.0, discount: Any = 0.0) -> None:
    numbers = all(isinstance(each, Real) for each in (per_year, price, discount))
    if not numbers or not (per_year > 0 and math.isfinite(price) and -1 < discount < math.inf):
        raise InputError(
            "reckon with flows",
            got=f"price={price!r}, discount={discount!r}, per_year={per_year!r}",
            expected="a price, a yearly rate above -1, and periods in a year above 0",
            hint="discount=0.08, per_year=4",
        )


def _finite(flows: Sequence[float], what: str) -> Any:
    import numpy as np

    try:
        values = np.asarray(flows, dtype=float)
    except (TypeError, ValueError):
        values = np.full(1, np.nan)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise InputError(
            what,
            got=f"flows {flows!r:.60}",
            expected="a list of finite numbers",
            hint="[-100.0, 60.0, 60.0]",
        )
    return values
