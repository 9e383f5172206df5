"""Which rows of two catalogues are one: every rule by an example, and what must not matter."""

# ruff: noqa: RUF001 - signs that look alike are what this is about

import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musictools.collect import _blocking, _scores, _side, resolve
from musictools.errors import InputError, TableError

DAY = dt.date(2026, 11, 26)
NAMES = ["title", "artist", "isrc", "duration_s"]
SPOTIFY, OTHER = "4uLU6hMCjMI75M1A2tKUQC", "0VjIjW4GlUZAMYd2vXMi3b"
UPC, EAN = "036000291452", "4006381333931"
MBID = "f27ec8db-af05-4f36-916e-3d57f91ecf5e"


def frame(rows, ids="l", **more):
    """Make a catalogue of (title, artist, isrc, duration_s), the last ones optional."""
    full = [tuple(row) + (None,) * (4 - len(row)) for row in rows]
    made = pd.DataFrame(full, columns=NAMES).astype({"duration_s": float})
    made.insert(0, "recording_id", [f"{ids}{i}" for i in range(len(made))])
    return made.assign(**more)


def one(left, right, **more):
    """Resolve one row against some, and give the lines."""
    return resolve(frame([left]), frame(right, "r"), date=DAY, progress=False, **more).table


# --- what comes out ------------------------------------------------------------------------------


def test_the_table_has_a_line_for_everything():
    left = frame([("Blue", "Ana", None, 200), ("Tide", "Ana", None, 180), ("Same", "Bo")])
    right = frame(
        [("BLUE", "ANA", None, 201), ("Same", "Bo", None, 100), ("Same", "Bo", None, 150)], "r"
    )
    found = resolve(left, right, date=DAY)
    assert list(found.table.columns) == [
        "left_id", "right_id", "rank", "state", "method", "score", "evidence", "date",
    ]  # fmt: skip
    assert found.table[["left_id", "right_id", "rank", "state", "method"]].to_numpy().tolist() == [
        ["l0", "r0", 1, "matched", "fuzzy"],
        ["l1", None, 1, "none", ""],
        ["l2", "r1", 1, "ambiguous", "fuzzy"],
        ["l2", "r2", 2, "ambiguous", "fuzzy"],
    ]
    assert (found.matched, found.ambiguous, found.none) == (1, 1, 1)
    assert set(found.table["date"]) == {pd.Timestamp(DAY)}
    assert found.table["score"].between(0, 1).all()
    assert found.best()["left_id"].tolist() == ["l0"]
    assert "1 matched, 1 ambiguous" in found._repr_html_()
    assert found.provenance["function"] == "mt.collect.resolve"
    mine = found.to_frame()
    mine["state"] = "mine"
    assert "mine" not in set(found.table["state"])


def test_evidence_says_what_agreed_and_what_did_not():
    code = "USRC17607839"
    lines = one(("Blue", "Ana", code, 200), [("Bleu", "Ana & Bo", code, 202)])
    assert lines["evidence"][0] == (
        "same ISRC; short title but for one letter; all artists of one among those of the other; "
        "lengths within 2 s"
    )
    lines = one(("Blue", "Ana", "USRC17607839", 200), [("Blue", "Ana", "USRC17607840", 200)])
    assert lines["evidence"][0] == "other ISRC; same title; same artist; same length"
    lines = one(("Blue", "Ana", None, 200), [("Blue", "Ana", None, 210)])
    assert "lengths apart by 10 s" in lines["evidence"][0]


# --- hard pairs ----------------------------------------------------------------------------------

A = "USRC17607839"
B = "USRC17607840"
#: Left, right, and the state that is right. Where the length stands it is in seconds.
PAIRS = [
    # Spelling.
    (("Blue", "Ana", None, 200), ("BLUE", "ANA", None, 200), "matched"),
    (("Café del Mar", "Zoë", None, 200), ("Cafe Del Mar", "Zoe", None, 200), "matched"),
    (("Straße", "Jörg", None, 200), ("STRASSE", "JORG", None, 200), "matched"),
    (("Don't Stop", "Ana", None, 200), ("Dont Stop", "Ana", None, 200), "matched"),
    (("Don’t Stop", "Ana", None, 200), ("Don't Stop", "Ana", None, 200), "matched"),
    (("Rock & Roll", "Ana", None, 200), ("Rock and Roll", "Ana", None, 200), "matched"),
    (("Up-Town", "Ana", None, 200), ("Up Town", "Ana", None, 200), "matched"),
    (("Uptown", "Ana", None, 200), ("Up Town", "Ana", None, 200), "matched"),
    (("The Hills", "Ana", None, 200), ("Hills", "Ana", None, 200), "matched"),
    (("Song, Pt. 2", "Ana", None, 200), ("Song (Part II)", "Ana", None, 200), "matched"),
    (("???", "Ana", None, 200), ("???", "Ana", None, 200), "matched"),
    (("(I Can't) Go", "Ana", None, 200), ("I Can't Go", "Ana", None, 200), "matched"),
    (("Go Home (My Love)", "Ana", None, 200), ("Go Home", "Ana", None, 200), "matched"),
    (("Ana - Blue (Official Video)", "Ana", None, 200), ("Blue", "Ana", None, 200), "matched"),
    (("blue_sky", "Ana", None, 200), ("Blue Sky", "Ana", None, 200), "matched"),
    # Artists.
    (("Blue (feat. Bo)", "Ana", None, 200), ("Blue", "Ana & Bo", None, 200), "matched"),
    (("Blue", "Ana feat. Bo", None, 200), ("Blue (ft. Bo)", "Ana", None, 200), "matched"),
    (("Blue (feat. Bo)", "Ana", None, 200), ("Blue", "Ana", None, 200), "matched"),
    (("Blue", "Ana x Bo", None, 200), ("Blue", "Bo, Ana", None, 200), "matched"),
    (("Blue", "The Birds", None, 200), ("Blue", "Birds", None, 200), "matched"),
    (("Blue", "Birds, The", None, 200), ("Blue", "The Birds", None, 200), "matched"),
    (("Blue", "DJ Ana", None, 200), ("Blue", "Ana", None, 200), "matched"),
    (("Blue", "Smith, Ana", None, 200), ("Blue", "Ana Smith", None, 200), "matched"),
    (("Blue", "AC/DC", None, 200), ("Blue", "AC-DC", None, 200), "matched"),
    (("Blue", "A$AP Ana", None, 200), ("Blue", "ASAP Ana", None, 200), "matched"),
    (("Blue", "Ana & Bo", None, 200), ("Blue", "Ana", None, 200), "matched"),
    (("Blue", "Ana", None, 200), ("Blue", "Bo", None, 200), "none"),
    (("Blue", "Ana & Bo", None, 200), ("Blue", "Ana & Cy", None, 260), "none"),
    (("Blue", "Ana", None, 200), ("Blue", "Various Artists", None, 200), "ambiguous"),
    # Misprints.
    (("Midnight", "Ana Berg", None, 200), ("Midnigth", "Ana Berg", None, 200), "matched"),
    (("Midnight", "Ana Berg", None, 200), ("Midnght", "Ana Berg", None, 200), "matched"),
    (("Midnight", "Ana Berg", None, 200), ("Midnight", "Ana Breg", None, 200), "matched"),
    (("Midnight", "Ana Berg", None, 200), ("Xidnight", "Ana Berg", None, 200), "matched"),
    (("Midnight", "Ana Berg", None, 200), ("Midnigth", "Ana Berg", None, 260), "none"),
    (("Home", "Ana", None, 200), ("Rome", "Ana", None, 200), "ambiguous"),
    (("Hate", "Ana", None, 200), ("Hide", "Ana", None, 200), "none"),
    (("Love Me", "Ana", None, 200), ("Love You", "Ana", None, 200), "none"),
    # Lengths.
    (("Blue", "Ana", None, 200), ("Blue", "Ana", None, 202.9), "matched"),
    (("Blue", "Ana", None, 200), ("Blue", "Ana", None, 206), "matched"),
    (("Blue", "Ana", None, 200), ("Blue", "Ana", None, 208), "ambiguous"),
    (("Blue", "Ana", None, 200), ("Blue", "Ana", None, 300), "none"),
    (("Blue", "Ana"), ("Blue", "Ana"), "matched"),
    (("Blue", "Ana", None, 200), ("Blue", "Ana"), "matched"),
    (("Blue", "Ana", None, 0), ("Blue", "Ana", None, 200), "matched"),
    # Versions are other recordings.
    (("Blue", "Ana", None, 200), ("Blue (Live)", "Ana", None, 200), "none"),
    (("Blue", "Ana", None, 200), ("Blue - Live at Home", "Ana", None, 201), "none"),
    (("Blue", "Ana", None, 200), ("Blue (Bo Remix)", "Ana", None, 200), "none"),
    (("Blue", "Ana", None, 200), ("Blue (Acoustic)", "Ana", None, 200), "none"),
    (("Blue", "Ana", None, 200), ("Blue (Sped Up)", "Ana", None, 200), "none"),
    (("Blue", "Ana", None, 200), ("Blue - Slowed", "Ana", None, 200), "none"),
    (("Blue", "Ana", None, 200), ("Blue (Instrumental)", "Ana", None, 200), "none"),
    (("Blue", "Ana", None, 200), ("Blue (Karaoke Version)", "Ana", None, 200), "none"),
    (("Blue", "Ana", None, 200), ("Blue (Radio Edit)", "Ana", None, 200), "none"),
    (("Blue", "Ana", None, 200), ("Blue (Extended Mix)", "Ana", None, 200), "none"),
    (("Blue", "Ana", None, 200), ("Blue (Demo)", "Ana", None, 200), "none"),
    (("Blue", "Ana", None, 200), ("Blue (Ana's Version)", "Ana", None, 200), "none"),
    (("Blue", "Ana", None, 200), ("Blue (Spanish Version)", "Ana", None, 200), "none"),
    (("Blue", "Ana", None, 200), ("Blue - Remastered 2011", "Ana", None, 200), "ambiguous"),
    (("Blue (Live)", "Ana", None, 200), ("Blue - Live", "Ana", None, 200), "matched"),
    (("Blue (Live at Home)", "Ana", None, 200), ("Blue (Live)", "Ana", None, 200), "matched"),
    (("Blue (Live at Home)", "Ana", None, 200), ("Blue (Live in Rome)", "Ana", None, 200), "none"),
    (("Blue (Bo Remix)", "Ana", None, 200), ("Blue - Bo Remix", "Ana", None, 200), "matched"),
    (("Blue (Bo Remix)", "Ana", None, 200), ("Blue (Cy Remix)", "Ana", None, 200), "none"),
    (("Blue (Bo Remix)", "Ana", None, 200), ("Blue (Remix)", "Ana", None, 200), "ambiguous"),
    (
        ("Blue - Remastered 2011", "Ana", None, 200),
        ("Blue (2011 Remaster)", "Ana", None, 200),
        "matched",
    ),
    (
        ("Blue - Remastered 2011", "Ana", None, 200),
        ("Blue (2015 Remaster)", "Ana", None, 200),
        "ambiguous",
    ),
    (("Blue", "Ana", None, 200), ("Blue (Album Version)", "Ana", None, 200), "matched"),
    (("Blue", "Ana", None, 200), ("Blue - Original Mix", "Ana", None, 200), "matched"),
    (("Blue", "Ana", None, 200), ('Blue (From "Film")', "Ana", None, 200), "matched"),
    (("Live and Let Die", "Ana", None, 200), ("Live And Let Die", "Ana", None, 200), "matched"),
    # Other songs.
    (("Blue", "Ana", None, 200), ("Blue 2", "Ana", None, 200), "none"),
    (("Blue, Pt. 1", "Ana", None, 200), ("Blue, Pt. 2", "Ana", None, 200), "none"),
    (("Symphony No. 5", "Ana", None, 200), ("Symphony No. 6", "Ana", None, 200), "none"),
    (("Blue", "Ana", None, 200), ("Green", "Ana", None, 200), "none"),
    (("Blue Train", "Ana", None, 200), ("Blue Train Tonight", "Ana", None, 200), "ambiguous"),
    # Titles that break off.
    (("A Very Long Song Title", "Ana", None, 200), ("A Very Long So", "Ana", None, 200), "matched"),
    (
        ("Long Song (feat. Somebody)", "Ana", None, 200),
        ("Long Song (feat. So", "Ana", None, 200),
        "matched",
    ),
    (
        ("Long Song (Live at Home)", "Ana", None, 200),
        ("Long Song (Li", "Ana", None, 200),
        "matched",
    ),
    (("Long Song", "Ana", None, 200), ("Long Song (Li", "Ana", None, 200), "ambiguous"),
    # Words that tell pieces apart are no misprints, nor is a word more.
    (("Suite: I. Prelude", "Ana", None, 200), ("Suite: V. Prelude", "Ana", None, 200), "none"),
    (("Prelude in C Major", "Ana", None, 200), ("Prelude in C Minor", "Ana", None, 200), "none"),
    (("Prelude in C Major", "Ana", None, 200), ("Prelude in G Major", "Ana", None, 200), "none"),
    (("Etude in A Minor", "Ana", None, 200), ("Etude in A-Flat Minor", "Ana", None, 200), "none"),
    (("Dream, Pt. A", "Ana", None, 200), ("Dream, Pt. B", "Ana", None, 200), "none"),
    (("Side A", "Ana", None, 200), ("Side B", "Ana", None, 200), "none"),
    (("Chapter One", "Ana", None, 200), ("Chapter Ten", "Ana", None, 200), "none"),
    (("Chapter One", "Ana", None, 200), ("Chapter 1", "Ana", None, 200), "matched"),
    (("Song, Pt. I", "Ana", None, 200), ("Song, Part One", "Ana", None, 200), "matched"),
    (("Symphony No. 1", "Ana", None, 200), ("Symphony No. 10", "Ana", None, 200), "none"),
    (("I Want You", "Ana", None, 200), ("I Want You So", "Ana", None, 200), "ambiguous"),
    (("Blue Train VIP", "Ana", None, 200), ("Blue Train", "Ana", None, 200), "ambiguous"),
    # More ways to name a version.
    (("Blue (Instr.)", "Ana", None, 200), ("Blue", "Ana", None, 200), "none"),
    (("Blue (Live Rome 1998)", "Ana", None, 200), ("Blue", "Ana", None, 200), "none"),
    (("Blue - Ao Vivo em Roma", "Ana", None, 200), ("Blue (Ao Vivo)", "Ana", None, 200), "matched"),
    (("Blue (Live Forever)", "Ana", None, 200), ("Blue", "Ana", None, 200), "matched"),
    (("Blue (2019)", "Ana", None, 200), ("Blue", "Ana", None, 200), "ambiguous"),
    (("Blue Train Live", "Ana", None, 200), ("Blue Train [Live]", "Ana", None, 200), "matched"),
    (
        ("Blue (Live in Rome 1998)", "Ana", None, 200),
        ("Blue (Live in Rome 1999)", "Ana", None, 200),
        "none",
    ),
    (
        ("Blue (Live in Rome 1998)", "Ana", None, 200),
        ("Blue (Live in Rome)", "Ana", None, 200),
        "matched",
    ),
    (("夜空 (愛) 2", "Ana", None, 200), ("夜空 (愛) 3", "Ana", None, 200), "none"),
    (("夜空 2 (Night 2)", "Ana", None, 200), ("Night 2", "Ana", None, 200), "matched"),
    # Columns that have changed places.
    (("Ana Berg", "Blue Train", None, 200), ("Blue Train", "Ana Berg", None, 200), "matched"),
    (("Ana Berg", "Blue (Live)", None, 200), ("Blue", "Ana Berg", None, 200), "none"),
    (("Blue", "Tyler, The Ana", None, 200), ("Blue", "Tyler The Ana", None, 200), "matched"),
    # Scripts.
    (("Полночь", "Кино", None, 200), ("Полночь", "Кино", None, 200), "matched"),
    (("Полночь", "Кино", None, 200), ("Polnoch", "Kino", None, 200), "matched"),
    (("さくら", "うみ", None, 200), ("Sakura", "Umi", None, 200), "matched"),
    (("사랑", "Ana", None, 200), ("Sarang", "Ana", None, 200), "matched"),
    (("夜空", "Ana", None, 200), ("夜空", "Ana", None, 200), "matched"),
    (("夜空", "Ana", None, 200), ("夜海", "Ana", None, 200), "none"),
    (("夜空 (Night Sky)", "Ana", None, 200), ("Night Sky", "Ana", None, 200), "matched"),
    (("Полночь", "Кино", None, 200), ("Midnight", "Кино", None, 200), "none"),
    # Codes.
    (("Blue", "Ana", A, 200), ("Blue", "Ana", A, 200), "matched"),
    (("Blue", "Ana", A, 200), ("Blue", "Ana", "US-RC1-76-07839", 200), "matched"),
    (("Blue", "Ana", A), ("Blue", None, A), "matched"),
    ((None, None, A, 200), (None, None, A, 200), "matched"),
    ((None, None, A), (None, None, A), "ambiguous"),
    (("Blue", "Ana", A, 200), ("Green", "Bo", A, 260), "none"),
    (("Blue", "Ana", A, 200), ("Blue (Live)", "Ana", A, 200), "ambiguous"),
    (("Blue", "Ana", A, 200), ("Blue - Remastered 2011", "Ana", A, 200), "matched"),
    (("Blue", "Ana", A, 200), ("Azul", "Ana", A, 200), "matched"),
    (("Blue", "Ana", A, 200), ("Azul", "Ana", A, 250), "none"),
    (("Blue", "Ana", A, 200), ("Blue", "Ana", A, 212), "matched"),
    (("Blue", "Ana", A, 200), ("Blue", "Ana", A, 290), "ambiguous"),
    (("Blue", "Ana", A, 200), ("Blue", "Ana", B, 200), "matched"),
    (("Blue", "Ana", A, 200), ("Blue", "Ana", B, 206), "ambiguous"),
    (("Blue", "Ana", A), ("Blue", "Ana", B), "ambiguous"),
    (("Blue", "Ana", "USRC10000000", 200), ("Green", "Bo", "USRC10000000", 200), "none"),
    (("Blue", "Ana", "nonsense", 200), ("Blue", "Ana", "nonsense", 200), "matched"),
]


def test_there_are_a_hundred_hard_pairs():
    assert len(PAIRS) >= 100


def in_one(pairs):
    """Give two catalogues of all pairs, each with an artist and a code of its own."""
    rng = np.random.default_rng(5)
    sides = [], []
    for i, pair in enumerate(pairs):
        own = "".join(rng.choice(list("abdefgiklmnoprstuz"), 10))
        for side, (title, artist, *rest) in zip(sides, pair[:2], strict=True):
            put = [
                text.replace("Ana", own.title()).replace("ANA", own.upper())
                for text in (title, artist)
            ]
            code = str(rest[0]).replace("US-RC1-76-07839", A) if rest and rest[0] else None
            code = code and code.replace("76078", f"7{i:04}") if "USRC1760" in str(code) else code
            side.append((*put, code, *rest[1:]))
    return frame(sides[0]), frame(sides[1], "r")


#: Artists that can be given a name of their own; the rest would find each other's halves.
ALIKE = {"Ana", "Ana Berg", "Ana Breg", "Dj Ana", "Smith, Ana", "Ana Smith"}
ALONE = [
    pair
    for pair in PAIRS
    if any(not one[0] or (one[1] or "").title() not in ALIKE for one in pair[:2])
]


def test_hard_pairs():
    together = [pair for pair in PAIRS if pair not in ALONE]
    assert len(together) > 80
    lines = resolve(*in_one(together)).table.drop_duplicates("left_id")
    assert len(lines) == len(together)
    wrong = [
        (pair, line.state, line.evidence)
        for pair, line in zip(together, lines.itertuples(), strict=True)
        if line.state != pair[2] or line.right_id not in {None, line.left_id.replace("l", "r")}
    ]
    assert not wrong


def test_hard_pairs_that_stand_alone():
    for left, right, state in ALONE:
        lines = one(left, [right])
        assert lines["state"].tolist() == [state], (left, right, lines["evidence"][0])


def test_which_catalogue_is_the_left_one_does_not_matter():
    together = [pair for pair in PAIRS if pair not in ALONE]
    lines = resolve(*in_one(together)[::-1]).table.drop_duplicates("left_id")
    assert lines["state"].tolist() == [state for _, _, state in together]


# --- several candidates --------------------------------------------------------------------------


def test_releases_of_one_recording_are_all_matched():
    right = [("Blue", "Ana", A, 200), ("Blue", "Ana", A, 201), ("Blue (Live)", "Ana", B, 230)]
    lines = one(("Blue", "Ana", A, 200.2), right)
    assert lines["right_id"].tolist() == ["r0", "r1"]
    assert lines["rank"].tolist() == [1, 2]
    assert set(lines["state"]) == {"matched"}
    # A reissue with a code of its own, alike to the second.
    lines = one(("Blue", "Ana", None, 200), [("Blue", "Ana", A, 200), ("Blue", "Ana", B, 200)])
    assert lines["state"].tolist() == ["matched", "matched"]


def test_the_right_version_is_taken():
    right = [
        ("Blue", "Ana", None, 200), ("Blue (Live)", "Ana", None, 203),
        ("Blue - Remastered 2011", "Ana", None, 200), ("Blue (Bo Remix)", "Ana", None, 201),
    ]  # fmt: skip
    for i, left in enumerate(right):
        lines = one(left, right)
        assert lines[["right_id", "state"]].to_numpy().tolist() == [[f"r{i}", "matched"]]


def test_two_recordings_that_are_as_near_are_ambiguous():
    right = [("Blue", "Ana", A, 196), ("Blue", "Ana", B, 204)]
    lines = one(("Blue", "Ana", None, 200), right)
    assert set(lines["state"]) == {"ambiguous"}
    # The code, or the length, decides.
    assert one(("Blue", "Ana", B, 200), right)["right_id"].tolist() == ["r1"]
    assert one(("Blue", "Ana", None, 196), right)["right_id"].tolist() == ["r0"]


def test_one_code_on_two_recordings_is_decided_by_the_rest():
    right = [("Blue", "Ana", A, 200), ("Green", "Ana", A, 180)]
    assert one(("Green", "Ana", A, 180), right)["right_id"].tolist() == ["r1"]
    # A wrong code does not win over everything else.
    right = [("Green", "Bo", A, 150), ("Blue", "Ana", None, 200)]
    assert one(("Blue", "Ana", A, 200), right)["right_id"].tolist() == ["r1"]


def test_a_code_on_many_titles_is_not_trusted():
    right = [(title, None, A, 200) for title in ("One", "Two", "Three")]
    lines = one((None, None, A, 200), right)
    assert lines["state"].tolist() == ["none"]


def test_homonyms_are_told_by_length_and_year():
    left = frame([("Rain", "Ana", None, None)], year=[1990])
    right = frame([("Rain", "Ana", None, 200), ("Rain", "Ana", None, 260)], "r", year=[1990, 2019])
    assert resolve(left, right).best()["right_id"].tolist() == ["r0"]
    assert resolve(left.drop(columns="year"), right).ambiguous == 1


def test_a_remaster_tag_is_settled_by_a_third_field():
    left = frame([("Blue", "Ana", None, 200)], year=[1975])
    right = frame([("Blue (Remastered)", "Ana", None, 200)], "r", year=[1975])
    assert resolve(left, right).matched == 1
    assert resolve(left, right.assign(year=2011)).ambiguous == 1


def test_two_left_rows_that_want_one_right_row():
    left = frame([("Blue", "Ana", None, 203), ("Blue", "Ana", None, 209)])
    right = frame([("Blue", "Ana", None, 203)], "r")
    states = resolve(left, right).table["state"].tolist()
    assert states[0] == "matched"
    assert states[1] == "ambiguous"
    # The same recording twice on the left is no rival.
    left = frame([("Blue", "Ana", None, 203), ("Blue", "Ana", A, 203)])
    assert resolve(left, right).matched == 2


def test_a_version_told_vaguely_is_settled_by_year_and_code():
    left = frame([("Blue (Live)", "Ana", A, 200)], year=[1990])
    right = frame([("Blue (Live in Rome)", "Ana", None, 200)], "r", year=[1990])
    assert resolve(left, right).matched == 1
    assert resolve(left, right.assign(year=2018)).ambiguous == 1
    assert resolve(left, right.assign(isrc=B)).ambiguous == 1
    left, right = (
        one.assign(title=title)
        for one, title in ((left, "Blue (Remastered)"), (right, "Blue (2011 Remaster)"))
    )
    assert resolve(left, right).matched == 1
    assert resolve(left, right.assign(year=2011)).ambiguous == 1


def test_tracks_of_one_release_are_not_told_from_each_other_by_it():
    left = frame([("Long Road", "Ana", None, 200)], release="Album", year=[2019])
    right = frame([("Long Road Too", "Ana", None, 200)], "r", release="Album", year=[2019])
    assert resolve(left, right).ambiguous == 1


def test_misprints_are_no_words():
    words = ["Feather", "Feathers"]
    right = [(f"{word} {more}", "Ana Berg", None, 100.0 + 20 * i)
             for i, more in enumerate(["Song", "Night", "Dream"]) for word in words]  # fmt: skip
    left = frame([("Feather Train", "Ana Berg", None, 300)])
    both = frame([*right, ("Feathers Train", "Ana Berg", None, 300)], "r")
    assert resolve(left, both).matched == 0
    both = frame([*right, ("Featehr Train", "Ana Berg", None, 300)], "r")
    assert resolve(left, both).matched == 1


# --- identifiers, relations, pins ----------------------------------------------------------------


def test_identifiers_and_links_in_common():
    left = frame(
        [("A", "X"), ("B", "X")],
        spotify_id=[SPOTIFY, None],
        url=[None, f"https://musicbrainz.org/recording/{MBID}"],
    )
    right = frame(
        [("Z", "X"), ("Y", "X")],
        "r",
        links=[[f"https://open.spotify.com/track/{SPOTIFY}?si=1"], []],
        mbid=[None, MBID.upper()],
    )
    lines = resolve(left, right).table
    assert lines[["right_id", "method", "state"]].to_numpy().tolist() == [
        ["r0", "id", "matched"], ["r1", "id", "matched"],
    ]  # fmt: skip
    assert "identifier in common" in lines["evidence"][0]


def test_a_page_of_the_artist_is_no_identifier_of_a_song():
    page = f"https://open.spotify.com/artist/{SPOTIFY}"
    left, right = frame([("A", "X")], url=[page]), frame([("Z", "X")], "r", url=[page])
    assert resolve(left, right).none == 1


def test_an_identifier_that_everything_else_denies_is_ambiguous():
    left = frame([("Blue", "Ana", None, 200)], deezer_id=[77])
    right = frame([("Green", "Bo", None, 100)], "r", deezer_id=["77"])
    assert resolve(left, right).ambiguous == 1


def test_rows_of_the_collectors_have_their_platform():
    left = pd.DataFrame(
        {"platform": ["Deezer"], "track_id": ["77"], "title": ["A"], "artist": ["X"]}
    )
    right = frame([("B", "X")], "r", url=["https://www.deezer.com/track/77"])
    assert resolve(left, right).table["method"].tolist() == ["id"]


def test_relations_of_musicbrainz():
    left = frame([("A", "X"), ("B", "X")], url=[f"https://open.spotify.com/track/{SPOTIFY}", None])
    right = frame([("Z", "X"), ("Y", "X")], "r", mbid=[MBID, None])
    relations = pd.DataFrame(
        {"url": [f"https://open.spotify.com/track/{SPOTIFY}"], "mbid": [MBID], "name": ["whatever"]}
    )
    lines = resolve(left, right, relations=relations).table
    assert lines["method"].tolist() == ["relation", ""]
    by_id = pl.DataFrame({"left_id": ["l1"], "right_id": ["r1"]})
    assert resolve(left, right, relations=by_id).table["method"].tolist() == ["", "relation"]
    with pytest.raises(TableError, match="relations"):
        resolve(left, right, relations=3)


def test_pins_win_over_everything():
    left = frame([("Blue", "Ana", A, 200), ("Tide", "Ana", B, 180), ("Sun", "Ana")])
    right = frame([("Blue", "Ana", A, 200), ("Tide", "Ana", B, 180), ("Moon", "Bo")], "r")
    found = resolve(left, right, pins=[("l0", "r2"), ("l1", None), ("l2", "r9"), ("l7", "r1")])
    assert found.table[["left_id", "right_id", "state", "method"]].to_numpy().tolist() == [
        ["l0", "r2", "matched", "pin"],
        ["l1", None, "none", "pin"],
        ["l2", None, "none", "pin"],
    ]
    assert "not there" in found.table["evidence"][2]
    assert found.provenance["unknown_pins"] == 1
    assert resolve(left, right, pins={"l0": "r2"}).table["method"].tolist()[0] == "pin"


def test_review_goes_round(tmp_path):
    left = frame([("Same", "Bo"), ("Blue", "Ana", None, 200), ("Home", "Ana", None, 100)])
    right = frame(
        [("Same", "Bo", None, 100), ("Same", "Bo", None, 150), ("Blue", "Ana", None, 208),
         ("Rome", "Ana", None, 100)], "r",
    )  # fmt: skip
    review = resolve(left, right).review()
    assert list(review.columns) == [
        "left_id", "right_id", "left_title", "right_title", "left_artist", "right_artist",
        "left_isrc", "right_isrc", "left_duration_s", "right_duration_s", "score", "evidence",
        "answer",
    ]  # fmt: skip
    assert review["right_title"].tolist() == ["Same", "Same", "Blue", "Rome"]
    # Nothing is said yet: nothing changes.
    assert resolve(left, right, pins=review).ambiguous == 3
    review["answer"] = ["no", "yes", "", "N"]
    path = tmp_path / "answers.csv"
    review.to_csv(path, index=False)
    other = tmp_path / "semicolons.csv"
    review.to_csv(other, index=False, sep=";", encoding="utf-8-sig")
    for pins in (review, path, str(path), other, pl.from_pandas(review)):
        found = resolve(left, right, pins=pins)
        lines = found.table.set_index("left_id")
        assert lines.loc["l0", ["right_id", "method"]].tolist() == ["r1", "pin"]
        assert lines.loc["l1", "state"] == "ambiguous"
        assert lines.loc["l2", "state"] == "none"
        assert set(found.review()["left_id"]) == {"l1"}


def test_pins_that_cannot_be_read(tmp_path):
    path = tmp_path / "pins.csv"
    for content in (
        "left_id,right_id\nCaf\xe9,b\n".encode("latin-1"),
        b"",
        b"left_id\n1,2,3\n4,5,6,7\n",
    ):
        path.write_bytes(content)
        with pytest.raises(InputError, match="pins"):
            resolve(frame([("A", "X")]), frame([("B", "X")], "r"), pins=path)


def test_pins_that_contradict_themselves():
    ours, theirs = frame([("A", "X")]), frame([("B", "X")], "r")
    wrong = [
        pd.DataFrame({"left_id": ["l0", "l0"], "right_id": ["r0", "r0"], "answer": ["yes", "no"]}),
        [("l0", "r0"), ("l0", None)],
        [("l0",)],
        [(None, "r0")],
        pd.DataFrame({"left_id": ["l0"], "right_id": ["r0"], "answer": ["perhaps"]}),
        pd.DataFrame({"left": ["l0"]}),
        "no/such/file.csv",
        7,
    ]
    for pins in wrong:
        with pytest.raises(InputError, match="pins"):
            resolve(ours, theirs, pins=pins)


def test_numbers_are_identifiers_too(tmp_path):
    left = frame([("A", "X")]).assign(recording_id=[5])
    right = frame([("B", "X"), ("C", "X")]).assign(recording_id=[7, 8])
    path = tmp_path / "pins.csv"
    pd.DataFrame({"left_id": [5.0], "right_id": [8.0]}).to_csv(path, index=False)
    for pins in ({5: 8}, pd.DataFrame({"left_id": [5.0], "right_id": [8.0]}), path):
        assert resolve(left, right, pins=pins).table["right_id"].tolist() == [8]
    left, right = left.astype({"recording_id": float}), right.astype({"recording_id": float})
    assert resolve(left, right, pins=path).table["right_id"].tolist() == [8.0]
    assert resolve(left, right, pins={5.0: 8.0}).table["method"].tolist() == ["pin"]


def test_what_is_pinned_is_not_given_away_again():
    left = frame([("Blue", "Ana", None, 200), ("Tide", "Bo", None, 180), ("Tide", "Bo", None, 180)])
    right = frame([("Blue", "Ana", None, 200)], "r")
    lines = resolve(left, right, pins={"l1": "r0"}).table
    assert lines["state"].tolist() == ["ambiguous", "matched", "none"]
    assert "another row of the left catalogue" in lines["evidence"][0]
    # The same recording twice on the left may have it twice.
    left = frame([("Tide", "Bo", None, 180)] * 3)
    right = frame([("Tide", "Bo", None, 180)], "r")
    assert resolve(left, right, pins={"l1": "r0"}).matched == 3


# --- releases ------------------------------------------------------------------------------------


def release(rows, ids="l"):
    made = pd.DataFrame(rows, columns=["title", "artist", "upc", "year"])
    return made.assign(release_id=[f"{ids}{i}" for i in range(len(made))])


@pytest.mark.parametrize(
    ("left", "right", "state", "method"),
    [
        (("Blue", "Ana", UPC, 2020), ("Blue", "Ana", f"0{UPC}", 2020), "matched", "upc"),
        (("Blue", "Ana", None, 2020), ("Blue - EP", "Ana", None, 2020), "matched", "fuzzy"),
        (("Blue", "Ana", None, 2020), ("Blue (Deluxe Edition)", "Ana", None, 2020), "none", ""),
        (("Blue", "Ana", None, 2020), ("Blue (Live)", "Ana", None, 2020), "none", ""),
        (("Blue", "Ana", None, 2020), ("Blue (Remixes)", "Ana", None, 2020), "none", ""),
        (
            ("Blue (25th Anniversary Edition)", "Ana", None, 2020),
            ("Blue (30th Anniversary Edition)", "Ana", None, 2020), "none", "",
        ),
        (("Blue (Deluxe)", "Ana", None, 2020), ("Blue (Super Deluxe)", "Ana", None, 2020), "none",
         ""),
        (("Blue", "Ana", UPC, 2020), ("Green", "Bo", UPC, 1990), "none", ""),
        (("Blue", "Ana", UPC, 2020), ("Blue", "Ana", EAN, 2020), "ambiguous", "fuzzy"),
        (("Blue", "Ana", "000000000000", 2020), ("Green", "Bo", "000000000000", 2020), "none", ""),
        # The check digit is wrong: no code at all.
        (("Blue", "Ana", "036000291453", 2020), ("Green", "Bo", "036000291453", 2020), "none", ""),
    ],
)  # fmt: skip
def test_releases(left, right, state, method):
    found = resolve(release([left]), release([right], "r"), kind="release")
    assert found.kind == "release"
    assert found.table[["state", "method"]].to_numpy().tolist() == [[state, method]]


# --- what must not matter ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def catalogues():
    rng = np.random.default_rng(7)
    words = [
        "blue",
        "night",
        "river",
        "home",
        "wolves",
        "tide",
        "glass",
        "ember",
        "Полночь",
        "さくら",
    ]
    names = ["Ana Berg", "The Birds", "Bo & Cy", "DJ Kay", "Кино"]
    rows = [
        (" ".join(rng.choice(words, 2)).title(), str(rng.choice(names)), None if rng.random() < 0.5
         else f"QZABC26{i:05}", float(rng.integers(120, 300)))
        for i in range(300)
    ]  # fmt: skip
    left = frame(rows)
    changed = [
        (t.upper() if i % 3 else t[:-1], a, c if i % 2 else None, d + i % 4 - 1)
        for i, (t, a, c, d) in enumerate(rows)
    ]
    return left, frame(changed, "r").sample(frac=1, random_state=1)


def same(first, second):
    columns = ["left_id", "right_id", "rank", "state", "method", "score", "evidence"]
    pd.testing.assert_frame_equal(
        first.table[columns].sort_values(["left_id", "rank"]).reset_index(drop=True),
        second.table[columns].sort_values(["left_id", "rank"]).reset_index(drop=True),
    )


def test_order_of_rows_does_not_matter(catalogues):
    left, right = catalogues
    found = resolve(left, right)
    assert found.matched > 200
    mixed = (frame.sample(frac=1, random_state=3) for frame in (left, right))
    same(found, resolve(*mixed))


def test_size_of_batches_does_not_matter(catalogues, monkeypatch):
    left, right = catalogues
    found = resolve(left, right)
    monkeypatch.setattr(_scores, "BATCH", 17)
    monkeypatch.setattr(_side, "CHUNK", 23)
    monkeypatch.setattr(_blocking, "SLICE", 41)
    same(found, resolve(left, right))


def test_kind_of_frame_does_not_matter(catalogues, tmp_path):
    left, right = catalogues
    found = resolve(left, right)
    same(found, resolve(pl.from_pandas(left), pl.from_pandas(right).lazy()))
    same(found, resolve(duckdb.from_df(left), pa.Table.from_pandas(right, preserve_index=False)))
    left.to_csv(tmp_path / "left.csv", index=False)
    right.to_parquet(tmp_path / "right.parquet", index=False)
    same(found, resolve(tmp_path / "left.csv", str(tmp_path / "right.parquet")))


def test_files_that_are_not_what_they_should_be(tmp_path):
    files = {
        "long.csv": b"recording_id,title\na,Blue\nb,x,y,z\n",
        "latin.csv": "recording_id,title\na,Caf\xe9\n".encode("latin-1"),
        "wide.csv": "recording_id,title\na,Blue\n".encode("utf-16"),
        "empty.csv": b"",
        "bad.parquet": b"no",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=name):
            resolve(tmp_path / name, frame([("Blue", "Ana")], "r"))
    (tmp_path / "semicolons.csv").write_bytes(b'recording_id;title;artist\na;"Blue; 2";Ana\n')
    assert resolve(tmp_path / "semicolons.csv", frame([("Blue 2", "Ana")], "r")).matched == 1


def test_half_a_letter_is_no_reason_to_stop():
    left = frame([("A", "Ana", None, 200)])
    left["title"] = pd.Series(["A\ud800B"], dtype=object)
    assert resolve(left, frame([("A?B", "Ana", None, 200)], "r")).matched == 1


def test_crowded_keys_are_told_and_not_dropped(monkeypatch):
    monkeypatch.setattr(_blocking, "CAP", 3)
    right = frame([("Intro", "Ana", None, 100 + 20 * i) for i in range(10)], "r")
    found = resolve(frame([("Intro", "Ana", None, 140), ("Intro", "Ana")]), right)
    assert found.table["state"].tolist() == ["matched", "ambiguous"]
    assert found.crowded == 1
    assert "too many rows" in found.table["evidence"][1]
    # All of one length: none can be told from the others.
    right = frame([("Intro", "Ana", None, 100 + i / 10) for i in range(10)], "r")
    found = resolve(frame([("Intro", "Ana", None, 100)]), right)
    assert (found.ambiguous, found.crowded) == (1, 1)
    assert found.review()["left_id"].tolist() == ["l0"]
    # A code still finds its own.
    right.loc[4, "isrc"] = A
    assert resolve(frame([("Intro", "Ana", A, 100)]), right).table["method"].tolist() == ["isrc"]


def test_missing_columns_and_empty_frames():
    full = frame([("Blue", "Ana", A, 200)])
    for columns in (["title"], ["isrc"], ["title", "artist"], []):
        found = resolve(full[["recording_id", *columns]], full)
        assert len(found.table) == 1
    assert resolve(full[["recording_id", "title", "artist"]], full).matched == 1
    empty = full.head(0)
    assert len(resolve(empty, full).table) == 0
    assert resolve(full, empty).table["state"].tolist() == ["none"]
    assert resolve(empty, empty).review().empty
    assert resolve(empty, full)._repr_html_()


def test_other_names_of_columns():
    left = frame([("Blue", "Ana", None, 200)]).rename(columns={"recording_id": "mine"})
    right = frame([("Blue", "Ana", None, 200)], "r").rename(columns={"recording_id": "theirs"})
    assert resolve(left, right, id_column=("mine", "theirs")).matched == 1
    codes = pd.DataFrame({"recording_id": [A, "Ana - Blue"], "title": ["Blue", "Other"]})
    by_code = resolve(codes, frame([("Blue", "Ana", A, 200)], "r")).table
    assert by_code["method"].tolist() == ["isrc", ""]


@pytest.mark.parametrize(
    ("left", "more", "said"),
    [
        (frame([("A", "X")]).drop(columns="recording_id").drop(columns="isrc"), {}, "id_column"),
        (frame([("A", "X"), ("B", "X")]).assign(recording_id="l0"), {}, "'l0'"),
        (frame([("A", "X"), ("B", "X")]).assign(recording_id=["l0", None]), {}, "without an id"),
        (3, {}, "type int"),
        ("no/such/file.csv", {}, "no file"),
        (frame([("A", "X")]), {"kind": "recordings"}, "'recording'"),
        (frame([("A", "X")]), {"threshold": 2.0}, "threshold=2.0"),
        (frame([("A", "X")]), {"threshold": "0.9"}, "threshold='0.9'"),
        (frame([("A", "X")]), {"date": "2026-01-31"}, "datetime.date"),
        (frame([("A", "X")]), {"id_column": ("recording_id",)}, "id_column"),
        (pd.concat([frame([("A", "X")])] * 2, axis=1), {}, "of one name"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(left, more, said):
    with pytest.raises(InputError, match=said):
        resolve(left, frame([("A", "X")], "r"), **more)


text = st.one_of(st.none(), st.text(max_size=25))


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(text, text, text, st.floats() | st.none()), min_size=1, max_size=6))
def test_no_catalogue_is_refused(rows):
    found = resolve(frame(rows), frame(rows[::-1], "r"))
    assert set(found.table["left_id"]) == {f"l{i}" for i in range(len(rows))}
    assert found.matched + found.ambiguous + found.none == len(rows)


def test_it_is_used_like_its_table():
    import pickle

    import pandas as pd

    left = pd.DataFrame({"recording_id": ["a"], "title": ["Song"], "isrc": ["USRC17607839"]})
    found = resolve(left, left.assign(recording_id="b"))
    assert found["state"].tolist() == ["matched"]
    assert len(found[found["state"] == "matched"]) == len(found) == 1
    assert found.query("rank == 1")["right_id"].tolist() == ["b"]
    assert pickle.loads(pickle.dumps(found)).table.equals(found.table)
    with pytest.raises(AttributeError):
        found.nothing_of_the_kind  # noqa: B018


def test_a_title_alone_is_put_to_a_person():
    left = pd.DataFrame({"recording_id": ["a", "b"], "title": ["Midnight Ferry", "Tide"]})
    right = pd.DataFrame(
        {"recording_id": ["x", "y"], "title": ["Midnight Ferry", "Else"], "artist": ["M", "B"]}
    )
    found = resolve(left, right).table
    assert found["state"].tolist() == ["ambiguous", "none"]
    assert found["right_id"].tolist() == ["x", None]
    assert "no artist to compare" in found["evidence"][0]


def test_an_empty_column_gives_way_to_another_of_its_meaning():
    albums = pd.DataFrame(
        {"release_id": ["l1", "l2"], "title": ["Grid", "Ferry"], "upc": "", "year": 2024}
    )
    theirs = albums.assign(release_id=["r1", "r2"], artist="M")
    found = resolve(albums.assign(release=None, artist="M"), theirs, kind="release")
    assert found.best()["right_id"].tolist() == ["r1", "r2"]
