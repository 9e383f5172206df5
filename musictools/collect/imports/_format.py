"""What a format is: where its file comes from, how it is known, and what stands in its columns."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import IO, Any

from musictools.collect.imports._field import Context, Field


@dataclass(frozen=True)
class Evidence:
    """Where the header of a format was seen in public.

    Attributes
    ----------
    where : str
        Address, or repository, path and commit.
    read_on : str
        The day it was read, YYYY-MM-DD.
    """

    where: str
    read_on: str


@dataclass(frozen=True)
class Sample:
    """The beginning of a file, for telling what it is.

    Attributes
    ----------
    name : str
        Its name, with its folders.
    text : str
        Its first characters; none where it is a workbook or another archive.
    lines : tuple of str
        Its first lines.
    head : bytes
        Its first bytes.
    open : callable
        Gives all of its bytes, for archives: they say at their end what is in them.
    """

    name: str
    text: str
    lines: tuple[str, ...]
    head: bytes
    open: Callable[[], IO[bytes]]


@dataclass(frozen=True)
class Parsed:
    """One record that Python took out of a file that is no plain table.

    Attributes
    ----------
    line : int
        Line on which it begins.
    cells : tuple of str or None
        As many as the format has names.
    """

    line: int
    cells: Sequence[str | None]


@dataclass(frozen=True)
class Broken:
    """A record, or a part of a file, that cannot be understood.

    Attributes
    ----------
    line : int
        Line on which it begins; 0 for the whole file.
    why : str
        What is wrong with it.
    text : str
        The record itself.
    """

    line: int
    why: str
    text: str = ""


#: Takes a file apart that is neither a table of cells nor JSON records.
Parser = Callable[[Path], Iterator[Parsed | Broken]]


@dataclass(frozen=True)
class Format:
    """One kind of file that people download.

    A vendor who has several layouts has several formats of the same name and kind.

    Attributes
    ----------
    name : str
        In snake case, as in ``read_<name>``.
    kind : str
        The table that it gives: a key of ``musictools.tables.TABLES``.
    title : str
        What the vendor calls it.
    where : str
        How to download it: menus, and the address of the help page.
    evidence : tuple of Evidence
        Where its header was seen.
    columns : mapping of str to Field
        Column of our table to what stands in it.
    needs : tuple of tuple of str
        Headers by which it is known: any one of them, whole. Capitals and blanks do not count.
    metrics : mapping of str to Field
        Of a wide file of observations: metric to its column. Each filled cell gives a row.
    leave_out : mapping of str to str
        Rows that are understood, and belong elsewhere: a reason to a condition in SQL, where
        ``{Name}`` stands for a column of the file.
    total_in : tuple of str
        Column (the first that the file has) whose cell begins with "Total" in the line that sums up
        the file; that line is held against the others and gives no row.
    total_if : callable, optional
        Gives the condition, in SQL over the columns of the file, that lines meet that sum up.
    nothing : tuple of str
        Cells that stand for no value, such as ``--``.
    private : mapping of str to Field
        Columns that are dropped unless asked for.
    records : str
        Of JSON: the key under which the records stand, ``"[]"`` for a bare list; empty for tables.
    names : tuple of str
        Columns of a file that has no header, or that `parse` takes apart.
    parse : callable, optional
        Takes the file apart.
    sniff : callable, optional
        Says whether a sample is of this format, where headers cannot tell.
    rename : mapping of str to str
        Translated header to the English one.
    remarks : mapping of str to str
        What is not known of some rows that are kept, to a condition in SQL over our columns; they
        are counted in the provenance.
    tidy : callable, optional
        Takes off a header what differs between files, such as a currency; that stays in
        ``Context.written``.
    notes : tuple of str
        What a reader should know about such files.
    exact : bool
        Whether a header with columns beside those that are known is another format's.
    called : str
        Pattern of the file's name, for headers of such plain words that others may have them: only
        a file of such a name is taken for one unless a reader is told what it is.
    also : callable, optional
        What must be true of a sample beside its header, where several formats have one header.
    verified : bool
        Whether public evidence shows the header. What has none is a mapping preset.
    guessed : bool
        Whether content tells it from other formats; else it is only read by its own name.
    """

    name: str
    kind: str
    title: str
    where: str
    evidence: tuple[Evidence, ...]
    columns: Mapping[str, Field]
    needs: tuple[tuple[str, ...], ...] = ()
    metrics: Mapping[str, Field] = field(default_factory=dict)
    leave_out: Mapping[str, str] = field(default_factory=dict)
    total_in: tuple[str, ...] = ()
    total_if: Callable[[Context], str] | None = None
    nothing: tuple[str, ...] = ()
    private: Mapping[str, Field] = field(default_factory=dict)
    records: str = ""
    names: tuple[str, ...] = ()
    parse: Parser | None = None
    sniff: Callable[[Sample], bool] | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)
    tidy: Callable[[str], str] | None = None
    notes: tuple[str, ...] = ()
    exact: bool = False
    called: str = ""
    also: Callable[[Sample], bool] | None = None
    verified: bool = True
    guessed: bool = True

    def english(self, header: Sequence[str]) -> list[str]:
        """Give the header in the format's own spelling, as far as it is known."""
        bare = header if self.tidy is None else [self.tidy(name) for name in header]
        return [self._spelling.get(plain(name), name) for name in bare]

    # A file's first lines are held against all formats: what those know is looked up once.
    @cached_property
    def _spelling(self) -> Mapping[str, str]:
        own = {plain(name): name for name in self._known}
        return own | {plain(there): here for there, here in self.rename.items()}

    @cached_property
    def _known(self) -> frozenset[str]:
        needed = {name for names in self.needs for name in names}
        return frozenset(needed | {name for each in self.fields() for name in each.names})

    def fields(self) -> Iterable[Field]:
        """Give every field, private ones too."""
        yield from self.columns.values()
        yield from self.metrics.values()
        yield from self.private.values()

    def sometimes(self, seen: Collection[str]) -> Iterable[str]:
        """Give the names of what need not be there, and was not seen yet."""
        for each in self.fields():
            yield from () if each.must or set(each.names) & set(seen) else each.names[:1]
        for condition in self.leave_out.values():
            yield from re.findall(r"\{([^{}]+)\}", condition)

    def fit(self, header: Sequence[str]) -> int:
        """Count the columns by which a header is known; 0 where it is not."""
        there = set(self.english(header))
        if self.exact and not there.issubset(self._known):
            return 0
        return max((len(names) for names in self.needs if there.issuperset(names)), default=0)


# Each line of a file is held against each format.
@lru_cache(1 << 14)
def plain(name: Any) -> str:
    """Give a column's name without what editors and spreadsheets change."""
    # Byte-order marks, and soft hyphens.
    bare = re.sub("[\ufeff\u00ad]", "", str(name))
    return re.sub(r"\s+", " ", bare.strip().strip('"')).casefold()
