"""Titles and credits taken apart."""

# ruff: noqa: RUF001 - letters that look alike are what this is about

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musictools.collect._scripts import fold, latin, skeleton, sounds, squash, words
from musictools.collect._titles import read_credit, read_title


@pytest.mark.parametrize(
    ("title", "core", "hard", "soft"),
    [
        ("Song", "song", "", ""),
        ("Song (Live)", "song", "live", ""),
        ("Song - Live at Wembley, 1986", "song", "live", ""),
        ("Song [En Vivo]", "song", "live", ""),
        ("Song Live at Wembley", "song", "live", ""),
        ("Song - Remastered 2011", "song", "", "remaster"),
        ("Song - 2011 Remaster", "song", "", "remaster"),
        ("SONG (REMASTERED)", "song", "", "remaster"),
        ("Song (Live / Remastered 2009)", "song", "live", "remaster"),
        ("Song (Somebody Remix)", "song", "remix", ""),
        ("Song (Radio Edit)", "song", "edit", ""),
        ("Song - Extended Mix", "song", "extended", ""),
        ("Song (Acoustic Version)", "song", "acoustic", ""),
        ("Song (sped up)", "song", "sped up", ""),
        ("Song (Slowed + Reverb)", "song", "slowed", ""),
        ("Song - Instrumental", "song", "instrumental", ""),
        ("Song (Karaoke Version)", "song", "karaoke", ""),
        ("Song (Demo)", "song", "demo", ""),
        ("Song (Mono)", "song", "mono", ""),
        ("Song (Ana's Version)", "song", "version", ""),
        ("Song (Spanish Version)", "song", "version", ""),
        ("Song (Single Version)", "song", "", "single"),
        ("Song (Live", "song", "live", ""),
        ("Song (Acosutic)", "song", "acoustic", ""),
        ("Song - Remasterd 2011", "song", "", "remaster"),
        # What adds nothing.
        ("Song (Album Version)", "song", "", ""),
        ("Song - Original Mix", "song", "", ""),
        ("Song (Official Video)", "song", "", ""),
        ("Song [Bonus Track]", "song", "", ""),
        ('Song (From "Film")', "song", "", ""),
        ("Song (Stereo)", "song", "", ""),
        ("The Song", "song", "", ""),
        # What belongs to the title.
        ("Live and Let Die", "live and let die", "", ""),
        ("Live", "live", "", ""),
        ("(Live)", "live", "", ""),
        ("Instrumental", "instrumental", "", ""),
        ("(I Can't) Go", "i cant go", "", ""),  # codespell:ignore cant
        ("Song (a (b) c)", "song a b c", "", ""),
        ("Song, Pt. II", "song part 2", "", ""),
        ("Songs & Words", "songs and words", "", ""),
        ("???", "???", "", ""),
        ("()", "()", "", ""),
        ("Ｓｏｎｇ", "song", "", ""),
        ("Déjà Vu", "deja vu", "", ""),
        ("がんば", "がんば", "", ""),
        ("की बात", "की बात", "", ""),
    ],
)
def test_titles_have_a_core_and_a_version(title, core, hard, soft):
    found = read_title(title)
    assert (found.core, found.version.hard, found.version.soft) == (core, hard, soft)


def test_more_is_known_of_versions():
    assert read_title("Song (Live at Wembley)").version.hard_words == "wembley"
    assert read_title("Song (Some Body Remix)").version.hard_words == "body some"
    assert read_title("Song (2011 Remaster)").version.soft_words == "2011"
    assert read_title("Song (Ana's Version)").version.hard_words == "anas"


def test_a_title_knows_what_stands_in_brackets_and_its_numbers():
    found = read_title("夜 (Into the Night)")
    assert (found.core, found.main, found.aside) == ("夜 into the night", "夜", "into the night")
    assert read_title("Song, Pt. 2").numbers == read_title("Song Part II").numbers == "2"
    assert read_title("99 Songs").numbers == "99"


@pytest.mark.parametrize(
    "title",
    ["Song (feat. Bo)", "Song [ft. Bo]", "Song feat. Bo", "Song - with Bo", "Song (with Bo)"],
)
def test_guests_leave_the_title(title):
    found = read_title(title)
    assert found.core == "song"
    assert read_credit("Ana", found.guests).everybody == ("ana", "bo")


def test_the_artist_leaves_the_title_of_a_video():
    assert read_title("Ana - Song (Official Video)", artist="ANA").core == "song"
    assert read_title("Song - Reprise", artist="Ana").version.hard == "reprise"


def test_titles_that_break_off_are_known():
    assert read_title("Song (feat. So").is_cut
    assert read_title("A Long Song Whose Na…").is_cut
    assert not read_title("Song (feat. So)").is_cut


def test_editions_are_other_releases_and_no_other_recordings():
    assert read_title("Album (Deluxe Edition)", is_release=True).version.hard == "edition"
    assert read_title("Album (Deluxe Edition)").version.hard == ""
    assert read_title("Album - EP", is_release=True).core == "album"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Simon & Paul", "Paul and Simon"),
        ("The Birds", "Birds, The"),
        ("Ana x Bo", "Ana, Bo"),
        ("DJ Kay", "Kay"),
        ("AC/DC", "AC-DC"),
        ("Beyoncé", "BEYONCE"),
        ("A$AP Ana", "ASAP Ana"),
        ("P!nk", "Pink"),
        ("Black Birds", "Blackbirds"),
        ("Jesse y Ana", "Jesse & Ana"),
    ],
)
def test_one_artist_is_written_in_many_ways(one, other):
    first, second = read_credit(one), read_credit(other)
    assert first.main == second.main or first.bag == second.bag


def test_nobody_is_nobody():
    for text in ("Various Artists", "VA", "", "Unknown"):
        assert read_credit(text).everybody == ()
    assert read_credit("The The").main == ("the",)
    assert read_credit("!!!").main == ("!!!",)
    assert read_credit("Smith, Ana").bag == read_credit("Ana Smith").bag == "ana smith"


@pytest.mark.parametrize(
    ("text", "written"),
    [("полночь", "polnoch"), ("さくら", "sakura"), ("ナイト", "naito"), ("사랑", "sarang"),
     ("αγαπη", "agapi"), ("夜", "夜")],
)  # fmt: skip
def test_scripts_have_latin_letters(text, written):
    assert latin(text) == written


def test_systems_of_romanisation_sound_alike():
    assert sounds("ночной") == sounds("nochnoy") == sounds("nochnoj")
    assert skeleton("мечта") == skeleton("mechta")


@given(st.text(max_size=60))
def test_no_text_is_refused(text):
    for is_release in (False, True):
        title = read_title(text, artist=text[:5], is_release=is_release)
        assert bool(title.core) == bool("".join(words(fold(text)).split()))
    credit = read_credit(text, (text,))
    assert set(credit.main) <= set(credit.everybody)
    skeleton(squash(fold(text)))
