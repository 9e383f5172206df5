"""How alike two rows are, field by field, and what that adds up to.

Each field adds to the logarithm of the odds that two rows are one thing, as Fellegi and Sunter
(1969) link records: what agrees adds, what disagrees takes away, what is not known adds nothing.
The weights are rounded, and set by what each field can tell, not fitted to a catalogue.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from musictools.collect._scripts import is_wide, sounds

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

#: Pairs that are scored at once.
BATCH = 250_000
#: Pairs below these odds are forgotten: nobody would look at them.
FLOOR = -1.0
#: Odds from which two rows of one catalogue are one thing; less than of a match, as it is not said.
SURE = 1.0

#: Of a pair about which nothing is known but that it shares a key.
PRIOR = -8.0
#: Title: what is found, what it adds, and how it is said.
TITLE = {
    "unknown": (0.0, "no title to compare"),
    "same": (6.0, "same title"),
    "aside": (4.0, "same title but for brackets"),
    "misprint": (4.0, "title with a misprint"),
    "misprints": (3.2, "title with misprints"),
    "misprinted": (2.6, "title with many misprints"),
    "short misprint": (-0.5, "short title but for one letter"),
    "cut": (4.0, "title cut short"),
    "shorter": (0.0, "one title begins with the other"),
    "word": (0.0, "title but for a word like it"),
    "sounds": (4.0, "title of the same sound in another script"),
    "sounds near": (3.0, "title of about the same sound in another script"),
    "translated": (3.0, "same title, other words in brackets"),
    "other": (-5.0, "other title"),
}
ARTIST = {
    "unknown": (0.0, "no artist to compare"),
    "same": (6.0, "same artist"),
    "misprint": (4.0, "artist with a misprint"),
    "misprints": (2.0, "artist with misprints"),
    "sounds": (4.0, "artist of the same sound in another script"),
    "part": (3.0, "all artists of one among those of the other"),
    "some": (1.0, "some artists in common"),
    "name": (-1.0, "artist but for a name like it"),
    "other": (-6.0, "other artist"),
}
VERSION = {
    "same": (0.0, ""),
    "same one": (0.5, "same version"),
    "vague": (-1.0, "one tells more of the version"),
    "cut": (-2.5, "the version may be cut off"),
    "doubt": (-5.0, "remaster, mix or edit named on one side only"),
    "years": (-5.0, "remasters of two years"),
    "other": (-12.0, "other version"),
}
_ISRC = {-1: -4.0, 0: 0.0, 1: 9.0}
_KNOWN = 12.0
_TITLES, _ARTISTS, _VERSIONS = (list(table) for table in (TITLE, ARTIST, VERSION))
#: Seconds within which two lengths are equal, close, and not yet different.
SAME_S, CLOSE_S, APART_S = 1.5, 3.0, 7.0
#: Seconds that an equal code and title excuse.
_EXCUSED_S = 15.0

_FIELDS = """
  CASE WHEN a.sq IS NULL OR b.sq IS NULL THEN 0
       WHEN (b.cut AND len(b.raw) >= 9 AND starts_with(a.raw, b.raw))
         OR (a.cut AND len(a.raw) >= 9 AND starts_with(b.raw, a.raw)) THEN 5
       WHEN a.sq = b.sq THEN 1
       WHEN a.numbers = b.numbers AND (list_contains(b.variants, a.sq)
            OR list_contains(a.variants, b.sq)) THEN 2
       WHEN (a.strange OR b.strange) AND list_has_any(a.variants, b.variants) THEN 3
       ELSE 4 END AS title,
  a.core AS a_core, b.core AS b_core, a.numbers = b.numbers AS numbered,
  CASE WHEN a.main IS NULL OR b.main IS NULL THEN 0
       WHEN a.main = b.main OR a.everybody = b.everybody OR a.main = b.everybody
            OR a.everybody = b.main OR a.bag = b.bag THEN 1
       WHEN list_has_all(a.names, b.names) OR list_has_all(b.names, a.names) THEN 2
       WHEN list_has_any(a.names, b.names) THEN 3 ELSE 4 END AS artist,
  a.bag AS a_bag, b.bag AS b_bag, a.main AS a_main, b.main AS b_main, a.everybody AS a_all, b.everybody AS b_all,
  a.hard = b.hard AS hard, a.hard AS kinds, b.hard AS b_kinds,
  a.hard_words AS a_words, b.hard_words AS b_words,
  CASE WHEN a.soft = b.soft AND (a.soft_words = b.soft_words OR a.soft_words = ''
            OR b.soft_words = '') AND a.cut = b.cut THEN (CASE WHEN a.soft = '' THEN 0 ELSE 1 END)
       WHEN a.soft = b.soft AND a.cut = b.cut THEN 3 ELSE 2 END AS soft,
  abs(a.seconds - b.seconds) AS apart, abs(a.year - b.year) AS years,
  CASE WHEN a.isrc = b.isrc THEN 1 WHEN a.isrc <> b.isrc THEN -1 ELSE 0 END AS isrc,
  CASE WHEN a.gtin = b.gtin THEN 1 WHEN a.gtin <> b.gtin THEN -1 ELSE 0 END AS gtin,
  coalesce(a.release = b.release, false) AS release
"""
#: What the query says of titles of which one breaks off where the other, all of it, goes on.
_CUT_BEFORE = 5
#: Pairs that are worth a look at letters: a join alone lets too many through.
_WORTH = """
k.how IS NOT NULL OR coalesce(a.isrc = b.isrc, false) OR coalesce(a.gtin = b.gtin, false)
   OR a.sq = b.sq OR a.strange <> b.strange OR starts_with(a.sq, b.sq) OR starts_with(b.sq, a.sq)
   OR list_has_any(a.variants, b.variants) OR jaro_winkler_similarity(a.sq, b.sq) > 0.8
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


class Vocabulary:
    """Words of both catalogues, to tell a misprint from another word.

    A misprint is far rarer than what it should be: *feather* and *feathers* are two words where
    both are often written, and *fether* is none.
    """

    #: Rows that a word must stand in, and how many for each of the more frequent one.
    LEAST, SHARE = 3, 0.02

    def __init__(self, db: "duckdb.DuckDBPyConnection") -> None:
        self.counts: dict[str, dict[str, int]] = {}
        for name, column in (("title", "core"), ("artist", "bag")):
            both = " UNION ALL ".join(f"SELECT {column} FROM {s}_rows" for s in ("left", "right"))
            rows = db.execute(
                f"SELECT w, count(*) FROM (SELECT unnest(string_split({column}, ' ')) AS w "
                f"FROM ({both})) GROUP BY w HAVING count(*) >= {self.LEAST}"
            ).fetchall()
            self.counts[name] = dict(rows)

    def is_other(self, first: str, second: str, name: str) -> bool:
        """Say whether two texts that are nearly equal differ in a word that is one of its own."""
        one, two = first.split(" "), second.split(" ")
        if len(one) != len(two):
            return False
        counts = self.counts[name]
        for a, b in zip(one, two, strict=True):
            few, many = sorted((counts.get(a, 0), counts.get(b, 0)))
            if a != b and few >= self.LEAST and few >= many * self.SHARE:
                return True
        return False


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
        kinds = (np.int32, np.int32, np.float64, np.bool_, np.int8, np.int8, np.int8, np.float32,
                 np.int16, np.int8, np.int8, np.bool_, np.int8)  # fmt: skip
        return cls(*(np.zeros(0, kind) for kind in kinds))

    def take(self, which: "NDArray[Any]") -> "Scored":
        """Give some of them."""
        return Scored(*(values[which] for values in self))


def probability(odds: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Turn log odds into 0 to 1."""
    return 1.0 / (1.0 + np.exp(-odds))


def score(
    db: "duckdb.DuckDBPyConnection", kind: str, vocabulary: Vocabulary
) -> Iterator[Scored]:
    """Score all pairs, a batch at a time; those that nobody would look at are left out."""
    other = _VERSIONS.index("other")
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
        doubt = scored.version == _VERSIONS.index("doubt")
        doubt |= (scored.version == _VERSIONS.index("years")) & (code != 1)
        # Two years of a release are two releases.
        dated = (scored.years <= 1) | (code == 1) | (kind != "release")
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

    title, artist = _titles(batch, vocabulary), _artists(batch, vocabulary)
    version = _versions(batch, title)
    apart, years = numbers("apart", -1.0, np.float32), numbers("years", -1, np.int16)
    isrc, gtin = numbers("isrc", 0, np.int8), numbers("gtin", 0, np.int8)
    release, how = numbers("release", False, np.bool_), numbers("how", 0, np.int8)
    odds = np.full(len(title), PRIOR)
    for codes, table in ((title, TITLE), (artist, ARTIST), (version, VERSION)):
        odds += np.array([points for points, _ in table.values()])[codes]
    odds += _by_length(apart) + _by_year(years)
    code = gtin if is_release else isrc
    odds += np.array([_ISRC[0], _ISRC[1], _ISRC[-1]])[code]
    if not is_release:
        odds += np.where(release | (gtin == 1), 1.5, 0.0)
    odds += np.where(how > 0, _KNOWN, 0.0)
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
    return np.select([years < 0, years == 0, years == 1, years <= 10], [0.0, 1.0, 0.5, -0.5], -1.0)


def _allowed(
    title: "NDArray[np.int8]", artist: "NDArray[np.int8]", version: "NDArray[np.int8]",
    apart: "NDArray[np.float32]", years: "NDArray[np.int16]", code: "NDArray[np.int8]",
    how: "NDArray[np.int8]",
) -> "NDArray[np.bool_]":  # fmt: skip
    """Say which pairs may be called one thing at all, whatever their odds."""
    other_title, other_artist = title == _TITLES.index("other"), artist == _ARTISTS.index("other")
    far = apart > APART_S
    excused = (code == 1) & (title == _TITLES.index("same")) & (apart <= _EXCUSED_S)
    # A code is believed where the title or the length agrees as well, and a year does not deny it.
    timed = (apart >= 0) & (apart <= SAME_S) & (years <= 1)
    coded = (code == 1) & ((title > 0) & ~other_title | timed)
    alike = ~other_title & ~other_artist & (title > 0)
    fine = (version != _VERSIONS.index("other")) & (~far | excused) & (alike | coded)
    return np.where(how > 0, ~(other_title & other_artist), fine)


# --- titles ----------------------------------------------------------------------------------------


def _titles(batch: Any, vocabulary: Vocabulary) -> "NDArray[np.int8]":
    known = [_TITLES.index(n) for n in ("unknown", "same", "aside", "translated", "other", "cut")]
    codes = np.array(known, np.int8)[batch["title"].to_numpy()]
    open_ = np.flatnonzero(codes == _TITLES.index("other"))
    if not len(open_):
        return codes
    first, second = (batch[n].take(_indices(open_)).to_pylist() for n in ("a_core", "b_core"))
    numbered = batch["numbered"].take(_indices(open_)).to_numpy(zero_copy_only=False)
    edits, allowed = _edits(first, second)
    near = (edits <= allowed) & numbered
    names = np.array([_TITLES.index(n) for n in ("misprint", "misprints", "misprinted")])
    short = np.array([min(len(a), len(b)) < 7 for a, b in zip(first, second, strict=True)])
    which = np.clip(edits - 1 + short, 0, 2)
    codes[open_[near]] = names[which[near]]
    for i in np.flatnonzero(near):
        if vocabulary.is_other(first[i], second[i], "title"):
            codes[open_[i]] = _TITLES.index("word")
    codes[open_[(edits == 1) & ~near & numbered & _short(first, second)]] = _TITLES.index("short misprint")
    for i in np.flatnonzero(~near):
        found = _cut(first[i], second[i], numbered=bool(numbered[i])) or _heard(first[i], second[i])
        if found:
            codes[open_[i]] = _TITLES.index(found)
    return codes


def _indices(where: "NDArray[Any]") -> Any:
    import pyarrow as pa

    return pa.array(where)


def _edits(first: list[str], second: list[str]) -> tuple["NDArray[Any]", "NDArray[Any]"]:
    """Count edits (a swap of neighbours is one), and say how many a misprint may have."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    plain = [[text.replace(" ", "") for text in texts] for texts in (first, second)]
    edits = cpdist(*plain, scorer=OSA.distance, workers=-1).astype(np.int64)
    allowed = [_allowance(*two) for two in zip(*plain, strict=True)]
    return edits, np.array(allowed, np.int64)


def _allowance(first: str, second: str) -> int:
    length = min(len(first), len(second))
    if is_wide(first) or is_wide(second):
        return length // 8
    if not (first.isascii() or second.isascii()) and length < 5:
        return 0
    return 0 if length < 4 else 1 if length < 7 else 2 if length < 13 else 3 if length < 21 else 4


def _short(first: list[str], second: list[str]) -> "NDArray[np.bool_]":
    return np.array([min(len(a), len(b)) >= 3 for a, b in zip(first, second, strict=True)], bool)


def _cut(first: str, second: str, *, numbered: bool) -> str:
    """Tell a title that was cut short from one that is another's beginning."""
    short, long = sorted((first, second), key=len)
    if not long.startswith(short) or is_wide(short):
        return ""
    # Catalogues cut at a number of letters; that it falls between two words is rarer.
    if len(short) >= 9 and long[len(short)] != " ":
        return "cut"
    return "shorter" if numbered and len(short) >= 5 else ""


@lru_cache(maxsize=1 << 15)
def _heard_as(text: str) -> str:
    return sounds(text.replace(" ", ""))


def _heard(first: str, second: str) -> str:
    """Compare by sound what is written in two scripts."""
    if first.isascii() == second.isascii():
        return ""
    one, other = _heard_as(first), _heard_as(second)
    if not (one.isascii() and other.isascii()) or min(len(one), len(other)) < 3:
        return ""
    if one == other:
        return "sounds"
    from rapidfuzz.distance import OSA

    alike = OSA.normalized_similarity(one, other)
    return "sounds near" if alike >= 0.75 and min(len(one), len(other)) >= 5 else ""


# --- artists and versions --------------------------------------------------------------------------


def _artists(batch: Any, vocabulary: Vocabulary) -> "NDArray[np.int8]":
    known = [_ARTISTS.index(n) for n in ("unknown", "same", "part", "some", "other")]
    codes = np.array(known, np.int8)[batch["artist"].to_numpy()]
    open_ = np.flatnonzero(codes >= _ARTISTS.index("some"))
    if not len(open_):
        return codes
    columns = ("a_main", "b_main", "a_all", "b_all", "a_bag", "b_bag")
    texts = [batch[n].take(_indices(open_)).to_pylist() for n in columns]
    edits, allowed = _edits(texts[0], texts[1])
    more, most = _edits(texts[2], texts[3])
    fits = (edits <= allowed) | (more <= most)
    fewest = np.where(edits <= allowed, edits, more)
    names = np.array([_ARTISTS.index(n) for n in ("misprint", "misprints")])
    codes[open_[fits]] = names[np.clip(fewest[fits] - 1, 0, 1)]
    for i in np.flatnonzero(fits):
        if vocabulary.is_other(texts[4][i], texts[5][i], "artist"):
            codes[open_[i]] = _ARTISTS.index("name")
    for i in np.flatnonzero(~fits):
        if _heard(texts[0][i], texts[1][i]):
            codes[open_[i]] = _ARTISTS.index("sounds")
    return codes


def _versions(batch: Any, title: "NDArray[np.int8]") -> "NDArray[np.int8]":
    hard = batch["hard"].to_numpy(zero_copy_only=False)
    soft = batch["soft"].to_numpy()
    same, same_one, vague, cut, doubt, years, other = range(7)
    codes = np.array([same, same_one, doubt, years], np.int8)[soft]
    kinds, b_kinds = (np.array(batch[n].to_pylist(), object) for n in ("kinds", "b_kinds"))
    said = np.flatnonzero(hard & (kinds != ""))
    codes[said] = np.maximum(codes[said], same_one)
    first, second = (batch[n].take(_indices(said)).to_pylist() for n in ("a_words", "b_words"))
    for i, (one, two) in enumerate(zip(first, second, strict=True)):
        if one != two and codes[said[i]] <= vague:
            named = not {"remix", "edit", "version"}.isdisjoint(kinds[said[i]].split("+"))
            codes[said[i]] = _told(one, two, doubt if named else vague)
    codes[~hard] = other
    # What was cut off may have been the version.
    broken = title == _TITLES.index("cut")
    codes[broken & ~hard & ((kinds == "") | (b_kinds == ""))] = doubt
    codes[broken & (codes == same)] = cut
    codes[batch["title"].to_numpy() == _CUT_BEFORE] = vague
    return codes


def _told(one: str, two: str, half: int) -> int:
    """Compare what is said about two versions of one kind."""
    if not one or not two:
        return half
    from rapidfuzz import fuzz

    alike = fuzz.token_set_ratio(one, two)
    return _VERSIONS.index("same one" if alike >= 85 else "other")
