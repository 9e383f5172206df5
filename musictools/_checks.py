"""Arguments that functions of several wings look at in the same way."""

import math
import numbers

import numpy as np

from musictools.errors import InputError


def check_number(what: str, name: str, value: object, limits: tuple[float, float]) -> float:
    """Give a number between its limits; a whole one where both of them are whole.

    Parameters
    ----------
    what : str
        What fails, for the error.
    name : str
        Name of the argument.
    value : object
        What was given.
    limits : tuple of float
        Least and largest number.
    """
    whole = all(isinstance(limit, int) for limit in limits)
    right = isinstance(value, numbers.Integral if whole else numbers.Real)
    number = float(value) if right else math.nan  # type: ignore[arg-type]
    if isinstance(value, bool) or not limits[0] <= number <= limits[1]:
        kind = "a whole number" if whole else "a number"
        raise InputError(
            what,
            got=f"{name}={value!r}",
            expected=f"{kind} from {limits[0]:,} to {limits[1]:,}",
            hint=f"leave {name} out",
        )
    return number


def generator(rng: object, what: str) -> np.random.Generator:
    """Make a generator of a seed, of another generator, or of nothing."""
    try:
        return np.random.default_rng(rng)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise InputError(
            what,
            got=f"rng={rng!r}",
            expected="a whole number of 0 or more, or a numpy generator",
            hint="rng=1",
        ) from error
