"""Identifiers: published examples, spellings, and what is wrong with bad ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musictools.collect._identifiers import KINDS, identify
from musictools.errors import InputError

# Examples of the standards' own documents and of public catalogues.
GOOD = [
    ("USRC17607839", "isrc", "USRC17607839", "recording"),  # ISO 3901, the standard's example
    ("ISRC US-RC1-76-07839", "isrc", "USRC17607839", "recording"),
    ("gbaye0601498", "isrc", "GBAYE0601498", "recording"),
    ("T-034.524.680-1", "iswc", "T0345246801", "work"),  # ISO 15707, the standard's example
    ("ISWC: T 034 524 680 1", "iswc", "T0345246801", "work"),
    ("036000291452", "gtin", "0036000291452", "release"),  # GS1, UPC-A
    ("4006381333931", "gtin", "4006381333931", "release"),  # GS1, EAN-13
    ("36000291452", "gtin", "0036000291452", "release"),  # a spreadsheet took the zero
    ("36000291452.0", "gtin", "0036000291452", "release"),
    ("UPC 0 36000 29145 2", "gtin", "0036000291452", "release"),
    ("00017798450", "ipi_name", "00017798450", "party"),  # CISAC's own weights, by hand
    ("IPI 17798450", "ipi_name", "00017798450", "party"),
    ("0000 0001 2103 2683", "isni", "0000000121032683", "party"),  # ISNI's documents
    ("0000-0002-1825-0097", "isni", "0000000218250097", "party"),  # ORCID's, the same rule
    ("0000 0001 2150 090X", "isni", "000000012150090X", "party"),
    ("056e4f3e-d505-4dad-8ec1-d04f521cbb56", "mbid", "056e4f3e-d505-4dad-8ec1-d04f521cbb56", ""),
]


@pytest.mark.parametrize(("text", "kind", "value", "entity"), GOOD)
def test_what_is_right_is_written_one_way(text, kind, value, entity):
    asked = kind if text[0].isdigit() or text.startswith("IPI") else None
    found = identify(text, asked)
    assert (found.kind, found.value, found.entity, found.problem) == (kind, value, entity, "")
    assert found.valid
    # What was written is read as the same.
    assert identify(found.value, kind) == found


@pytest.mark.parametrize(
    ("text", "kind", "problem"),
    [
        ("T-034.524.680-2", "iswc", "the check digit is 2, and should be 1"),
        ("4006381333932", "gtin", "the check digit is 2, and should be 1"),
        ("00017798451", "ipi_name", "the check digits are 51, and should be 50"),
        ("0000000121032684", "isni", "the check digit is 4, and should be 3"),
        ("USRC176O7839", "isrc", "O stands where year and number have digits"),
    ],
)
def test_what_is_wrong_is_explained(text, kind, problem):
    found = identify(text, kind)
    assert not found.valid
    assert found.problem == problem


def test_guessing_prefers_what_is_right():
    assert identify("T-034.524.680-1").kind == "iswc"
    assert identify("4006381333931").kind == "gtin"
    assert identify("0000000121032683").kind == "isni"
    # Eleven digits: a UPC that lost its zero, or an IPI; the check digits tell.
    assert identify("00017798450").kind == "ipi_name"
    assert identify("36000291452").kind == "gtin"
    assert not identify("T-034.524.680-2").valid


@pytest.mark.parametrize(
    ("link", "kind", "value", "entity"),
    [
        ("https://itunes.apple.com/us/album/x/id1440933460?i=1440933467&uo=4", "apple",
         "1440933467", "track"),
        ("https://music.apple.com/album/1440933460", "apple", "1440933460", "release"),
        ("https://listen.tidal.com/album/77646164/track/77646168", "tidal", "77646168", "track"),
        ("https://www.youtube.com/shorts/dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ", "video"),
        ("https://musicbrainz.org/recording/F27EC8DB-AF05-4F36-916E-3D57F91ECF5E", "mbid",
         "f27ec8db-af05-4f36-916e-3d57f91ecf5e", "recording"),
        ("https://isni.org/isni/0000000121032683", "isni", "0000000121032683", "party"),
        ("https://open.spotify.com/track/4cOdK2wGLETKBW3PvgPWqT?si=x", "spotify",
         "4cOdK2wGLETKBW3PvgPWqT", "track"),
        ("https://open.spotify.com/intl-de/album/4cOdK2wGLETKBW3PvgPWqT", "spotify",
         "4cOdK2wGLETKBW3PvgPWqT", "release"),
        ("spotify:artist:4cOdK2wGLETKBW3PvgPWqT", "spotify", "4cOdK2wGLETKBW3PvgPWqT", "artist"),
        ("https://music.apple.com/us/album/a-name/1440857781?i=1440857915", "apple",
         "1440857915", "track"),
        ("https://music.apple.com/us/album/a-name/1440857781", "apple", "1440857781", "release"),
        ("https://music.apple.com/gb/artist/somebody/5468295", "apple", "5468295", "artist"),
        ("https://itunes.apple.com/us/artist/somebody/id5468295", "apple", "5468295", "artist"),
        ("https://www.deezer.com/fr/track/3135556", "deezer", "3135556", "track"),
        ("https://tidal.com/browse/album/77646169", "tidal", "77646169", "release"),
        ("https://www.youtube.com/watch?list=x&v=dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ", "video"),
        ("https://youtu.be/dQw4w9WgXcQ?t=3", "youtube", "dQw4w9WgXcQ", "video"),
        ("https://www.youtube.com/channel/UC_x5XG1OV2P6uZZ5FSM9Ttw", "youtube",
         "UC_x5XG1OV2P6uZZ5FSM9Ttw", "artist"),
        ("https://musicbrainz.org/artist/056e4f3e-d505-4dad-8ec1-d04f521cbb56", "mbid",
         "056e4f3e-d505-4dad-8ec1-d04f521cbb56", "artist"),
    ],
)  # fmt: skip
def test_links_tell_what_they_lead_to(link, kind, value, entity):
    found = identify(link)
    assert (found.kind, found.value, found.entity) == (kind, value, entity)


def test_bare_numbers_of_platforms_need_their_kind():
    assert identify(27, "deezer").valid
    assert (
        identify("https://www.deezer.com/artist/27", "spotify").problem == "it is a link of deezer"
    )
    assert not identify("27", "spotify").valid
    with pytest.raises(InputError, match="link"):
        identify("27")
    with pytest.raises(InputError, match="isrc"):
        identify("USRC17607839", "irsc")


@given(st.text(max_size=30), st.sampled_from(KINDS))
def test_nothing_breaks_it(text, kind):
    found = identify(text, kind)
    assert found.valid == (not found.problem)


@given(st.integers(0, 10**12 - 1), st.integers(0, 11), st.integers(1, 9))
def test_a_wrong_digit_is_noticed(number, place, change):
    """GS1's check digit finds every single wrong digit."""
    body = f"{number:012}"
    right = next(body + str(c) for c in range(10) if identify(body + str(c), "gtin").valid)
    wrong = right[:place] + str((int(right[place]) + change) % 10) + right[place + 1 :]
    assert not identify(wrong, "gtin").valid or wrong.zfill(13) == right


@pytest.mark.parametrize(
    "link",
    [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQQ",
        "https://open.spotify.com/track/4cOdK2wGLETKBW3PvgPWqTT",
        "https://notdeezer.com/track/77",
    ],
)
def test_what_only_begins_or_ends_as_a_link_is_none(link):
    with pytest.raises(InputError):
        identify(link)
