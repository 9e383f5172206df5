"""Small models with knobs: what is turned, what is then shown, and how Python takes part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from musictools._checks import check_number
from musictools.errors import InputError, closest

if TYPE_CHECKING:
    import pandas as pd

    from musictools.lab._chart import Chart

_WHAT = "turn a knob"


@dataclass(frozen=True)
class Knob:
    """A number that can be turned.

    Attributes
    ----------
    name : str
        In Python.
    label : str
        On the page.
    low, high, step : float
        Where it ends, and how finely it turns.
    value : float
        Where it stands at first.
    unit : str
        Behind the number.
    """

    name: str
    label: str
    low: float
    high: float
    step: float
    value: float
    unit: str = ""

    def checked(self, value: Any) -> float:
        """Give a value as a float, or say why not."""
        return check_number(_WHAT, self.name, value, (float(self.low), float(self.high)))

    def told(self) -> dict[str, Any]:
        """Give what the browser needs to draw it."""
        return dict(vars(self))


@dataclass(frozen=True)
class Choice:
    """One of a few words.

    Attributes
    ----------
    name, label : str
        In Python, and on the page.
    options : tuple of str
        What there is.
    value : str
        What is chosen at first.
    """

    name: str
    label: str
    options: tuple[str, ...]
    value: str

    def checked(self, value: Any) -> str:
        """Give a value that is an option, or say why not."""
        if value not in self.options:
            raise InputError(
                _WHAT,
                got=f"{self.name}={value!r}",
                expected="one of its options",
                hint=closest(str(value), self.options),
            )
        return str(value)

    def told(self) -> dict[str, Any]:
        """Give what the browser needs to draw it."""
        return {**vars(self), "options": list(self.options)}


@dataclass(frozen=True)
class Shown:
    """What a setting of all knobs gives.

    Attributes
    ----------
    chart : Chart
        As a picture.
    words : str
        What it says, in a sentence or two.
    table : pandas.DataFrame
        The numbers.
    """

    chart: "Chart"
    words: str
    table: "pd.DataFrame"


@dataclass(frozen=True)
class Lesson:
    """A small model.

    Attributes
    ----------
    title : str
        The question.
    note : str
        What the model leaves out.
    knobs : tuple of Knob or Choice
        What can be turned.
    work : callable
        From the values of all knobs, by name, to what is shown. Takes milliseconds.
    """

    title: str
    note: str
    knobs: tuple[Knob | Choice, ...]
    work: Callable[[Mapping[str, Any]], Shown]

    def settled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give a value for every knob: the one given, checked, or the first."""
        names = [knob.name for knob in self.knobs]
        for name in values:
            if name not in names:
                raise InputError(
                    _WHAT,
                    got=f"the knob {name!r}",
                    expected="a knob that is there",
                    hint=closest(str(name), names),
                )
        return {k.name: k.checked(values.get(k.name, k.value)) for k in self.knobs}


class Knobs:
    """A small model with knobs, in JupyterLab and in Python at once.

    Made by ``mt.lab.explore_payouts()`` and its like.

    Attributes
    ----------
    values : dict
        Name to value of every knob. Set it, whole or in part, to turn them from Python; observe
        it with ``knobs.observe(function, "values")``.
    words : str
        What the picture says, in a sentence or two.
    table : pandas.DataFrame
        The numbers behind it.

    See Also
    --------
    musictools.lab.explore_payouts, musictools.lab.explore_adstock
    musictools.lab.explore_budget, musictools.lab.explore_releases
    """

    _lesson: Lesson
    _now: Shown
    values: Any

    @property
    def words(self) -> str:
        """What the picture says, in a sentence or two."""
        return self._now.words

    @property
    def table(self) -> "pd.DataFrame":
        """The numbers behind the picture, a copy."""
        return self._now.table.copy()

    def checked(self, name: str, value: Any) -> dict[str, Any]:
        """Give all values, those that are not named as they were."""
        if not isinstance(value, Mapping):
            raise InputError(
                _WHAT,
                got=f"{name}={value!r}",
                expected="names with values",
                hint=f"knobs.values = {{{self._lesson.knobs[0].name!r}: ...}}",
            )
        # While it is made, there is nothing before.
        return self._lesson.settled({**(self.values or {}), **value})

    @property
    def lesson(self) -> Lesson:
        """The model behind it."""
        return self._lesson

    @property
    def shown(self) -> Shown:
        """What is shown at this moment."""
        return self._now

    def __repr__(self) -> str:
        return f"<Knobs: {self._lesson.title} {self.words}>"


def knobs_of(lesson: Lesson, values: Mapping[str, Any] | None) -> Knobs:
    """Make the widget of a lesson."""
    settled = lesson.settled(values or {})
    from musictools.lab._knobs_widget import make_knobs

    return make_knobs(lesson, settled)
