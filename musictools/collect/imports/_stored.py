"""Where rows stand in a database: the rows, the files that they are of, and a view of both.

What is the same on every line of a file, such as who pays and in which currency, stands once, with
the file: to write such texts into every row would take a fifth of the time of reading.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from musictools import tables
from musictools.collect.imports._field import column, quoted
from musictools.collect.imports._numbers import EXACT
from musictools.collect.imports._unpack import Member
from musictools.errors import ExportError

_TYPES = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "decimal": EXACT,
    "datetime": "TIMESTAMP",
    "time": "TIMESTAMP",
}
#: What a contract leaves open: of what there are lists, and that money is exact here.
_OWN_TYPES = {"writers": "VARCHAR[]", "shares": "DOUBLE[]", "spend": EXACT}
#: Columns of the two tables that are ours; the view shows none of them.
_FILE, _NAME, _CHECKSUM = "_file", "_file_name", "_file_checksum"
_OURS = (
    (_FILE, "INTEGER"),
    ("source", "VARCHAR"),
    (_NAME, "VARCHAR"),
    (_CHECKSUM, "VARCHAR"),
)


def types_of(kind: str) -> dict[str, str]:
    """Give the columns that each table of a kind has, with their types.

    Columns that a contract only allows are made where a format has them.
    """
    return {
        each.name: _OWN_TYPES.get(each.name) or _TYPES[each.kind]
        for each in tables.TABLES[kind].columns
        if each.required
    }


class Stored:
    """The tables of one kind.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Of the database.
    kind : str
        Name of the view, such as ``royalties``.
    new : bool
        Whether nothing can be in the database yet: to look is slow beside reading a small file.

    Attributes
    ----------
    rows : str
        Name of the table of rows.
    files : str
        Name of the table of files.
    columns : dict of str to str
        Columns of the view, with their types.
    """

    def __init__(self, connection: Any, kind: str, *, new: bool = False) -> None:
        self._connection, self.kind = connection, kind
        self.rows, self.files = f"{kind}_rows", f"{kind}_files"
        own, there = types_of(kind), {} if new else self._there()
        if not there:
            self._in_rows = self._make(self.rows, _OURS[:1])
            self._in_files = self._make(self.files, _OURS)
        elif there != {kind: "VIEW", self.rows: "BASE TABLE", self.files: "BASE TABLE"}:
            raise self._theirs(f"{', '.join(sorted(there))} that somebody else made", own)
        else:
            self._in_rows, self._in_files = self._types(self.rows), self._types(self.files)
        shown = self._types(kind) if there else own
        self.columns = shown | {
            name: type_ for name, type_ in (self._in_files | self._in_rows).items() if name in shown
        }
        self._check(own)

    def _make(self, table: str, columns: Iterable[tuple[str, str]]) -> dict[str, str]:
        told = ", ".join(f"{name} {type_}" for name, type_ in columns)
        self._connection.execute(f"CREATE TABLE {table} ({told})")
        return dict(columns)

    def _there(self) -> dict[str, str]:
        found = self._connection.execute(
            "SELECT lower(table_name), table_type FROM information_schema.tables "
            "WHERE lower(table_name) IN (?, ?, ?) AND table_schema = current_schema() "
            "AND table_catalog = current_database()",
            [self.kind, self.rows, self.files],
        )
        there = dict(found.fetchall())
        # A temporary one hides ours.
        hiding = self._connection.execute(
            "SELECT lower(table_name), 'TEMPORARY' FROM information_schema.tables "
            "WHERE lower(table_name) IN (?, ?, ?) AND table_catalog = 'temp'",
            [self.kind, self.rows, self.files],
        )
        return there | dict(hiding.fetchall())

    def _types(self, table: str) -> dict[str, str]:
        # To describe a view would fail where its tables were altered.
        found = self._connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? AND "
            "schema_name = current_schema() AND database_name = current_database() "
            "ORDER BY column_index",
            [table],
        )
        return dict(found.fetchall())

    def _check(self, own: Mapping[str, str]) -> None:
        missing = [name for name in own if name not in self.columns]
        if missing:
            raise self._theirs(f"a table without {', '.join(missing)}", own)
        for name, type_ in own.items():
            if type_ == EXACT and self.columns[name] != EXACT:
                raise self._theirs(f"a table with {name} of type {self.columns[name]}", own)

    def _theirs(self, got: str, own: Mapping[str, str]) -> ExportError:
        return ExportError(
            f"read into the table {self.kind}",
            got=got,
            expected=f"one that mt.collect.read made: {', '.join(own)}; amounts are {EXACT}",
            hint="read into a database of its own",
        )

    def add(
        self, member: Member, source: str, columns: Mapping[str, str], same: Mapping[str, str]
    ) -> int:
        """Make room for the rows of a file, and give the file's number.

        Parameters
        ----------
        member : Member
            The file.
        source : str
            What stands in the column of that name.
        columns : mapping of str to str
            What its rows tell, with their types.
        same : mapping of str to str
            Those of which all its rows tell the same, and the expression of it.
        """
        self._admit(columns)
        told = {name: sql for name, sql in same.items() if not sql.startswith("CAST(NULL")}
        self._widen(self.rows, self._in_rows, [name for name in columns if name not in same])
        self._widen(self.files, self._in_files, list(told))
        (number,) = self._connection.execute(
            f"SELECT coalesce(max({_FILE}) + 1, 0) FROM {self.files}"
        ).fetchall()[0]
        ours = {_FILE: str(number), "source": quoted(source), _NAME: quoted(member.name)}
        ours |= {_CHECKSUM: quoted(_told(member))} | told
        values = ", ".join(f"{sql} AS {column(name)}" for name, sql in ours.items())
        self._note_file(f"INSERT INTO {self.files} BY NAME SELECT {values}")
        self._connection.execute(f"CREATE OR REPLACE VIEW {self.kind} AS {self.select()}")
        return int(number)

    def _admit(self, columns: Mapping[str, str]) -> None:
        """Take columns that are new; a cast, or another spelling, would lose some of others."""
        spelled = {name.lower(): name for name in self.columns}
        for name, type_ in columns.items():
            there = spelled.setdefault(name.lower(), name)
            held = self.columns.setdefault(there, type_)
            if (there, held) != (name, type_):
                raise ExportError(
                    f"read into the table {self.kind}",
                    got=f"a column {name} of type {type_}",
                    expected=f"{there} of type {held}, as the table has it",
                    hint="give it another name, or read into a database of its own",
                )

    def _note_file(self, sql: str) -> None:
        import duckdb

        try:
            self._connection.execute(sql)
        except duckdb.ConversionException as error:
            # Only what the reader says is cast here.
            raise ExportError(
                f"fill columns of {self.kind}",
                got=str(error).split("\n")[0],
                expected="constants that are what their columns hold",
                hint="constants={...}; mt.tables.describe() tells of most columns",
            ) from error

    def _widen(self, table: str, there: dict[str, str], names: list[str]) -> None:
        for name in names:
            if name not in there and name != "source":
                there[name] = self.columns[name]
                self._connection.execute(
                    f"ALTER TABLE {table} ADD COLUMN {column(name)} {there[name]}"
                )

    def insert(self, number: int, rows: str) -> str:
        """Write SQL that inserts rows of a file."""
        return f"INSERT INTO {self.rows} BY NAME SELECT *, {number} AS {_FILE} FROM ({rows})"

    def select(self, *extra: str) -> str:
        """Write SQL that shows the rows, with all that their files tell of them."""
        shown = [f"{self._shown(name)} AS {column(name)}" for name in self.columns]
        joined = f"{self.rows} AS r JOIN {self.files} AS f ON r.{_FILE} = f.{_FILE}"
        return f"SELECT {', '.join([*shown, *extra])} FROM {joined}"

    def _shown(self, name: str) -> str:
        sides = [
            f"{alias}.{column(name)}"
            for alias, there in (("r", self._in_rows), ("f", self._in_files))
            if name in there
        ]
        if not sides:
            return f"CAST(NULL AS {self.columns[name]})"
        return sides[0] if len(sides) == 1 else f"coalesce({', '.join(sides)})"

    def select_in_order(self) -> str:
        """Write SQL that shows the rows in the order of the files, which a join would not keep."""
        shown = [f"{self._looked_up(name)} AS {column(name)}" for name in self.columns]
        return f"SELECT {', '.join(shown)} FROM {self.rows} AS r"

    def _looked_up(self, name: str) -> str:
        if name not in self._in_files:
            return self._shown(name)
        values = self._connection.execute(
            f"SELECT CAST({column(name)} AS VARCHAR) FROM {self.files} ORDER BY {_FILE}"
        ).fetchall()
        texts = ", ".join("NULL" if text is None else quoted(text) for (text,) in values)
        found = f"(CAST([{texts}] AS {self._in_files[name]}[]))[r.{_FILE} + 1]"
        return f"coalesce(r.{column(name)}, {found})" if name in self._in_rows else found

    def replace(self, members: list[Member], source: str) -> None:
        """Take out what was read of the same files before, one by one or with others of these.

        Raises
        ------
        ExportError
            If one of them was read together with files that are not among these.
        """
        files = {_told(member): member.name for member in members}
        # It may have been read before anybody said whose it is.
        files |= {_told(replace(each, sums=each.checksum, whose="")): each.name for each in members}
        held = self._connection.execute(
            f"SELECT source, list({_CHECKSUM}), list({_NAME}) FROM {self.files} GROUP BY source "
            f"HAVING list_has_any(list({_CHECKSUM}), ?)",
            [list(files)],
        ).fetchall()
        for earlier, sums, names in held:
            told = zip(names, sums, strict=True)
            others = sorted(name for name, each in told if each not in files)
            if others:
                raise ExportError(
                    f"read {source.rsplit('#', 1)[0]}",
                    got=f"a file that was read together with {', '.join(others[:3])} before",
                    expected="files that are new, or all of those that were read together",
                    hint="read their folder or archive again, with what is new in it",
                )
            self._connection.execute(
                f"DELETE FROM {self.rows} WHERE {_FILE} IN "
                f"(SELECT {_FILE} FROM {self.files} WHERE source = ?)",
                [earlier],
            )
            self._connection.execute(f"DELETE FROM {self.files} WHERE source = ?", [earlier])
            # The same files may also have been read as another kind of table.
            for name in ("imports", "import_problems"):
                self._connection.execute(
                    f"DELETE FROM {name} WHERE source = ? AND kind = ?", [earlier, self.kind]
                )


def _told(member: Member) -> str:
    crc, size = member.checksum
    return f"{crc:08x} {size} {member.whose}".rstrip()
