"""The list of what to watch: a TOML file, read and checked before the first request."""

import inspect
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from musictools._paths import cache_dir
from musictools.collect._call import Rows
from musictools.collect._capabilities import lacking, was_removed
from musictools.collect._source import Source
from musictools.collect._store import Store
from musictools.errors import InputError, closest

_SECTIONS = ("store", "budget", "watch")
_OWN = ("platform", "method", "ids")
_MEMORY = ":memory:"


@dataclass(frozen=True)
class Job:
    """One question of the list.

    Attributes
    ----------
    item : int
        Number of its ``[[watch]]``, from 1.
    id : str
        What it asks about; empty where the method asks about nothing in particular.
    rows : Rows
        The question, not yet sent.
    """

    item: int
    id: str
    rows: Rows[Any]

    @property
    def platform(self) -> str:
        """Name the platform."""
        return self.rows.call.source.NAME

    @property
    def method(self) -> str:
        """Name the method."""
        return self.rows.call.method


def read_list(
    path: Path, store: Store | str | Path | None, *, make: bool
) -> tuple[Store, tuple[Job, ...]]:
    """Read a list and check it, without a request.

    Parameters
    ----------
    path : Path
        TOML file.
    store : Store or path, optional
        Instead of the one that the list names.
    make : bool
        Make the store where it is not there; else nothing is written, and one that is not there
        counts as empty.

    Returns
    -------
    tuple
        The store, and what the list asks for.
    """
    told = _read(path)
    _check_names(path, "the list", told, _SECTIONS)
    items = told.get("watch", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _wrong(path, "watch", "no list of tables", "[[watch]] before each of them")
    budgets = _budgets(path, told.get("budget", {}))
    lines = _lines_of_items(path)
    where = [
        f"[[watch]] {i}" + (f" (line {lines[i - 1]})" if i <= len(lines) else "")
        for i in range(1, len(items) + 1)
    ]
    for name, item in zip(where, items, strict=True):
        _check_item(path, name, item)
    opened = _store(path, told.get("store", {}), store, make=make)
    sources: dict[str, Source] = {}
    for item in items:
        name = item["platform"]
        if name not in sources:
            sources[name] = _client(name)(store=opened, budget=budgets.get(name))
    jobs = (
        job
        for i, (name, item) in enumerate(zip(where, items, strict=True), 1)
        for job in _jobs(path, name, i, item, sources[item["platform"]])
    )
    return opened, tuple(jobs)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"read the list {str(path)!r}",
            got=str(error),
            expected="a TOML file",
            hint="musictools collect --help shows one",
        ) from error


def _store(path: Path, told: Any, given: Store | str | Path | None, *, make: bool) -> Store:
    if not isinstance(told, dict):
        raise _wrong(path, "store", f"{told!r}", '[store] and below it path = "..."')
    _check_names(path, "[store]", told, ("path",))
    name = told.get("path")
    if not isinstance(name, str | None):
        raise _wrong(path, "[store]", f"path = {name!r}", 'path = "collected.sqlite"')
    if isinstance(given, Store):
        return given
    if given is None and name is not None:
        # A job of the night runs from anywhere: the list itself is what stays where it is.
        given = name if name == _MEMORY else path.parent / Path(name).expanduser()
    usual = cache_dir("collect", "store.sqlite")
    if not make and not Path(usual if given is None else given).exists():
        given = _MEMORY
    return Store(given)


def _budgets(path: Path, told: Any) -> dict[str, dict[str, float]]:
    if not isinstance(told, dict):
        raise _wrong(path, "budget", f"{told!r}", "[budget.X] and below it usd = 1")
    for name, units in told.items():
        where = f"[budget.{name}]"
        client = _need_client(path, where, name)
        if not isinstance(units, dict):
            raise _wrong(path, where, f"{units!r}", f"{where} and below it requests = 100")
        _check_names(path, where, units, client.units())
        for unit, amount in units.items():
            if isinstance(amount, bool) or not isinstance(amount, int | float) or amount < 0:
                raise _wrong(path, where, f"{unit} = {amount!r}", f"{unit} = 1")
    return told


def _check_item(path: Path, where: str, item: Mapping[str, Any]) -> None:
    for name in ("platform", "method"):
        if not isinstance(item.get(name), str):
            example = {"platform": '"Deezer"', "method": '"metrics"'}[name]
            raise _wrong(path, where, f"no {name}", f"{name} = {example}")
    client = _need_client(path, where, item["platform"])
    method = item["method"]
    if method not in client.PRICES:
        if was_removed(client.NAME, method):
            raise lacking(client.NAME, method)
        raise _wrong(path, where, f"method = {method!r}", closest(method, client.PRICES))
    first, takes = _parameters(client, method)
    _check_names(path, where, item, (*_OWN, *takes))
    ids = item.get("ids")
    if ids is None:
        return
    if first is None:
        raise _wrong(path, where, f"ids = {ids!r}", f"no ids: {method} asks about nothing by name")
    good = isinstance(ids, list) and ids
    if not good or not all(isinstance(one, str | int) and one is not True for one in ids):
        raise _wrong(path, where, f"ids = {ids!r}", 'ids = ["27", "13"]')


def _jobs(
    path: Path, where: str, number: int, item: Mapping[str, Any], source: Source
) -> Iterator[Job]:
    options = {name: value for name, value in item.items() if name not in _OWN}
    ask = getattr(source, item["method"])
    first, _ = _parameters(type(source), item["method"])
    # The same thing twice would be asked once, and told twice.
    for one in dict.fromkeys(item["ids"]) if "ids" in item else (None,):
        given = dict(options) if one is None or first is None else {first: one, **options}
        try:
            inspect.signature(ask).bind(**given)
            rows = ask(**given)
        except (TypeError, ValueError, InputError) as error:
            got = error.got if isinstance(error, InputError) else str(error)
            hint = error.hint if isinstance(error, InputError) else 'ids = ["..."]'
            raise _wrong(path, where, got, hint) from error
        yield Job(number, "" if one is None else str(one), rows)


def _parameters(client: type[Source], method: str) -> tuple[str | None, tuple[str, ...]]:
    """Name the parameter that ids go into, if there is one, and all."""
    found = list(inspect.signature(getattr(client, method)).parameters.values())[1:]
    first = next((one.name for one in found if one.kind is one.POSITIONAL_OR_KEYWORD), None)
    return first, tuple(one.name for one in found)


def _client(name: str) -> type[Source]:
    from musictools import collect

    client = getattr(collect, name) if name in dir(collect) else None
    if not _is_client(client):
        raise KeyError(name)
    return client


def _is_client(value: object) -> TypeGuard[type[Source]]:
    return inspect.isclass(value) and issubclass(value, Source)


def _need_client(path: Path, where: str, name: str) -> type[Source]:
    from musictools import collect

    try:
        return _client(name)
    except KeyError:
        known = [one for one in dir(collect) if _is_client(getattr(collect, one))]
        raise _wrong(path, where, f"platform = {name!r}", closest(name, known)) from None


def _check_names(path: Path, where: str, told: Mapping[str, Any], known: Any) -> None:
    for name in told:
        if name not in known:
            raise _wrong(path, where, name, closest(name, known))


def _wrong(path: Path, where: str, got: str, hint: str) -> InputError:
    return InputError(
        f"read {where} of {path.name}", got=got, expected="what a list may hold", hint=hint
    )


def _lines_of_items(path: Path) -> list[int]:
    """Find the lines of the items: the parser of TOML does not tell them."""
    lines = path.read_text("utf-8").splitlines()
    return [i for i, line in enumerate(lines, 1) if re.match(r"\s*\[\[\s*watch\s*\]\]", line)]
