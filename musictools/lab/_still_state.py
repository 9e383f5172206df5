"""What stands in for a widget where anywidget is not installed: the same, but nothing moves."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from musictools._optional import install_hint

#: Why there is only a picture.
WHY = f"A still picture: to have it move, {install_hint('widgets').split('   ')[0]}"


class StillState:
    """Attributes that are checked when they are set, and can be observed, as a widget's are."""

    #: Names of what can be set.
    _settable: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **values: Any) -> None:
        self._handlers: list[tuple[Callable[[Any], object], tuple[str, ...]]] = []
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._settable:
            super().__setattr__(name, value)
            return
        old, new = getattr(self, name), self.checked(name, value)
        super().__setattr__(name, new)
        change: Mapping[str, Any] = {"name": name, "old": old, "new": new, "owner": self}
        for handler, names in self._handlers:
            if old != new and (not names or name in names):
                handler(change)

    def checked(self, name: str, value: Any) -> Any:
        """Give a value as it may be set."""
        raise NotImplementedError

    def observe(
        self, handler: Callable[[Any], object], names: str | Iterable[str] | None = None
    ) -> None:
        """Call a function with every change, of all attributes or of those that are named."""
        wanted = (names,) if isinstance(names, str) else tuple(names or ())
        self._handlers.append((handler, wanted))
