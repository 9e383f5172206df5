"""A rule: terms, each of some of the money, and what is known about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from musictools.economics._terms import Flag, Money, Reach, Seconds, Split, ToTop, check_positive
from musictools.errors import InputError

Weight = Seconds | Flag | Reach

#: Properties that a rule has or has not, and what each of them says.
AXIOMS: Mapping[str, str] = MappingProxyType(
    {
        "efficient": "payouts sum to the fees of all who played something that counts",
        "null_artist": "an artist whom nobody played gets nothing",
        "anonymous": "names do not matter",
        "additive": "two sets of users that are paid apart are paid as together",
        "local": "without a user, only artists whom the user played get another payout",
        "equal_streams": "each stream brings the same",
        "homogeneous": "twice the plays of each user are twice the payout",
        "merge_proof": "artists who merge or split get the same together",
        "click_fraud_proof": "a user can move no more than the own fee",
    }
)


@dataclass(frozen=True)
class Term:
    """Whose money, how it is split, what a stream weighs.

    Attributes
    ----------
    money : Money
        The money of a user that is handed out.
    split : Split or ToTop
        The artist's part of it.
    weights : tuple of Seconds, Flag or Reach
        What a stream weighs: 1, times all of these.
    share : float
        Part of the money that this term hands out.
    """

    money: Money
    split: Split | ToTop = field(default_factory=Split)
    weights: tuple[Weight, ...] = ()
    share: float = 1.0

    @property
    def in_pairs(self) -> bool:
        """Whether plays must first be summed to pairs of a user and an artist."""
        return self.split != Split()

    def __str__(self) -> str:
        weights = f", a stream weighs {' x '.join(map(str, self.weights))}" if self.weights else ""
        share = "" if self.share == 1 else f"{self.share:g} of "
        return f"{share}{self.money}, {self.split}{weights}"


@dataclass(frozen=True)
class Pools:
    """Plays and money in several pools, such as countries and products.

    Attributes
    ----------
    columns : tuple of str
        Columns of the plays that tell the pool.
    share : float
        Part of the revenue that is handed out.
    per_subscriber : float
        What is handed out at least for each subscriber.
    guarantee : float
        What is handed out at least in each pool.
    """

    columns: tuple[str, ...]
    share: float = 1.0
    per_subscriber: float = 0.0
    guarantee: float = 0.0

    def money(self, revenue: float, subscribers: float) -> float:
        """Give the money of a pool: the largest of its share and both minimums."""
        least = max(self.per_subscriber * subscribers, self.guarantee)
        return max(self.share * revenue, least)

    def __str__(self) -> str:
        return "in pools by " + " and ".join(self.columns)


@dataclass(frozen=True)
class About:
    """What is known about a rule.

    Attributes
    ----------
    source : str
        Where it is written down.
    date : str
        Since when it is used, or when it was written.
    inputs : str
        What it asks of the plays besides who played whom.
    silent : str
        Where the fee of a subscriber goes who played nothing.
    axioms : mapping of str to bool
        Which properties it has, of those in ``describe_rules``; what is not told is not known.
    """

    source: str = "composed by the reader"
    date: str = ""
    inputs: str = ""
    silent: str = ""
    axioms: Mapping[str, bool] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Rule:
    """A rule by which the money of subscribers becomes payouts of artists.

    Rules can be mixed: ``(0.3 * pro_rata() + 0.7 * user_centric()).named("mixed")``.

    Attributes
    ----------
    name : str
        Its name, and that of its column in `compare`.
    terms : tuple of Term
        What is handed out, by term.
    pools : Pools or None
        Whether it is followed in several pools apart.
    about : About
        Source, date, inputs, properties.
    """

    name: str
    terms: tuple[Term, ...]
    pools: Pools | None = None
    about: About = About()

    def named(self, name: str) -> "Rule":
        """Give the same rule under another name."""
        return replace(self, name=name)

    def __mul__(self, share: float) -> "Rule":
        if not isinstance(share, int | float):
            return NotImplemented
        check_positive(share, "share", "a number above 0")
        terms = tuple(replace(each, share=each.share * share) for each in self.terms)
        return replace(self, name=f"{share:g}_{self.name}", terms=terms, about=About())

    __rmul__ = __mul__

    def __add__(self, other: Any) -> "Rule":
        if not isinstance(other, Rule):
            return NotImplemented
        if self.pools != other.pools:
            raise InputError(
                "mix two rules",
                got=f"{self.pools or 'one pool'} and {other.pools or 'one pool'}",
                expected="rules of the same pools",
                hint="by_pool(columns, first + second)",
            )
        name = f"{self.name}_{other.name}"
        return Rule(name, self.terms + other.terms, self.pools)

    def __str__(self) -> str:
        pools = f"{self.pools}: " if self.pools else ""
        return pools + "; ".join(map(str, self.terms))

    def __repr__(self) -> str:
        return f"<{self.name}: {self}>"
