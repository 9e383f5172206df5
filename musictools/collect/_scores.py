"""Pairs of rows, field by field, and what that adds up to."""

# ruff: noqa: S608 - the names that are put into queries are our own.

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from musictools.collect._likeness import Vocabulary, artists, titles, versions
from musictools.collect._weights import (
    APART_S,
    ARTIST,
    ARTISTS,
    CLOSE_S,
    CODE,
    EXCUSED_S,
    KNOWN,
    PRIOR,
    RELEASE,
    SAME_S,
    TELLING,
    TITLE,
    TITLES,
    VAGUE_CODE,
    VAGUE_YEARS,
    VERSION,
    VERSIONS,
)  # fmt: skip

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

#: Pairs that are scored at once.
BATCH = 250_000
#: Pairs below these odds are forgotten: nobody would look at them.
FLOOR = -1.0
#: Odds from which two rows of one catalogue are one thing; less than of a match, as it is not said.
SURE = 1.0

#: All of both: what a credit says besides may be the version.
_SWAPPED = "(a.everybody = b.sq AND b.everybody = a.sq)"
#: Texts that are equal are equal, whatever was taken for a version in one of them.
_FIELDS = f"""
  CASE WHEN a.sq IS NULL OR b.sq IS NULL THEN 0
       WHEN (b.cut AND len(b.raw) >= 9 AND starts_with(a.raw, b.raw))
         OR (a.cut AND len(a.raw) >= 9 AND starts_with(b.raw, a.raw)) THEN 5
       WHEN a.sq = b.sq OR a.raw = b.raw THEN 1
       WHEN {_SWAPPED} THEN 6
       WHEN a.numbers = b.numbers AND (list_contains(b.variants, a.sq)
            OR list_contains(a.variants, b.sq)) THEN 2
       WHEN a.numbers = b.numbers AND (a.strange OR b.strange)
            AND list_has_any(a.variants, b.variants) THEN 3
       ELSE 4 END AS title,
  a.core AS a_core, b.core AS b_core, a.numbers = b.numbers AS numbered,
  CASE WHEN a.main IS NULL OR b.main IS NULL THEN 0
       WHEN a.main = b.main OR a.everybody = b.everybody OR a.main = b.everybody
            OR a.everybody = b.main OR a.bag = b.bag THEN 1
       WHEN {_SWAPPED} THEN 5
       WHEN list_has_all(a.names, b.names) OR list_has_all(b.names, a.names) THEN 2
       WHEN list_has_any(a.names, b.names) THEN 3 ELSE 4 END AS artist,
  a.bag AS a_bag, b.bag AS b_bag, a.main AS a_main, b.main AS b_main,
  a.everybody AS a_all, b.everybody AS b_all,
  a.hard = b.hard OR a.raw = b.raw AS hard, a.hard AS kinds, b.hard AS b_kinds,
  a.hard_words AS a_words,
  CASE WHEN a.raw = b.raw THEN a.hard_words ELSE b.hard_words END AS b_words,
  CASE WHEN a.raw = b.raw OR (a.soft = b.soft AND a.soft_words = b.soft_words AND a.cut = b.cut)
            THEN (CASE WHEN a.soft = '' THEN 0 ELSE 1 END)
       WHEN a.soft = b.soft AND (a.soft_words = '' OR b.soft_words = '') AND a.cut = b.cut THEN 4
       WHEN a.soft = b.soft AND a.cut = b.cut THEN 3 ELSE 2 END AS soft,
  abs(a.seconds - b.seconds) AS apart, abs(a.year - b.year) AS years,
  CASE WHEN a.isrc = b.isrc THEN 1 WHEN a.isrc <> b.isrc THEN -1 ELSE 0 END AS isrc,
  CASE WHEN a.gtin = b.gtin THEN 1 WHEN a.gtin <> b.gtin THEN -1 ELSE 0 END AS gtin,
  CAST(coalesce(a.release = b.release, false) AS TINYINT) AS release
"""
#: Pairs that are worth a look at letters: a join alone lets too many through.
_WORTH = f"""
k.how IS NOT NULL OR coalesce(a.isrc = b.isrc, false) OR coalesce(a.gtin = b.gtin, false)
OR {_SWAPPED}
OR ((a.sq = b.sq OR a.strange <> b.strange OR starts_with(a.sq, b.sq) OR starts_with(b.sq, a.sq)
     OR list_has_any(a.variants, b.variants) OR jaro_winkler_similarity(a.sq, b.sq) > 0.8)
    AND (a.main IS NULL OR b.main IS NULL OR a.main = b.main OR a.bag = b.bag
         OR list_has_any(a.names, b.names) OR list_has_any(a.name_bones, b.name_bones)
         OR jaro_winkler_similarity(a.main, b.main) > 0.75
         OR jaro_winkler_similarity(a.everybody, b.everybody) > 0.75))
"""
_BETWEEN = f"""
SELECT p.l, p.r, coalesce(k.how, 0) AS how, {_FIELDS}
FROM pairs p JOIN left_rows a ON p.l = a.row JOIN right_rows b ON p.r = b.row
LEFT JOIN known k ON k.l = p.l AND k.r = p.r WHERE {_WORTH}
"""
_WITHIN = """
SELECT p.l, p.r, 0 AS how, {fields}
FROM within p JOIN {side}_rows a ON p.x = a.row JOIN {side}_rows b ON p.y = b.row
"""


class Scored(NamedTuple):
    """Pairs and how alike they are; all arrays of one length.

    `title`, `artist` and `version` count in the tables above. `apart_s` and `years` are -1 where
    not known, `isrc` and `gtin` 1 where equal, -1 where different, `how` as in ``known``.
    """

    left: "NDArray[np.int32]"
    right: "NDArray[np.int32]"
    odds: "NDArray[np.float64]"
    allowed: "NDArray[np.bool_]"
    title: "NDArray[np.int8]"
    artist: "NDArray[np.int8]"
    version: "NDArray[np.int8]"
    apart_s: "NDArray[np.float32]"
    years: "NDArray[np.int16]"
    isrc: "NDArray[np.int8]"
    gtin: "NDArray[np.int8]"
    release: "NDArray[np.bool_]"
    how: "NDArray[np.int8]"

    @classmethod
    def empty(cls) -> "Scored":
        """Give no pairs."""
        kinds: tuple[Any, ...] = (
            np.int32, np.int32, np.float64, np.bool_, np.int8, np.int8, np.int8, np.float32,
            np.int16, np.int8, np.int8, np.bool_, np.int8,
        )  # fmt: skip
        return cls(*(np.zeros(0, kind) for kind in kinds))

    def take(self, which: "NDArray[Any]") -> "Scored":
        """Give some of them."""
        return Scored(*(values[which] for values in self))


def probability(odds: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Turn log odds into 0 to 1."""
    return 1.0 / (1.0 + np.exp(-odds))


def score(db: "duckdb.DuckDBPyConnection", kind: str, vocabulary: Vocabulary) -> Iterator[Scored]:
    """Score all pairs, a batch at a time; those that nobody would look at are left out."""
    other = VERSIONS.index("other")
    for scored in _read(db, _BETWEEN, kind, vocabulary):
        known = (scored.isrc == 1) | (scored.how > 0)
        yield scored.take((scored.odds >= FLOOR) & (known | (scored.version != other)))


def score_within(
    db: "duckdb.DuckDBPyConnection", side: str, kind: str,
    first: "NDArray[np.int32]", second: "NDArray[np.int32]", vocabulary: Vocabulary,
) -> "NDArray[np.bool_]":  # fmt: skip
    """Say which rows of one catalogue are surely the same thing as others of it.

    Surely, since two that look alike to the left catalogue must not be called one if they may be a
    song and its new recording: two codes are one thing only where nothing else tells them apart.
    """
    import pyarrow as pa

    one = np.zeros(len(first), bool)
    if not len(first):
        return one
    n = pa.array(np.arange(len(first), dtype=np.int32))
    db.register("within", pa.table({"l": n, "r": n, "x": first, "y": second}))
    for scored in _read(db, _WITHIN.format(fields=_FIELDS, side=side), kind, vocabulary):
        code = scored.gtin if kind == "release" else scored.isrc
        close = (scored.apart_s <= CLOSE_S) | (code == 1)
        exact = (scored.apart_s >= 0) & (scored.apart_s <= 1.0) & (scored.title == 1)
        # A remaster and what it was made of are two things, whatever code they share.
        doubt = scored.version == VERSIONS.index("doubt")
        doubt |= (scored.version == VERSIONS.index("years")) & (code != 1)
        # Two years of a release are two releases; of a recording, where no length says otherwise.
        timed = (kind != "release") & (scored.apart_s >= 0)
        dated = (scored.years <= 1) | (code == 1) | timed
        fine = close & ((code != -1) | (exact & (kind != "release"))) & ~doubt & dated
        one[scored.left] = fine & scored.allowed & (scored.odds >= SURE)
    db.unregister("within")
    return one


def _read(
    db: "duckdb.DuckDBPyConnection", query: str, kind: str, vocabulary: Vocabulary
) -> Iterator[Scored]:
    made = db.sql(query)
    # Its name since DuckDB 1.4.
    reader = getattr(made, "to_arrow_reader", None) or made.fetch_record_batch
    for batch in reader(BATCH):
        if batch.num_rows:
            yield _score(batch, vocabulary, is_release=kind == "release")


def _score(batch: Any, vocabulary: Vocabulary, *, is_release: bool) -> Scored:
    def numbers(name: str, missing: float, kind: type) -> "NDArray[Any]":
        return np.asarray(batch[name].fill_null(missing).to_numpy(zero_copy_only=False), kind)

    title, artist = titles(batch, vocabulary), artists(batch, vocabulary)
    version = versions(batch, title)
    apart, years = numbers("apart", -1.0, np.float32), numbers("years", -1, np.int16)
    isrc, gtin = numbers("isrc", 0, np.int8), numbers("gtin", 0, np.int8)
    release, how = numbers("release", 0, np.bool_), numbers("how", 0, np.int8)
    odds = np.full(len(title), PRIOR)
    for codes, table in ((title, TITLE), (artist, ARTIST), (version, VERSION)):
        odds += np.array([points for points, _ in table.values()])[codes]
    odds += _by_length(apart) + _by_year(years)
    code = gtin if is_release else isrc
    odds += np.array([CODE[0], CODE[1], CODE[-1]])[code]
    if not is_release:
        telling = np.array([points >= TELLING for points, _ in TITLE.values()])[title]
        odds += np.where((release | (gtin == 1)) & telling, RELEASE, 0.0)
    vague = version == VERSIONS.index("vague")
    odds += np.where(vague & (years > 1), VAGUE_YEARS, 0.0)
    odds += np.where(vague & (code == -1), VAGUE_CODE, 0.0)
    # What is said to be one is never dropped unseen, whatever speaks against it.
    odds = np.where(how > 0, np.maximum(odds + KNOWN, 0.5), odds)
    return Scored(
        numbers("l", 0, np.int32), numbers("r", 0, np.int32), odds,
        _allowed(title, artist, version, apart, years, code, how),
        title, artist, version, apart, years, isrc, gtin, release, how,
    )  # fmt: skip


def _by_length(apart: "NDArray[np.float32]") -> "NDArray[np.float64]":
    known = np.where(
        apart <= SAME_S, 3.0,
        np.where(apart <= CLOSE_S, 2.0,
                 np.where(apart <= APART_S, 0.0, -np.minimum(8.0, 2.0 + (apart - APART_S) / 3.0))),
    )  # fmt: skip
    return np.where(apart < 0, 0.0, known).astype(np.float64)


def _by_year(years: "NDArray[np.int16]") -> "NDArray[np.float64]":
    # Reissues have years of their own, so that other years say little.
    told = [years < 0, years == 0, years == 1, years <= 3, years <= 10]
    return np.select(told, [0.0, 1.0, 0.5, -0.5, -1.0], -2.0)


def _allowed(
    title: "NDArray[np.int8]", artist: "NDArray[np.int8]", version: "NDArray[np.int8]",
    apart: "NDArray[np.float32]", years: "NDArray[np.int16]", code: "NDArray[np.int8]",
    how: "NDArray[np.int8]",
) -> "NDArray[np.bool_]":  # fmt: skip
    """Say which pairs may be called one thing at all, whatever their odds."""
    other_title, other_artist = title == TITLES.index("other"), artist == ARTISTS.index("other")
    far = apart > APART_S
    excused = (code == 1) & (title == TITLES.index("same")) & (apart <= EXCUSED_S)
    # A code is believed where the title or the length agrees as well, and a year does not deny it.
    timed = (apart >= 0) & (apart <= SAME_S) & (years <= 1)
    coded = (code == 1) & ((title > 0) & ~other_title | timed)
    alike = ~other_title & ~other_artist & (title > 0)
    fine = (version != VERSIONS.index("other")) & (~far | excused) & (alike | coded)
    allowed: NDArray[np.bool_] = np.where(how > 0, ~(other_title & other_artist), fine)
    return allowed
