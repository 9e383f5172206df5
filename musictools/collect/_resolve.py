"""Which rows of two catalogues are the same recording, or the same release; with the evidence."""

import datetime as dt
import tempfile
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from musictools._card import Table
from musictools._progress import track
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError, closest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb
    import pandas as pd

    from musictools.collect._likeness import Vocabulary
    from musictools.collect._lines import Found
    from musictools.collect._scores import Scored
    from musictools.collect._side import Side

#: Of DuckDB's own tables; the rest of it goes to a temporary folder.
_MEMORY = "3GB"
_KINDS = ("recording", "release")
_COLUMNS = (
    "left_id", "right_id", "rank", "state", "method", "score", "evidence", "date",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class Resolution(Result):
    """Which rows of two catalogues are one thing; to be used like the table that it holds.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns ``left_id, right_id, rank, state, method, score, evidence, date``, in the order of
        the left catalogue. A matched row has one line for each right row that is the same thing,
        best first (one recording on several releases is several rows): lines of ``rank`` 1 are one
        for each left row. An ambiguous one has a line for each candidate, at most five. One without
        a match has one line, without right_id. ``method`` is pin, id, relation, isrc, upc or fuzzy;
        ``score`` goes from 0 to 1, and is the odds of the evidence, not a share of right answers.
    kind : str
        ``recording`` or ``release``.
    matched, ambiguous, none : int
        Rows of the left catalogue in each state.
    crowded : int
        Rows that were not compared with all that share a key with them, since too many do; where
        that could hide the answer, the row is ambiguous and its evidence says so.
    provenance : dict
        What was compared, by which thresholds, on which day.
    """

    _drawn_by: ClassVar[str] = "matches"

    table: "pd.DataFrame" = field(repr=False)
    kind: str
    matched: int
    ambiguous: int
    none: int
    crowded: int = 0
    _review: "pd.DataFrame" = field(repr=False)

    def to_frame(self) -> "pd.DataFrame":
        """Give all lines.

        Returns
        -------
        pandas.DataFrame
            As ``table``, yours to change.
        """
        return self.table.copy()

    def __getitem__(self, key: Any) -> Any:
        """Give a column of the table, or some of its lines."""
        return self.table[key]

    def __len__(self) -> int:
        return len(self.table)

    def __getattr__(self, name: str) -> Any:
        # What a frame can do: query, merge, groupby. Names of our own, and of Python's, never come
        # here unless they are not there.
        if name.startswith("_") or name == "table":
            return object.__getattribute__(self, name)
        return getattr(self.table, name)

    def best(self) -> "pd.DataFrame":
        """Give the matches, one line for each left row that has one.

        Returns
        -------
        pandas.DataFrame
            The lines of ``table`` that are matched and of rank 1: safe to join by, as no left row
            comes twice.
        """
        lines = self.table
        return lines[(lines["state"] == "matched") & (lines["rank"] == 1)].reset_index(drop=True)

    def review(self) -> "pd.DataFrame":
        """Give the ambiguous side by side, with a column for a person's answer.

        Returns
        -------
        pandas.DataFrame
            Columns ``left_id, right_id, left_title, right_title, left_artist, right_artist,
            left_isrc, right_isrc, left_duration_s, right_duration_s, score, evidence, answer``.
            Write ``yes`` or ``no`` into ``answer``, leave it empty where you do not know, and give
            the table, or the CSV file that it was saved to, as ``pins``. ``yes`` in a line without
            right_id means that nothing on the right is it.
        """
        return self._review.copy()

    def _verdict(self) -> str:
        return (
            f"{self.kind.capitalize()}s: {self.matched:,} matched, {self.ambiguous:,} ambiguous, "
            f"{self.none:,} without a match."
        )

    def _tables(self) -> Iterable[Table]:
        return [("Lines", self.table[list(_COLUMNS)])]


def resolve(  # noqa: PLR0913 - all but the catalogues are optional and by name
    left: Any,
    right: Any,
    *,
    kind: Literal["recording", "release"] = "recording",
    id_column: str | tuple[str, str] | None = None,
    pins: "pd.DataFrame | Path | str | dict[Any, Any] | Iterable[tuple[Any, Any]] | None" = None,
    relations: Any = None,
    threshold: float = 0.9,
    date: dt.date | None = None,
    progress: bool | None = None,
) -> Resolution:
    """Find which rows of two catalogues are the same recording, or the same release.

    In this order: answers of a person (`pins`); links and identifiers of platforms that both rows
    have; MusicBrainz' relations; ISRC or UPC, where title or length agree with it; then title,
    artists, length and year together. Remasters, live takes, remixes and other versions are other
    recordings. Nothing is picked silently: where a second answer that is another recording is
    about as good, or only one field agrees, the row is ambiguous.

    Parameters
    ----------
    left, right : pandas, polars, pyarrow or DuckDB frame, or path of a CSV or Parquet file
        Catalogues, as in ``mt.tables.describe("recordings")``: title, artist, isrc, duration_s, and
        where there are, year (or released_at), release, upc, columns of links (url, links) and of
        platforms' identifiers (spotify_id, deezer_id, mbid ...). All but the identifier may be
        missing.
    kind : str
        ``"recording"``, or ``"release"`` (title or release_title, artist, upc, year).
    id_column : str or (str, str), optional
        What names the rows, on both sides or on each; else recording_id or release_id.
    pins : pandas.DataFrame, path, dict or pairs, optional
        What a person said: `Resolution.review` filled in, or pairs (left_id, right_id), where no
        right_id means that there is none.
    relations : frame, optional
        What is known to be one: each row names one thing by its columns (``url`` and ``mbid`` as
        MusicBrainz' client gives them, ``left_id``, ``right_id``, ``spotify_id`` ...).
    threshold : float
        Least score of a match, between 0.5 and 1.
    date : datetime.date, optional
        The day that the links bear; today.
    progress : bool, optional
        None shows a bar when a person watches.

    Returns
    -------
    Resolution
        Its ``table`` has a state, method, score, evidence and date for every left row.

    Raises
    ------
    InputError
        If the kind or threshold cannot be, or pins contradict each other.
    TableError
        If a catalogue is no frame, or has no identifiers, or one twice.

    Examples
    --------
    >>> import pandas as pd, musictools as mt
    >>> ours = pd.DataFrame({"recording_id": ["r1", "r2"], "title": ["Blue (feat. Bo)", "Tide"],
    ...                      "artist": ["Ana", "Ana"], "duration_s": [201.0, 180.0]})
    >>> theirs = pd.DataFrame({"recording_id": [7, 8], "title": ["BLUE", "Tide (Live)"],
    ...                        "artist": ["Ana & Bo", "Ana"], "duration_s": [200.6, 182.0]})
    >>> found = mt.collect.resolve(ours, theirs)
    >>> found.table[["left_id", "right_id", "state", "method"]].values.tolist()
    [['r1', 7, 'matched', 'fuzzy'], ['r2', None, 'none', '']]
    >>> found.table["evidence"][0]
    'same title; same artist; same length'
    """
    _check(kind, threshold, id_column, date)
    from musictools.collect._lines import Lines, decide_all
    from musictools.collect._pins import read_pins
    from musictools.collect._side import open_side

    names = id_column if isinstance(id_column, tuple) else (id_column, id_column)
    sides = open_side(left, "left", kind, names[0]), open_side(right, "right", kind, names[1])
    answers = read_pins(pins)
    day = dt.datetime.now(dt.UTC).date() if date is None else date
    with _database() as db:
        pairs, vocabulary = _compare(db, sides, kind, relations, progress=progress)
        found = decide_all(db, sides, kind, answers, pairs, vocabulary, threshold)
        lines, review = Lines(sides, kind, found, day).frames()
    return _resolution(lines, review, found, kind, threshold, day)


def _resolution(
    lines: "pd.DataFrame", review: "pd.DataFrame", found: "Found", kind: str, threshold: float,
    day: dt.date,
) -> Resolution:  # fmt: skip
    import numpy as np

    counts = np.bincount(found.state, minlength=3)
    return Resolution(
        table=lines, kind=kind, matched=int(counts[1]), ambiguous=int(counts[2]),
        none=int(counts[0]), crowded=int(np.count_nonzero(found.crowded)), _review=review,
        provenance={
            "musictools": __version__, "function": "mt.collect.resolve", "kind": kind,
            "threshold": threshold, "date": day.isoformat(), "pinned": len(found.pinned),
            "unknown_pins": found.unknown_pins,
        },
    )  # fmt: skip


def _check(kind: str, threshold: Any, id_column: Any, date: Any) -> None:
    if kind not in _KINDS:
        raise InputError(
            "resolve two catalogues",
            got=f"kind={kind!r}",
            expected="one of " + ", ".join(map(repr, _KINDS)),
            hint=closest(str(kind), _KINDS),
        )
    if isinstance(id_column, tuple) and len(id_column) != 2:
        raise InputError(
            "resolve two catalogues",
            got=f"id_column={id_column!r}",
            expected="one name, or a pair of names",
            hint="id_column=('our_id', 'their_id')",
        )
    if date is not None and not isinstance(date, dt.date):
        raise InputError(
            "resolve two catalogues",
            got=f"date={date!r}",
            expected="a datetime.date",
            hint="datetime.date(2026, 1, 31)",
        )
    if not isinstance(threshold, int | float) or not 0.5 <= threshold < 1:
        raise InputError(
            "resolve two catalogues",
            got=f"threshold={threshold!r}",
            expected="0.5 or more, and less than 1",
            hint="threshold=0.9",
        )


@contextmanager
def _database() -> "Iterator[duckdb.DuckDBPyConnection]":
    """Open a database in memory that goes to disk when it is full."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="musictools-resolve-") as folder:
        db = duckdb.connect(
            config={
                "memory_limit": _MEMORY,
                "temp_directory": folder,
                "preserve_insertion_order": False,
            }
        )
        try:
            yield db
        finally:
            db.close()


def _compare(
    db: "duckdb.DuckDBPyConnection", sides: "tuple[Side, Side]", kind: str, relations: Any,
    *, progress: bool | None,
) -> "tuple[Scored, Vocabulary]":  # fmt: skip
    import numpy as np

    from musictools.collect._blocking import SLICE, block, pair_up
    from musictools.collect._known import relate
    from musictools.collect._likeness import Vocabulary
    from musictools.collect._scores import Scored, score
    from musictools.collect._side import CHUNK, load

    for side in sides:
        chunks = -(-len(side) // CHUNK)
        label = f"reading {side.name}"
        for _ in track(
            load(db, side, kind), total=chunks, label=label, unit="part", progress=progress
        ):
            pass
    relate(db, *sides, relations, kind)
    block(db, kind)
    vocabulary = Vocabulary(db)
    starts = range(0, len(sides[0]), SLICE)
    parts: list[Scored] = []
    for start in track(
        starts, total=len(starts), label="comparing", unit="part", progress=progress
    ):
        if pair_up(db, start, start + SLICE):
            parts += score(db, kind, vocabulary)
    if not parts:
        return Scored.empty(), vocabulary
    return Scored(*(np.concatenate(values) for values in zip(*parts, strict=True))), vocabulary
