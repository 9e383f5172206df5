"""The parts that rules are made of: whose money, how it is split, what a stream weighs.

Every rule that was found is ``payout of an artist = sum over users (money of the user that is
handed out) x (the artist's part of the user)``, so that a rule is a choice of these parts.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from musictools.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Users:
    """The users of one pool who played something that counts.

    Attributes
    ----------
    fees : numpy.ndarray of float, shape (n,)
        What each of them pays.
    plays : numpy.ndarray of float, shape (n,)
        Their plays.
    weights : numpy.ndarray of float, shape (n,)
        The weights of their plays, summed; above zero.
    silent : float
        What those pay who played nothing that counts.
    """

    fees: "Floats"
    plays: "Floats"
    weights: "Floats"
    silent: float

    @property
    def money(self) -> float:
        """What all of them pay."""
        return float(np.sum(self.fees)) + self.silent


# --- the money of a user that is handed out ------------------------------------------------------


class Money:
    """The money of a user that is handed out, and how much that is of all users together."""

    #: Whether a stream brings the same, whoever plays it.
    flat = False

    def of(self, users: Users) -> "Floats":
        """Give what is handed out of each user, shape (n,)."""
        raise NotImplementedError

    def total(self, users: Users) -> float:
        """Give what is handed out of all users, without adding up the former."""
        raise NotImplementedError


@dataclass(frozen=True)
class Pooled(Money):
    """All fees in one pool, of which each user moves a part in proportion to the user's plays.

    Attributes
    ----------
    cap : float or None
        Plays beyond which a user moves no more.
    """

    cap: float | None = None

    @property
    def flat(self) -> bool:  # type: ignore[override]
        """Whether a stream brings the same, whoever plays it."""
        return self.cap is None

    def of(self, users: Users) -> "Floats":
        """Give what is handed out of each user, shape (n,)."""
        moved = users.weights
        if self.cap is not None:
            moved = moved * (np.minimum(users.plays, self.cap) / users.plays)
        return users.money * (moved / np.sum(moved))

    def total(self, users: Users) -> float:
        """Give what is handed out of all users: all fees."""
        return users.money

    def __str__(self) -> str:
        cap = "" if self.cap is None else f", at most {self.cap:g} plays of a user"
        return f"all fees, in proportion to plays{cap}"


@dataclass(frozen=True)
class OwnFee(Money):
    """The user's own fee.

    Attributes
    ----------
    silent : {'kept', 'shared'}
        What becomes of the fees of those who played nothing that counts: the platform keeps them,
        or they are shared out in proportion to plays.
    """

    silent: Literal["kept", "shared"] = "kept"

    def __post_init__(self) -> None:
        if self.silent not in {"kept", "shared"}:
            raise InputError(
                "say where fees of silent subscribers go",
                got=repr(self.silent),
                expected="'kept' (by the platform) or 'shared' (in proportion to plays)",
                hint="user_centric(silent='shared')",
            )

    def of(self, users: Users) -> "Floats":
        """Give what is handed out of each user, shape (n,)."""
        if self.silent == "kept":
            return users.fees
        return users.fees + users.silent * (users.weights / np.sum(users.weights))

    def total(self, users: Users) -> float:
        """Give what is handed out of all users: their fees."""
        return float(np.sum(users.fees)) if self.silent == "kept" else users.money

    def __str__(self) -> str:
        return "the user's own fee"


@dataclass(frozen=True)
class Scaled(Money):
    """The same for each stream, until the user's fee is used up; ``alpha`` of all fees together.

    Attributes
    ----------
    alpha : float
        Part of all fees that is handed out, 0 to 1.
    """

    alpha: float

    def __post_init__(self) -> None:
        check_share(self.alpha, "alpha")

    def of(self, users: Users) -> "Floats":
        """Give what is handed out of each user, shape (n,)."""
        return np.minimum(self.rate(users) * users.weights, users.fees)

    def rate(self, users: Users) -> float:
        """Give what a stream brings: the gamma at which min(gamma x plays, fee) sums to the aim."""
        aim = self.total(users)
        # Sorted by the rate at which a user's fee is used up, those before some place are used up
        # and those behind it are not: the sum is linear between two such rates.
        used_up = users.fees / users.weights
        order = np.argsort(used_up, kind="stable")
        fees = np.concatenate([[0.0], np.cumsum(users.fees[order])])
        weights = np.cumsum(users.weights[order][::-1])[::-1]
        sums = fees[:-1] + used_up[order] * weights
        place = int(np.searchsorted(sums, aim))
        if place == len(order):
            return float(used_up[order[-1]])
        return float((aim - fees[place]) / weights[place])

    def total(self, users: Users) -> float:
        """Give what is handed out of all users; no more than the fees of those who played."""
        return min(self.alpha * users.money, float(np.sum(users.fees)))

    def __str__(self) -> str:
        return f"the same for each stream up to the user's fee, {self.alpha:g} of all fees"


@dataclass(frozen=True)
class PerStream(Money):
    """A fixed rate for each stream, whatever users pay.

    Attributes
    ----------
    rate : float
        Money for a stream.
    """

    rate: float
    flat = True

    def __post_init__(self) -> None:
        check_positive(self.rate, "rate", "money for a stream, such as 0.004")

    def of(self, users: Users) -> "Floats":
        """Give what is handed out of each user, shape (n,)."""
        return self.rate * users.weights

    def total(self, users: Users) -> float:
        """Give what is handed out of all users."""
        return self.rate * float(np.sum(users.weights))

    def __str__(self) -> str:
        return f"{self.rate:g} for each stream"


# --- the artist's part of a user -----------------------------------------------------------------


@dataclass(frozen=True)
class Split:
    """The artist's part of a user, in proportion to ``plays ** beta``.

    Attributes
    ----------
    beta : float
        1 is in proportion to plays; 0 is the same for each artist that the user played.
    """

    beta: float = 1.0

    def __post_init__(self) -> None:
        check_share(self.beta, "beta")

    def __str__(self) -> str:
        if self.beta == 1:
            return "split by plays"
        return "split evenly over artists" if self.beta == 0 else f"split by plays ** {self.beta:g}"


@dataclass(frozen=True)
class ToTop:
    """All of it to the artist that the user played most; artists that tie share it."""

    def __str__(self) -> str:
        return "to the user's top artist"


# --- what a stream weighs ------------------------------------------------------------------------


@dataclass(frozen=True)
class Seconds:
    """A stream weighs the seconds for which it was heard."""

    def __str__(self) -> str:
        return "by listening time"


@dataclass(frozen=True)
class Flag:
    """Streams with a flag weigh more, or less.

    Attributes
    ----------
    column : str
        Column of the plays, of truth values.
    factor : float
        What their weight is multiplied by.
    optional : bool
        Whether plays without that column are accepted: then none has the flag.
    """

    column: str
    factor: float
    optional: bool = True

    def __post_init__(self) -> None:
        check_positive(self.factor, f"factor of {self.column}", "a number, 0 or more", zero=True)

    def __str__(self) -> str:
        return f"{self.column} x {self.factor:g}"


@dataclass(frozen=True)
class Reach:
    """Artists or recordings that reach enough streams and listeners weigh otherwise.

    Attributes
    ----------
    of : str
        ``artist_id`` or ``recording_id``.
    streams, listeners : float
        What they have to reach, both.
    factor : float
        What the weight of those is multiplied by who reach it.
    below : float
        What the weight of the others is multiplied by.
    history : Held or None
        Table with that identifier, ``plays`` and ``listeners``, where the plays at hand are not
        what is counted.
    """

    of: str
    streams: float
    listeners: float
    factor: float = 1.0
    below: float = 1.0
    history: "Held | None" = None

    def __post_init__(self) -> None:
        for name in ("streams", "listeners", "factor", "below"):
            check_positive(getattr(self, name), name, "a number, 0 or more", zero=True)

    def __str__(self) -> str:
        noun = self.of.removesuffix("_id")
        who = f"{noun}s with {self.streams:g} streams and {self.listeners:g} listeners"
        return f"{who} x {self.factor:g}" + (f", others x {self.below:g}" * (self.below != 1))


@dataclass(frozen=True, eq=False)
class Held:
    """A table that a part of a rule holds; two are the same only if they are one.

    Attributes
    ----------
    frame : frame
        The table.
    """

    frame: Any

    def __repr__(self) -> str:
        return "..."


def check_share(value: Any, name: str) -> None:
    """Refuse what is no number from 0 to 1."""
    if not isinstance(value, int | float | np.number) or not 0 <= value <= 1:
        raise InputError(
            f"make a rule with {name}",
            got=repr(value),
            expected="a number from 0 to 1",
            hint=f"{name}=0.5",
        )


def check_positive(value: Any, name: str, expected: str, *, zero: bool = False) -> None:
    """Refuse what is no finite number above zero."""
    fits = isinstance(value, int | float | np.number) and np.isfinite(value)
    if not fits or value < 0 or (value == 0 and not zero):
        raise InputError(
            f"make a rule with {name}", got=repr(value), expected=expected, hint=f"{name}=1"
        )
