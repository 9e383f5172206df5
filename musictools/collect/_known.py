"""What is known already: links and identifiers of platforms, and what MusicBrainz relates."""

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from musictools._html import is_missing
from musictools.collect._identifiers import identify
from musictools.collect._places import BARE, link_of
from musictools.errors import TableError

if TYPE_CHECKING:
    import duckdb

    from musictools.collect._side import Side

#: Names of columns that hold identifiers of one kind, without a link around them.
_OWN = {
    name.format(platform): kind
    for platform, kind in (
        *((kind, kind) for kind in BARE), ("musicbrainz", "mbid"), ("itunes", "apple"),
    )
    for name in ("{}", "{}_id", "{}_track_id", "{}_recording_id", "{}_release_id", "{}_url")
} | {
    "mbid": "mbid", "recording_mbid": "mbid", "release_mbid": "mbid", "youtube_video_id": "youtube",
}  # fmt: skip
_LINKS = ("url", "link", "links", "urls", "href")
#: What links may lead to, so that a page of the artist is not taken for the song.
_MEANT = {
    "recording": frozenset({"", "track", "recording", "video"}),
    "release": frozenset({"", "release", "release-group"}),
}
_NAMED = {"applemusic": "apple", "itunes": "apple", "musicbrainz": "mbid"}


def links_of(part: Any, kind: str) -> list[tuple[int, str]]:
    """List what names each row of a frame elsewhere: row, and a token that is equal for equals."""
    found: list[tuple[int, str]] = []
    present = list(part.columns)
    for column in present:
        own = _OWN.get(str(column).lower())
        if own is None and str(column).lower() not in _LINKS:
            continue
        for row, value in enumerate(part[column].to_list()):
            values = value if isinstance(value, list | tuple) else [value]
            found += [(row, t) for one in values if (t := _token(one, own, kind))]
    key = "track_id" if kind == "recording" else "release_id"
    if "platform" in present and key in present:
        pairs = zip(part["platform"].to_list(), part[key].to_list(), strict=True)
        for row, (platform, value) in enumerate(pairs):
            name = str(platform).lower().replace(" ", "")
            own = _NAMED.get(name, name)
            if token := _token(value, own if own in BARE or own == "mbid" else None, kind):
                found.append((row, token))
    return list(dict.fromkeys(found))


def _token(value: Any, own: str | None, kind: str) -> str | None:
    if is_missing(value):
        return None
    text = str(value).strip()
    linked = link_of(text)
    if linked is not None:
        meant = linked[2] in _MEANT[kind] and own in {None, linked[0]}
        return f"{linked[0]}:{linked[1]}" if meant else None
    if own is None or not text:
        return None
    found = identify(text, own)
    return f"{own}:{found.value}" if found.valid else None


def relate(
    db: "duckdb.DuckDBPyConnection", left: "Side", right: "Side", relations: Any, kind: str
) -> None:
    """Write the table ``known``: pairs of rows, and how: by a shared id (1) or a relation (2)."""
    import pyarrow as pa

    by_token = _rows_by_token(right)
    found: dict[tuple[int, int], int] = {}
    for row, token in left.tokens:
        for other in by_token.get(token, ()):
            found[row, other] = 1
    if relations is not None:
        for pair in _related(left, right, relations, kind):
            found.setdefault(pair, 2)
    made = pa.table(
        {
            "l": pa.array([p[0] for p in found], pa.int32()),
            "r": pa.array([p[1] for p in found], pa.int32()),
            "how": pa.array(list(found.values()), pa.int8()),
        }
    )
    db.register("made", made)
    db.execute("CREATE TABLE known AS SELECT * FROM made")
    db.unregister("made")


def _rows_by_token(side: "Side") -> dict[str, list[int]]:
    rows: dict[str, list[int]] = defaultdict(list)
    for row, token in side.tokens:
        rows[token].append(row)
    return rows


def _related(left: "Side", right: "Side", relations: Any, kind: str) -> list[tuple[int, int]]:
    """Follow the relations: each row of them names one thing by all its columns."""
    groups = _Groups()
    for names in _statements(relations, kind):
        groups.join(names)
    sides = []
    for side in (left, right):
        rows: dict[str, list[int]] = defaultdict(list)
        own = [(row, f"{side.name}:{one}") for row, one in enumerate(side.ids)]
        for row, token in (*side.tokens, *own):
            if token in groups:
                rows[groups.of(token)].append(row)
        sides.append(rows)
    return [
        (one, other)
        for group, rows in sides[0].items()
        for one in rows
        for other in sides[1].get(group, ())
    ]


def _statements(relations: Any, kind: str) -> list[list[str]]:
    import narwhals as nw

    try:
        frame: Any = nw.from_native(relations)
    except TypeError as error:
        raise TableError(
            "read the relations",
            got=f"an object of type {type(relations).__name__}",
            expected="a frame with columns such as url and mbid, or left_id and right_id",
            hint="pandas.DataFrame(musicbrainz.by_url(...))",
        ) from error
    frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    statements = []
    columns = list(frame.columns)
    for record in frame.iter_rows(named=True):
        names, wrong = [], False
        for column in columns:
            value = record[column]
            if is_missing(value):
                continue
            linked = link_of(str(value))
            wrong |= linked is not None and linked[2] not in _MEANT[kind]
            own = _OWN.get(column.lower().removeprefix("left_").removeprefix("right_"))
            if token := _token(value, own, kind):
                names.append(token)
            elif column in {"left_id", "right_id"}:
                names.append(f"{column[:-3]}:{value}")
        if len(names) > 1 and not wrong:
            statements.append(names)
    return statements


class _Groups:
    """Names of one thing, found through each other."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._above

    def of(self, name: str) -> str:
        """Give the name that stands for its group."""
        while self._above[name] != name:
            self._above[name] = self._above[self._above[name]]
            name = self._above[name]
        return name

    def join(self, names: list[str]) -> None:
        """Say that these are one."""
        for name in names:
            self._above.setdefault(name, name)
        roots = sorted({self.of(name) for name in names})
        for root in roots[1:]:
            self._above[root] = roots[0]
