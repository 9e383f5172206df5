"""Knobs as a widget. Its class is made when first wanted: anywidget is not always there."""

from functools import cache
from typing import Any

from musictools import _optional
from musictools.errors import MissingExtraError
from musictools.lab._chart import draw_chart
from musictools.lab._explorer_widget import WEB
from musictools.lab._knobs import Knobs, Lesson
from musictools.lab._still import join_bundles
from musictools.lab._still_state import WHY, StillState

_NOTE = "A still picture: open the notebook in JupyterLab and run the cell to turn the knobs."


class StillKnobs(Knobs, StillState):
    """Knobs without a browser."""

    _settable = ("values",)

    def __init__(self, lesson: Lesson, values: dict[str, Any]) -> None:
        self._lesson = lesson
        super().__init__(values=values)
        self._now = lesson.work(values)
        self.observe(self._turn, "values")

    def _turn(self, _: Any) -> None:
        self._now = self._lesson.work(self.values)

    def _repr_mimebundle_(self, **_: Any) -> Any:
        return with_chart({}, self, note=WHY)


def make_knobs(lesson: Lesson, values: dict[str, Any]) -> Knobs:
    """Make a widget, or a picture where anywidget is not installed."""
    try:
        kind = knobs_class()
    except MissingExtraError:
        kind = StillKnobs
    made: Knobs = kind(lesson, values)
    return made


def with_chart(bundle: Any, knobs: Knobs, *, note: str = _NOTE) -> Any:
    """Add the picture, as the knobs stand, to what a widget shows of itself."""
    from musictools.plot import show

    lesson, now = knobs.lesson, knobs.shown
    picture = show(draw_chart(now.chart, title=lesson.title), alt=now.words)
    words = f"{now.words} {lesson.note} {note}"
    return join_bundles(bundle, picture, title=lesson.title, note=words)


@cache
def knobs_class() -> Any:
    """Make the class of knobs that a browser shows, once."""
    base: Any = _optional.require("anywidget", extra="widgets", purpose="turn knobs").AnyWidget
    traitlets: Any = _optional.require("traitlets", extra="widgets", purpose="turn knobs")

    class KnobsWidget(Knobs, base):  # type: ignore[misc]
        """A :class:`Knobs` that a browser shows."""

        _esm = WEB / "knobs.js"
        _css = WEB / "knobs.css"
        values = traitlets.Any().tag(sync=True)
        _knobs = traitlets.List().tag(sync=True)
        _told = traitlets.Dict().tag(sync=True)

        def __init__(self, lesson: Lesson, values: dict[str, Any]) -> None:
            self._lesson, self._now = lesson, lesson.work(values)
            super().__init__(
                values=values, _knobs=[one.told() for one in lesson.knobs], _told=self._telling()
            )
            self.observe(self._turn, "values")

        @traitlets.validate("values")  # type: ignore[untyped-decorator]
        def _validate(self, proposal: Any) -> dict[str, Any]:
            return self.checked("values", proposal["value"])

        def _turn(self, _: Any) -> None:
            self._now = self._lesson.work(self.values)
            self._told = self._telling()

        def _telling(self) -> dict[str, Any]:
            lesson, now = self._lesson, self._now
            about = {"title": lesson.title, "note": lesson.note, "words": now.words}
            return {**about, "chart": now.chart.told()}

        def __repr__(self) -> str:
            return Knobs.__repr__(self)

        def _repr_mimebundle_(self, **kwargs: Any) -> Any:
            return with_chart(super()._repr_mimebundle_(**kwargs), self)

    return KnobsWidget
