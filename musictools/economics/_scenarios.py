"""scenario_tree(): what may happen, how likely it is, and what it comes to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from musictools._checks import check_number
from musictools._result import Result
from musictools._version import __version__
from musictools.economics._cents import exact
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "reckon a tree of scenarios"


@dataclass(frozen=True)
class Node:
    """Something that may happen, and what may follow.

    Parameters
    ----------
    name : str
        What happens.
    value : number
        What it adds, such as money.
    probability : number
        How likely it is, given what came before; floats are read as they are written.
    children : sequence of Node
        What may follow; one of them does, so that their probabilities sum to one.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.economics.Node("hit", 50_000, "0.1").children
    ()
    """

    name: str
    value: Any = 0
    probability: Any = 1
    children: Sequence["Node"] = ()


@dataclass(frozen=True, kw_only=True, repr=False)
class Scenarios(Result):
    """All ways through a tree of scenarios.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each way, the least value first: ``path``, ``probability``, ``value`` and
        ``at_most`` (probability of this value or less).
    expected : float
        Mean of the values by probability.
    deviation : float
        Standard deviation.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "scenarios"
    _caption: ClassVar[str] = "Ways, the least value first"
    _kinds: ClassVar[Mapping[str, str]] = dict.fromkeys(("value", "expected", "deviation"), "money")

    table: "pd.DataFrame" = field(repr=False)
    expected: float
    deviation: float

    def quantile(self, level: float) -> float:
        """Give the least value that is reached or undercut with this probability.

        Parameters
        ----------
        level : float
            From 0 to 1.

        Returns
        -------
        float
            A value of the table.

        Raises
        ------
        InputError
            If the level is not from 0 to 1.
        """
        check_number("look up a quantile", "level", level, (0.0, 1.0))
        # Sums of probabilities, as floats, fall short of one by a rounding.
        reached = self.table["at_most"] >= level - 1e-12
        return float(self.table["value"][reached].iloc[0])

    def _verdict(self) -> str:
        values, weights = self.table["value"], self.table["probability"]
        below = float(weights[values < 0].sum())
        least, most = (self._figure(end, "value") for end in (values.min(), values.max()))
        mean, spread = (self._figure(getattr(self, n), n) for n in ("expected", "deviation"))
        return (
            f"{mean} is to be expected on average, with a standard deviation of {spread}; it may "
            f"be {least} to {most}, and below zero with a probability of {below:.0%}. All of it is "
            "as good as the probabilities that were put in."
        )

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each way.

        Returns
        -------
        pandas.DataFrame
            As ``table``.
        """
        return self.table.copy()


def scenario_tree(root: Node) -> Scenarios:
    """Follow all ways through a tree of scenarios, and weigh what they come to.

    Parameters
    ----------
    root : Node
        Where all ways begin.

    Returns
    -------
    Scenarios
        Probability and sum of values of each way, expected value, quantiles.

    Raises
    ------
    InputError
        If the probabilities of what may follow do not sum to one (to a millionth), one is not
        from 0 to 1, or that of the root is not one.

    Examples
    --------
    >>> from musictools.economics import Node, scenario_tree
    >>> tree = Node("single", -10_000, children=[
    ...     Node("hit", 60_000, "0.2"), Node("flop", 2_000, "0.8")])
    >>> found = scenario_tree(tree)
    >>> found.expected, found.quantile(0.5)
    (3600.0, -8000.0)
    """
    import pandas as pd

    given: Any = root
    if not isinstance(given, Node) or exact(given.probability, _WHAT) != 1:
        raise _refused(f"a root of {root!r:.60}, which is no Node that is sure to happen")
    ways = sorted(_ways(root, (), Fraction(1), Fraction(0)), key=lambda way: way[2])
    mean = sum((p * v for _, p, v in ways), Fraction(0))
    variance = sum((p * (v - mean) ** 2 for _, p, v in ways), Fraction(0))
    total, at_most = Fraction(0), []
    for _, probability, _ in ways:
        total += probability
        at_most.append(float(total))
    table = pd.DataFrame(
        {
            "path": [" > ".join(path) for path, _, _ in ways],
            "probability": [float(p) for _, p, _ in ways],
            "value": [float(v) for _, _, v in ways],
            "at_most": at_most,
        }
    )
    return Scenarios(
        table=table,
        expected=float(mean),
        deviation=float(variance) ** 0.5,
        provenance={"musictools": __version__, "function": "economics.scenario_tree"},
    )


def _ways(
    node: Node, path: tuple[str, ...], probability: Fraction, value: Fraction
) -> Iterator[tuple[tuple[str, ...], Fraction, Fraction]]:
    own = exact(node.probability, _WHAT)
    if not 0 <= own <= 1:
        raise _refused(f"a probability of {node.probability} of {node.name!r}")
    path, probability, value = (
        (*path, node.name),
        probability * own,
        value + exact(node.value, _WHAT),
    )
    if not node.children:
        yield path, probability, value
        return
    chances = [exact(child.probability, _WHAT) for child in node.children]
    # Thirds cannot be written as decimals; a millionth is nobody's mistake.
    total = sum(chances, Fraction(0))
    if abs(total - 1) > Fraction(1, 10**6):
        raise _refused(f"probabilities that sum to {float(total):g} after {node.name!r}")
    for child in node.children:
        yield from _ways(child, path, probability / total, value)


def _refused(got: str) -> InputError:
    return InputError(
        _WHAT,
        got=got,
        expected="probabilities from 0 to 1 that sum to 1 after each node",
        hint="Node('hit', 60_000, '0.2') and Node('flop', 2_000, '0.8')",
    )
