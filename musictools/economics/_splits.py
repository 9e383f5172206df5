"""split_income(): who gets what of a gross amount, step by step, to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from musictools._result import Result
from musictools._version import __version__
from musictools.economics._cents import cents_of, exact, money, share_out
from musictools.errors import InputError, closest

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "split income"
#: What nobody was given of the gross, where something is left.
_NOBODY = "(unassigned)"


@dataclass(frozen=True)
class Step:
    """One step of a split: who takes which part of what.

    Parameters
    ----------
    payee : str
        Who takes. A later step may split that amount further, ``of=`` this name.
    rate : number, optional
        Part of the base, from 0 to 1; floats are read as they are written. All that is left of it
        without a rate and an amount.
    of : str
        ``"gross"``, or the payee of an earlier step.
    base : {"whole", "rest"}
        Whether the rate is of the whole amount, or of what earlier steps left of it.
    amount : number, optional
        A flat amount in place of a rate; at most what is left, and nothing of a refund.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.economics.Step("distributor", "0.15", of="recording")
    Step(payee='distributor', rate='0.15', of='recording', base='whole', amount=None)
    """

    payee: str
    rate: Any = None
    of: str = "gross"
    base: Literal["whole", "rest"] = "whole"
    amount: Any = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Split(Result):
    """What each payee gets of a gross amount; the parts sum to it exactly.

    Attributes
    ----------
    gross : Decimal
        What was split.
    currency : str
        Its currency, if it was told.
    table : pandas.DataFrame
        A row for each step: ``step`` (from 1), ``payee, of, base`` (the amount that the rate is
        of), ``rate`` (None for a flat amount) and ``amount``, all money as decimals.
    payees : dict of str to Decimal
        What each keeps after others were paid from it, in the order of the steps.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "splits"
    _called: ClassVar[str] = "Split of income"
    _caption: ClassVar[str] = "Payees"

    gross: Decimal
    currency: str
    table: "pd.DataFrame" = field(repr=False)
    payees: dict[str, Decimal]

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each payee.

        Returns
        -------
        pandas.DataFrame
            Columns ``payee, amount, share`` (of the gross; NaN of nothing).
        """
        import pandas as pd

        whole = float(self.gross)
        rows = [(n, v, float(v) / whole if whole else float("nan")) for n, v in self.payees.items()]
        return pd.DataFrame(rows, columns=["payee", "amount", "share"])


def split_income(gross: Any, steps: Sequence[Step], *, currency: str = "") -> Split:
    """Split a gross amount among platform, label, distributor, performer, publisher, writers.

    Each step takes a part of the gross, or of what an earlier payee was given. Within one amount
    all parts are rounded together by largest remainder, so that they sum to it exactly.

    Parameters
    ----------
    gross : number
        In units of the currency; rounded to the cent. Below zero for refunds.
    steps : sequence of Step
        In their order.
    currency : str
        For display.

    Returns
    -------
    Split
        Steps, and what each payee keeps. What no step takes of a payee's amount that payee keeps;
        what none takes of the gross is ``"(unassigned)"``.

    Raises
    ------
    InputError
        If a rate is outside 0 to 1, steps take more than there is, a payee comes twice, or a step
        is of nobody.

    Examples
    --------
    >>> from musictools.economics import Step, split_income
    >>> steps = [
    ...     Step("platform", "0.30"),
    ...     Step("publisher", "0.15"),
    ...     Step("label"),
    ...     Step("distributor", "0.20", of="label"),
    ...     Step("performer", "0.25", of="label", base="rest"),
    ...     Step("writer", "0.75", of="publisher"),
    ... ]
    >>> split = split_income("1000.00", steps, currency="EUR")
    >>> {payee: str(amount) for payee, amount in split.payees.items()}
    {'platform': '300.00', 'publisher': '37.50', 'label': '330.00', 'distributor': '110.00', 'performer': '110.00', 'writer': '112.50'}
    """  # noqa: E501 - an answer in an example cannot be broken
    import pandas as pd

    whole = cents_of(gross, _WHAT)
    listed: Any = steps
    if isinstance(listed, Step) or not all(isinstance(each, Step) for each in listed):
        raise InputError(
            _WHAT, got=f"steps={steps!r:.60}", expected="a list of Step", hint='[Step("label")]'
        )
    _check_names(steps)
    given = {"gross": whole}
    kept: dict[str, int] = {}
    made: dict[int, tuple[Fraction, int]] = {}
    # An amount is split once it is known: the gross first, then payees in the order of steps.
    for pot in ("gross", *(step.payee for step in steps)):
        numbers = [i for i, step in enumerate(steps) if step.of == pot]
        bases, parts = _parts(given[pot], [steps[i] for i in numbers])
        cents = share_out([*parts, given[pot] - sum(parts, Fraction(0))], given[pot])
        for i, base, part in zip(numbers, bases, cents, strict=False):
            made[i] = (base, part)
            given[steps[i].payee] = part
        kept[pot] = cents[-1]
    rest = kept.pop("gross")
    payees = {step.payee: money(kept[step.payee]) for step in steps}
    if rest:
        payees[_NOBODY] = money(rest)
    rows = [
        (i + 1, step.payee, step.of, _decimal(made[i][0]), _rate(step), money(made[i][1]))
        for i, step in enumerate(steps)
    ]
    columns = ["step", "payee", "of", "base", "rate", "amount"]
    source = {"musictools": __version__, "function": "economics.split_income", "steps": len(steps)}
    return Split(
        gross=money(whole),
        currency=currency,
        table=pd.DataFrame(rows, columns=columns),
        payees=payees,
        provenance=source,
    )


def _parts(pot: int, steps: Sequence[Step]) -> tuple[list[Fraction], list[Fraction]]:
    """Give the base and the exact amount of each step of one pot, in cents."""
    left, bases, parts = Fraction(pot), [], []
    for step in steps:
        base = left if step.base == "rest" or (step.rate is None) else Fraction(pot)
        if step.amount is not None:
            part = min(100 * exact(step.amount, _WHAT), max(left, Fraction(0)))
        else:
            part = base * (1 if step.rate is None else exact(step.rate, _WHAT))
        left -= part
        if left * (1 if pot >= 0 else -1) < 0:
            raise InputError(
                _WHAT,
                got=f"a step for {step.payee!r} that takes more of {step.of!r} than is left",
                expected="rates that sum to 1 at most",
                hint='base="rest" takes a part of what earlier steps left',
            )
        bases.append(base)
        parts.append(part)
    return bases, parts


def _check_names(steps: Sequence[Step]) -> None:
    known = ["gross"]
    for step in steps:
        if step.payee in known or step.payee == _NOBODY:
            raise InputError(
                _WHAT,
                got=f"the payee {step.payee!r} twice" if step.payee in known else repr(step.payee),
                expected="a name of its own for each step",
                hint="'label (recording)' and 'label (publishing)' can be added up afterwards",
            )
        if step.of not in known:
            raise InputError(
                _WHAT,
                got=f"of={step.of!r}",
                expected="'gross' or the payee of an earlier step",
                hint=closest(step.of, known),
            )
        both = step.rate is not None and step.amount is not None
        wrong = both or step.base not in ("whole", "rest")
        rate = None if step.rate is None else exact(step.rate, _WHAT)
        flat = 0 if step.amount is None else exact(step.amount, _WHAT)
        if wrong or flat < 0 or not (rate is None or 0 <= rate <= 1):
            raise InputError(
                _WHAT,
                got=repr(step),
                expected="a rate from 0 to 1 of the 'whole' or the 'rest', or a flat amount",
                hint=f"Step({step.payee!r}, '0.15', of={step.of!r})",
            )
        known.append(step.payee)
    if not steps:
        raise InputError(
            _WHAT, got="no steps", expected="one or more", hint='[Step("platform", "0.30")]'
        )


def _rate(step: Step) -> Decimal | None:
    if step.amount is not None:
        return None
    rate = Fraction(1) if step.rate is None else exact(step.rate, _WHAT)
    return Decimal(rate.numerator) / Decimal(rate.denominator)


def _decimal(cents: Fraction) -> Decimal:
    """Write a base, which may hold parts of a cent, to a millionth."""
    return Decimal(round(cents * 10**4)).scaleb(-6).normalize() + Decimal("0.00")
