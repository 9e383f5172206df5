"""read_table() and guess_mapping(): files that nobody has described."""

import datetime as dt
import gzip
import pickle
import zipfile
from decimal import Decimal

import duckdb
import pytest

import musictools as mt
from musictools import tables
from musictools.collect.imports._synonyms import CODES
from musictools.datasets._exports._packing import xlsx_bytes
from musictools.errors import ExportError

EUROPEAN = (
    "Acme Vertrieb GmbH\n"
    "Abrechnung;1. Quartal\n"
    "\n"
    "Monat;Titel;Interpret;ISRC;Land;Menge;Erlös;Währung\n"
    "01.2025;Lied;Künstler;XX-A00-25-00001;Deutschland;1.010;1.234,50;€\n"
    "02.2025;Lied;Künstler;XXA002500001;DE;3;-0,50;EUR\n"
    "\n"
    "13.2025;Lied;Künstler;XXA002500001;DE;3;1,00;EUR\n"
    "03.2025;Lied;Künstler;;AT;drei;1,00;EUR\n"
    "03.2025;Lied;Künstler;;AT;3;;EUR\n"
    "03.2025;Lied\n"
    "03.2025;Lied;Künstler;;AT;3;0,000000000001;eur\n"
    "Summe;;;;;1016;1.234,000000000001;EUR\n"
)
MAPPING = {
    "period": "Monat",
    "title": "Titel",
    "artist": "Interpret",
    "isrc": "isrc",
    "country": "Land",
    "units": "Menge",
    "net": "Erlös",
    "currency": "Währung",
}


def save(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_european_statement(encoding, tmp_path):
    text = EUROPEAN.replace(";€\n", ";EUR\n") if encoding != "utf-8" else EUROPEAN
    path = save(tmp_path / "acme.csv", text, encoding)
    result = mt.collect.read_table(path, mapping=MAPPING, constants={"payer": "Acme"})
    table = result.to_frame()
    tables.check(table, "royalties")
    assert result.kind == "royalties"
    assert result.format == "table"
    assert result.problems["line"].tolist() == [8, 9, 10, 11]
    assert table["period"].tolist() == ["2025-01", "2025-02", "2025-03"]
    assert sum(table["net"]) == Decimal("1234.000000000001")
    assert result.totals["stated_net"].tolist() == [Decimal("1234.000000000001")]
    assert (table["gross"] - table["fees"] == table["net"]).all()
    assert table["recording_id"].fillna("").tolist() == ["XXA002500001", "XXA002500001", ""]
    # Names of the largest countries are known in German and others, too.
    assert table["country"].tolist() == ["DE", "DE", "AT"]
    assert set(table["currency"]) == {"EUR"}
    assert table["units"].tolist() == [1010, 3, 3]
    assert set(table["statement"]) == {"acme"}


def test_the_guess_of_a_european_statement_and_its_confirmation(tmp_path):
    path = save(tmp_path / "acme.csv", EUROPEAN)
    guess = mt.collect.guess_mapping(path)
    assert guess.kind == "royalties"
    assert dict(guess) == MAPPING | {"isrc": "ISRC"}
    assert guess.missing == ("payer",)
    with pytest.raises(ExportError, match="payer"):
        mt.collect.read_table(path, mapping=guess)
    result = mt.collect.read_table(path, mapping=guess, constants={"payer": "Acme"})
    assert len(result.table) == 3
    corrected = dict(guess) | {"release": "Titel"}
    result = mt.collect.read_table(path, mapping=corrected, constants={"payer": "Acme"})
    assert result.table["release"].tolist() == ["Lied"] * 3


def test_the_guess_is_shown(tmp_path):
    guess = mt.collect.guess_mapping(save(tmp_path / "a<b>.csv", EUROPEAN))
    page = guess._repr_html_()
    for word in ("Erlös", "1.234,50", "payer", "Missing", "a&lt;b&gt;.csv", "%"):
        assert word in page
    assert "<b>.csv" not in page
    assert "missing" in repr(guess)
    assert all(0 <= each.confidence <= 1 for each in guess.columns)
    assert next(each for each in guess.columns if each.ours == "title").examples == ("Lied",)
    with pytest.raises(AttributeError):
        guess.kind = "plays"
    with pytest.raises(KeyError):
        guess["nothing"]


def test_no_mapping_gives_one_that_can_be_pasted(tmp_path):
    path = save(tmp_path / "acme.csv", EUROPEAN)
    with pytest.raises(ExportError, match="no mapping") as error:
        mt.collect.read_table(path)
    code = error.value.hint.split(": ", 1)[1]
    code = code.replace("'acme.csv'", repr(str(path))).replace("...", "'Acme'")
    assert len(eval(code).table) == 3  # noqa: S307


def test_packed_and_in_a_folder(tmp_path):
    good = save(tmp_path / "acme.csv", EUROPEAN)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(good, "in/acme.csv")
        archive.writestr("in/readme.txt", "hello")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(good.read_bytes()))
    constants = {"payer": "Acme"}
    for name in ("a.zip", "b.csv.gz"):
        result = mt.collect.read_table(tmp_path / name, mapping=MAPPING, constants=constants)
        assert len(result.table) == 3
    for _ in range(2):
        result = mt.collect.read_table(
            good, mapping=MAPPING, constants=constants, into=tmp_path / "x.duckdb"
        )
        assert len(result.to_frame()) == 3
        del result
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        assert connection.execute("SELECT count(*) FROM royalties").fetchall() == [(3,)]


def test_a_workbook(tmp_path):
    rows = [
        ["Acme Vertrieb GmbH"],
        ["Monat", "Titel", "Erlös", "", "Währung"],
        ["2025-01", "Lied", 1234.5, "", "EUR"],
        ["2025-13", "Lied", 1, "", "EUR"],
        ["2025-02", "Lied", "x", "", "EUR"],
        ["2025-02", "Lied", 0.1, "", "EUR"],
        ["Total", "", 1234.6, "", "EUR"],
    ]
    book = xlsx_bytes({"About": [["nothing"]], "Lines": rows})
    (tmp_path / "acme.xlsx").write_bytes(book)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("acme.xlsx", book)
    for name in ("acme.xlsx", "a.zip"):
        guess = mt.collect.guess_mapping(tmp_path / name)
        assert set(guess) == {"period", "title", "net", "currency"}
        result = mt.collect.read_table(
            tmp_path / name, mapping=guess, constants={"payer": "Acme", "fees": 0}
        )
        assert result.table["net"].tolist() == [Decimal("1234.5"), Decimal("0.1")]
        assert result.problems["line"].tolist() == [4, 5]
        assert result.totals["stated_net"].tolist() == [Decimal("1234.6")]


# --- files of formats that are known, as if they were not ----------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    names = ("distrokid", "tunecore", "believe", "meta_ads", "tiktok_ads", "cdbaby")
    return mt.datasets.simulate_exports(tmp_path_factory.mktemp("made"), formats=names, rng=5)


#: An ISRC that stands in the column of the song's own id.
BEYOND_GUESSING = {("tunecore", "recording_id")}


@pytest.mark.parametrize(
    ("name", "constants"),
    [
        ("distrokid", {"payer": "DistroKid"}),
        ("tunecore", {"payer": "TuneCore"}),
        ("believe", {"payer": "Believe"}),
        ("cdbaby", {"payer": "CD Baby", "currency": "USD"}),
    ],
)
def test_statements_as_unseen_files(name, constants, made):
    one = made[name]
    guess = mt.collect.guess_mapping(one.path)
    assert guess.kind == "royalties"
    assert set(guess.missing) == set(constants)
    result = mt.collect.read_table(one.path, mapping=guess, constants=constants)
    table = result.to_frame()
    tables.check(table, "royalties")
    assert len(result.problems) == 0
    assert sum(table["net"]) == sum(one.truth["net"])
    for column in ("period", "recording_id", "platform", "country", "title", "currency"):
        got = sorted(map(str, table[column]))
        if (name, column) in BEYOND_GUESSING:
            continue
        assert got == sorted(map(str, one.truth[column])), column


def test_advertising_as_an_unseen_file(made):
    one = made["tiktok_ads"]
    guess = mt.collect.guess_mapping(one.path)
    assert (guess.kind, guess.missing) == ("spend", ("channel",))
    result = mt.collect.read_table(one.path, mapping=guess, constants={"channel": "tiktok"})
    # Fewer than five impressions are written <5, which nobody can guess: such lines are told.
    known = one.truth[one.truth["impressions"].notna()]
    assert sum(result.table["spend"]) == sum(known["spend"])
    assert result.problems["why"].str.contains("<5").sum() == len(one.truth) - len(known)
    assert "states spend" in result.problems["why"].iloc[-1]
    meta = mt.collect.guess_mapping(made["meta_ads"].path)
    assert (meta.kind, meta["ds"], meta["spend"]) == ("spend", "Day", "Amount spent (USD)")
    assert meta.constants == {"currency": "USD"}


def test_a_listener_s_history_as_an_unseen_file(tmp_path):
    text = (
        "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n"
        '"1735689600","01 Jan 2025, 00:00","A","","B","","C",""\n'
        '"1735689900","01 Jan 2025, 00:05","A","","B","","D",""\n'
    )
    path = save(tmp_path / "x.csv", text)
    guess = mt.collect.guess_mapping(path)
    assert guess.kind == "plays"
    assert guess["artist_id"] == guess["artist"] == "artist"
    assert (guess["title"], guess["played_at"], guess.missing) == ("track", "utc_time", ())
    result = mt.collect.read_table(path, mapping=guess)
    assert set(result.table["user_id"]) == {"me"}
    both = mt.collect.read_table(path, mapping={"played_at": "uts", "artist": "artist"})
    assert (both.table["played_at"] == result.table["played_at"]).all()


# --- other tables --------------------------------------------------------------------------------


def test_wide_observations(tmp_path):
    text = "Date,Track,ISRC,Streams,Listeners,Saves\n2025-01-05,S,XXA002500001,10,5,\n"
    path = save(tmp_path / "x.csv", text + "2025-01-06,S,,x,5,1\n2025-01-06,S,,7,,1\n")
    guess = mt.collect.guess_mapping(path)
    assert guess.kind == "observations"
    names = {"metric:streams": "Streams", "metric:listeners": "Listeners", "metric:saves": "Saves"}
    assert names.items() <= guess.items()
    assert guess.missing == ("platform",)
    result = mt.collect.read_table(path, mapping=guess, constants={"platform": "spotify"})
    tables.check(result.table, "observations")
    assert result.problems["line"].tolist() == [3]
    got = result.table.set_index(["entity_id", "metric"])["value"].to_dict()
    assert got == {
        ("XXA002500001", "streams"): 10,
        ("XXA002500001", "listeners"): 5,
        ("S", "streams"): 7,
        ("S", "saves"): 1,
    }


def test_works_with_shares(tmp_path):
    text = "Werk;Titel;Komponisten;Anteile\nW1;A;Jane Doe / Richard Roe;50,5 % / 49,5 %\n"
    path = save(tmp_path / "x.csv", text + "W2;B;Jane Doe;100\nW3;C;A / B;100\nW4;D;A / B;x / y\n")
    mapping = {"work_id": "Werk", "title": "Titel", "writers": "Komponisten", "shares": "Anteile"}
    result = mt.collect.read_table(path, mapping=mapping)
    tables.check(result.table, "works")
    assert [list(some) for some in result.table["writers"]] == [
        ["Jane Doe", "Richard Roe"],
        ["Jane Doe"],
    ]
    assert list(result.table["shares"][0]) == pytest.approx([0.505, 0.495])
    assert result.problems["line"].tolist() == [4, 5]


def test_airplay_with_a_preset(tmp_path):
    path = save(tmp_path / "x.csv", "Date-time,Artist,Song,Release\n2025-01-05 10:00:00,A,S,R\n")
    with pytest.raises(ExportError, match="Station"):
        mt.collect.read_table(path, mapping="spinitron")
    result = mt.collect.read_table(path, mapping="spinitron", constants={"station": "WXYZ"})
    tables.check(result.table, "airplay")
    (row,) = result.table.to_dict("records")
    assert (row["station"], row["recording_id"], row["spins"]) == ("WXYZ", "A - S", 1)
    path = save(
        tmp_path / "y.csv", "Station,Artist,Title,Week,Spins,Audience\nW,A,S,1/27/2025,3,9\n"
    )
    assert mt.collect.read_table(path, mapping="bds").table["spins"].tolist() == [3]
    cue = "Cue#,Title,Composer,Start,End,Duration,Usage\n1,Theme,Doe,0:01,0:31,0:30,BI\n"
    path = save(tmp_path / "z.csv", cue)
    constants = {"station": "Channel 1", "ds": dt.date(2025, 1, 5)}
    result = mt.collect.read_table(path, mapping="cue_sheet", constants=constants)
    assert result.table["seconds"].tolist() == [30]
    assert result.table["medium"].tolist() == ["TV"]
    with pytest.raises(ExportError, match="bdz"):
        mt.collect.read_table(path, mapping="bdz")


def test_presets_are_listed_as_unverified():
    listed = mt.collect.formats().set_index("format")
    for name in ("bds", "mediabase", "radiomonitor", "bmat", "soundcharts", "warm", "spinitron"):
        assert not listed.loc[name, "verified"]
        assert "Unverified" in listed.loc[name, "notes"]


# --- days, months, lengths, amounts --------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2025-03", "2025-12"], ["2025-03", "2025-12"]),
        (["03/2025", "12/2025"], ["2025-03", "2025-12"]),
        (["202503", "202512"], ["2025-03", "2025-12"]),
        (["Mar 2025", "Dec 2025"], ["2025-03", "2025-12"]),
        (["2025-Q1", "2025-Q4"], ["2025-Q1", "2025-Q4"]),
        (["Q1 2025", "Q4 2025"], ["2025-Q1", "2025-Q4"]),
        (["2025Q1", "2025Q4"], ["2025-Q1", "2025-Q4"]),
        (["31.03.2025", "31.12.2025"], ["2025-03", "2025-12"]),
        (["3/31/2025", "12/31/2025"], ["2025-03", "2025-12"]),
    ],
)
def test_periods(cells, expected, tmp_path):
    path = save(tmp_path / "x.csv", "P,N\n" + "".join(f"{cell},1\n" for cell in cells))
    constants = {"payer": "A", "currency": "EUR"}
    result = mt.collect.read_table(path, mapping={"period": "P", "net": "N"}, constants=constants)
    assert result.table["period"].tolist() == expected


@pytest.mark.parametrize("cells", [["20251", "20254"], ["soon", "later"]])
def test_what_is_no_period(cells, tmp_path):
    path = save(tmp_path / "x.csv", "P,N\n" + "".join(f"{cell},1\n" for cell in cells))
    constants = {"payer": "A", "currency": "EUR"}
    result = mt.collect.read_table(path, mapping={"period": "P", "net": "N"}, constants=constants)
    assert result.problems["line"].tolist() == [2, 3]


@pytest.mark.parametrize(
    "cells",
    [
        ["2025-03-31 18:05:09"],
        ["2025-03-31T18:05:09Z"],
        ["2025-03-31T20:05:09+02:00"],
        ["31/03/2025 18:05:09"],
        ["03/31/2025 6:05:09 PM"],
        ["1743444309"],
        ["1743444309000"],
        ["31 Mar 2025, 18:05:09"],
    ],
)
def test_times(cells, tmp_path):
    path = save(tmp_path / "x.tsv", "When\tWho\n" + "".join(f"{cell}\tA\n" for cell in cells))
    result = mt.collect.read_table(path, mapping={"played_at": "When", "artist": "Who"})
    assert len(result.problems) == 0
    assert [f"{at:%Y-%m-%d %H:%M:%S}" for at in result.table["played_at"]] == [
        "2025-03-31 18:05:09"
    ]


def test_other_columns_tell_how_numbers_are_written(tmp_path):
    text = "D;C;S;I\n06.01.2025;tv;1.234;1.010\n13.01.2025;tv;2.000;1.020,5\n"
    mapping = {"ds": "D", "channel": "C", "spend": "S", "impressions": "I"}
    result = mt.collect.read_table(save(tmp_path / "x.csv", text), mapping=mapping)
    assert result.table["spend"].tolist() == [1234, 2000]
    assert result.table["impressions"].tolist() == [1010, 1020.5]


def test_days_that_can_be_read_both_ways(tmp_path):
    path = save(tmp_path / "x.csv", "D,C,S\n03/04/2025,tv,1\n")
    mapping = {"ds": "D", "channel": "C", "spend": "S"}
    with pytest.raises(ExportError, match="day_first"):
        mt.collect.read_table(path, mapping=mapping)
    result = mt.collect.read_table(path, mapping=mapping, day_first=True)
    assert f"{result.table['ds'][0]:%m-%d}" == "04-03"


def test_amounts_that_can_be_read_both_ways(tmp_path):
    path = save(tmp_path / "x.csv", 'D,C,S\n2025-01-06,tv,"1,234"\n')
    mapping = {"ds": "D", "channel": "C", "spend": "S"}
    with pytest.raises(ExportError, match="decimal"):
        mt.collect.read_table(path, mapping=mapping)
    for mark, amount in ((",", Decimal("1.234")), (".", Decimal(1234))):
        result = mt.collect.read_table(path, mapping=mapping, decimal=mark)
        assert result.table["spend"].tolist() == [amount]


@pytest.mark.parametrize(
    ("name", "cell", "seconds"),
    [("Length", "3:25", 205), ("Length", "205.5", 205.5), ("duration_ms", "205500", 205.5)],
)
def test_lengths(name, cell, seconds, tmp_path):
    path = save(tmp_path / "x.csv", f"Who,{name}\nA,{cell}\n")
    mapping = {"artist": "Who", "seconds": name}
    result = mt.collect.read_table(path, mapping=mapping, kind="plays")
    assert result.table["seconds"].tolist() == [seconds]


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"net": "N"}, (8, 0, 8)),
        ({"gross": "G"}, (10, 0, 10)),
        ({"gross": "G", "net": "N"}, (10, 2, 8)),
        ({"gross": "G", "fees": "F"}, (10, 2, 8)),
        ({"net": "N", "fees": "F"}, (10, 2, 8)),
        ({"net": "N", "fees": "E"}, (8, 0, 8)),
        ({"gross": "G", "fees": "F", "net": "N"}, (10, 2, 8)),
    ],
)
def test_what_follows_of_gross_fees_and_net(mapping, expected, tmp_path):
    path = save(tmp_path / "x.csv", "P,G,F,N,E\n2025-01,10.00,2.00,8.00,\n")
    constants = {"payer": "A", "currency": "EUR"}
    result = mt.collect.read_table(path, mapping={"period": "P"} | mapping, constants=constants)
    (row,) = result.table[["gross", "fees", "net"]].to_numpy().tolist()
    assert tuple(row) == expected


# --- errors --------------------------------------------------------------------------------------


def test_what_a_table_must_have(tmp_path):
    path = save(tmp_path / "acme.csv", EUROPEAN)
    with pytest.raises(ExportError, match="no column for period, payer, currency"):
        mt.collect.read_table(path, mapping={"net": "Erlös"})
    with pytest.raises(ExportError, match="rename period"):
        mt.collect.read_table(
            path,
            mapping={"net": "Erlös", "perod": "Monat"},
            constants={"payer": "A", "currency": "EUR"},
        )


def test_columns_that_the_file_has_not(tmp_path):
    path = save(tmp_path / "acme.csv", EUROPEAN)
    constants = {"payer": "A", "currency": "EUR"}
    with pytest.raises(ExportError, match="'Erlös' in place of 'Erlose'"):
        mt.collect.read_table(
            path, mapping={"period": "Monat", "net": "Erlose"}, constants=constants
        )
    with pytest.raises(ExportError, match="no column 'X', 'Y' among 'Monat'"):
        mt.collect.read_table(path, mapping={"period": "X", "net": "Y"}, constants=constants)


@pytest.mark.parametrize(
    ("constants", "named"),
    [
        ({"payer": "A", "currency": "euro"}, "ISO 4217"),
        ({"payer": "", "currency": "EUR"}, "payer"),
        ({"payer": "A", "currency": "EUR", "units": "many"}, "number"),
        ({"payer": "A", "currency": "EUR", "net": 1}, "constants"),
        ({"payer": "A", "currency": "EUR", "source": "x"}, "source"),
        ({"payer": "A", "currency": "EUR", "drop table": "x"}, "drop table"),
    ],
)
def test_constants_that_cannot_stand_there(constants, named, tmp_path):
    path = save(tmp_path / "acme.csv", EUROPEAN)
    mapping = {"period": "Monat", "net": "Erlös"}
    with pytest.raises(ExportError, match=named) as error:
        mt.collect.read_table(path, mapping=mapping, constants=constants)
    assert str(pickle.loads(pickle.dumps(error.value))) == str(error.value)


def test_constants_of_every_type(tmp_path):
    path = save(tmp_path / "x.csv", "A,B\nSong,Artist\n")
    constants = {
        "ds": "2025-01-06",
        "station": "it's",
        "medium": "radio",
        "spins": 2,
        "seconds": 1.5,
    }
    mapping = {"title": "A", "artist": "B"}
    result = mt.collect.read_table(path, mapping=mapping, constants=constants)
    (row,) = result.table.to_dict("records")
    assert (row["station"], row["spins"], row["seconds"]) == ("it's", 2, 1.5)
    assert row["recording_id"] == "Artist - Song"
    for wrong in ("soon", "2025-13-01"):
        with pytest.raises(ExportError, match="a day"):
            mt.collect.read_table(path, mapping=mapping, constants=constants | {"ds": wrong})


def test_which_table_it_is(tmp_path):
    path = save(tmp_path / "x.csv", "A,B\nSong,Artist\n")
    with pytest.raises(ExportError, match="kind="):
        mt.collect.read_table(path, mapping={"title": "A"})
    with pytest.raises(ExportError, match="airplay"):
        mt.collect.read_table(path, mapping={"title": "A"}, kind="airplai")
    with pytest.raises(ExportError, match="kind"):
        mt.collect.guess_mapping(path)
    with pytest.raises(ExportError, match="airplay"):
        mt.collect.guess_mapping(path, kind="airplai")
    assert mt.collect.guess_mapping(path, kind="airplay").kind == "airplay"


@pytest.mark.parametrize("text", ["", "\n\n", "one\ntwo\n", "1,2\n3,4\n"])
def test_no_table(text, tmp_path):
    path = save(tmp_path / "x.csv", text)
    with pytest.raises(ExportError):
        mt.collect.guess_mapping(path)
    with pytest.raises(ExportError):
        mt.collect.read_table(path, mapping={"title": "A"}, kind="works")
    with pytest.raises(ExportError):
        mt.collect.read_table(path)


def test_a_total_that_does_not_add_up_and_a_title_that_begins_with_it(tmp_path):
    text = "T,P,N\nTotal Eclipse,2025-01,1.00\nOther,2025-01,2.00\nTotal,,3.01\n"
    path = save(tmp_path / "x.csv", text)
    result = mt.collect.read_table(
        path,
        mapping={"title": "T", "period": "P", "net": "N"},
        constants={"payer": "A", "currency": "EUR"},
    )
    assert result.table["title"].tolist() == ["Total Eclipse", "Other"]
    assert result.problems["line"].tolist() == [4]


# --- money that could be taken for other money ---------------------------------------------------


def money(path, text, mapping, **said):
    path.write_text(text, "utf-8")
    constants = {"payer": "P", "currency": "EUR"} | said.pop("constants", {})
    constants = {name: value for name, value in constants.items() if name not in mapping}
    return mt.collect.read_table(path, mapping={"period": "M"} | mapping, constants=constants)


@pytest.mark.parametrize(
    ("rows", "fees", "net"),
    [
        ("10,00;-1,50\n-2,00;0,30\n", ["1.50", "-0.30"], ["8.50", "-1.70"]),
        ("10,00;(1,50)\n2,00;0\n", ["1.50", "0.00"], ["8.50", "2.00"]),
        ("10,00;1,50\n-2,00;-0,30\n", ["1.50", "-0.30"], ["8.50", "-1.70"]),
        # A fee that was given back, among others.
        ("10,00;1,50\n2,00;-0,30\n", ["1.50", "-0.30"], ["8.50", "2.30"]),
    ],
)
def test_fees_that_are_written_with_a_minus_are_fees(rows, fees, net, tmp_path):
    text = "M;G;F\n" + "".join(f"2025-01;{row}\n" for row in rows.split())
    table = money(tmp_path / "t.csv", text, {"gross": "G", "fees": "F"}).table
    assert [str(value) for value in table["fees"]] == fees
    assert [str(value) for value in table["net"]] == net
    assert (table["gross"] - table["fees"] == table["net"]).all()


def test_two_columns_of_one_name_are_refused_unless_they_are_one(tmp_path):
    path = tmp_path / "t.csv"
    with pytest.raises(ExportError, match="two columns 'N'"):
        money(path, "M;N;N\n2025-01;1,50;2,50\n", {"net": "N"})
    table = money(path, "M;N;N\n2025-01;1,50;1,50\n", {"net": "N"}).table
    assert table["net"].tolist() == [Decimal("1.50")]


def test_currencies_that_are_no_codes_are_problems(tmp_path):
    text = "M;N;C\n2025-01;1,50;usd\n2025-01;1,50;$\n2025-01;1,50;Euro\n2025-01;2,50;£\n"
    result = money(tmp_path / "t.csv", text, {"net": "N", "currency": "C"})
    assert result.table["currency"].tolist() == ["USD", "GBP"]
    assert result.problems["line"].tolist() == [3, 4]


@pytest.mark.parametrize("value", ["NaN", "inf", "1e30", "1e-30", "1,5"])
def test_constants_that_are_no_amounts(value, tmp_path):
    with pytest.raises(ExportError, match="fill the column 'net'"):
        money(tmp_path / "t.csv", "M;x\n2025-01;1\n", {}, constants={"net": value})


@pytest.mark.parametrize(
    ("header", "rows", "currency"),
    [
        ("Payout", ["€1.50", "€1.60", "€1.70", "£9.99", "$5.00"], None),
        ("Payout", ["$1.50", "€1.60"], None),
        ("Payout", ["€1.50", "1.60 kr"], None),
        ("Payout", ["€1.50", "USD 1.60"], None),
        ("Payout (EUR)", ["$1.50", "1.60"], None),
        ("Gross,Net", ["€1.50,$1.20"], None),
        ("Payout", ["€1.50", "EUR 1.60", "1.70", "-€1.80"], "EUR"),
    ],
)
def test_a_currency_is_guessed_only_where_all_amounts_agree(header, rows, currency, tmp_path):
    text = f"Month,ISRC,{header}\n" + "".join(f"2025-01,XXA002500001,{row}\n" for row in rows)
    guess = mt.collect.guess_mapping(save(tmp_path / "t.csv", text))
    assert guess.constants.get("currency") == currency
    assert ("currency" in guess.missing) is (currency is None)
    assert bool(guess.marks) is (currency is None)
    assert ("Currency not guessed" in " ".join(guess._notes())) is (currency is None)


@pytest.mark.parametrize(
    ("currency", "cells", "wrong"),
    [
        ("USD", ["€1.50", "$1.50", "£2", "2 CAD", "2.5", "1e-3"], [2, 4, 5]),
        ("EUR", ["€1.50", "$1.50", "2 kr", "USD 2", "EUR 2", "-€1"], [3, 4, 5]),
        ("GBP", ["£1.50", "¥2", "GBP 2"], [3]),
        ("SEK", ["1.50 kr", "2 €"], [3]),
    ],
)
@pytest.mark.parametrize("name", ["net", "gross", "fees"])
def test_amounts_that_are_marked_as_of_another_currency(name, currency, cells, wrong, tmp_path):
    mapping = {name: "N"} | ({"net": "B"} if name == "fees" else {})
    plain = "M,B,N\n" + "".join(f"2025-01,5,{cell}\n" for cell in cells)
    result = money(tmp_path / "t.csv", plain, mapping, constants={"currency": currency})
    assert result.problems["line"].tolist() == wrong
    told = "M,B,N,C\n" + "".join(f"2025-01,5,{cell},{currency.lower()}\n" for cell in cells)
    result = money(tmp_path / "t.csv", told, mapping | {"currency": "C"})
    assert result.problems["line"].tolist() == wrong
    assert "currency of its row" in result.problems.to_string()


def test_spend_that_is_marked_as_of_another_currency(tmp_path):
    path = save(tmp_path / "t.csv", "D,C,S\n2025-01-06,tv,€1.50\n2025-01-13,tv,$1.50\n")
    mapping = {"ds": "D", "channel": "C", "spend": "S"}
    result = mt.collect.read_table(path, mapping=mapping, constants={"currency": "USD"})
    assert result.problems["line"].tolist() == [2]


@pytest.mark.parametrize("amount", ["Sum", "Summe", "Betrag"])
def test_a_day_without_marks_is_guessed_to_be_no_amount(amount, tmp_path):
    rows = "2025-01,XXA002500001,20250415,1.10\n2025-02,XXA002500001,20250515,1.20\n"
    path = save(tmp_path / "t.csv", f"Month,ISRC,Payment,{amount}\n{rows}")
    assert mt.collect.guess_mapping(path, kind="royalties")["net"] == amount
    path = save(tmp_path / "u.csv", f"Month,ISRC,Payout,Other\n{rows}")
    assert "net" not in mt.collect.guess_mapping(path, kind="royalties")


def test_months_that_are_written_in_two_ways(tmp_path):
    read = money(tmp_path / "t.csv", "M;N\n2025-03;1,50\nMar-25;1,70\n", {"net": "N"})
    assert read.problems["line"].tolist() == [3]
    assert read.to_frame()["net"].tolist() == [Decimal("1.5")]


# --- currencies in headers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "currency"),
    [
        ("Amount (EUR)", "EUR"),
        ("Amount [KZT]", "KZT"),
        ("Amount (PCS)", None),
        ("Amount (ALL)", None),
    ],
)
def test_only_currencies_in_brackets_are_currencies(header, currency, tmp_path):
    text = f"Month,ISRC,{header}\n2025-01,XXA002500001,1.50\n"
    guess = mt.collect.guess_mapping(save(tmp_path / "t.csv", text))
    assert (guess["net"], guess.constants.get("currency"), guess.marks) == (header, currency, ())


def test_every_currency_with_a_rate_is_known():
    assert set(mt.datasets.load_exchange_rates()["currency"]) <= CODES


def test_a_header_that_contradicts_a_constant_is_refused(tmp_path):
    text = "M,Net (USD)\n2025-01,1.50\n"
    with pytest.raises(ExportError, match=r"'Net \(USD\)', told to be in EUR"):
        money(tmp_path / "t.csv", text, {"net": "Net (USD)"})
    right = money(tmp_path / "t.csv", text, {"net": "Net (USD)"}, constants={"currency": "USD"})
    assert len(right.table) == 1
    other = text.replace("USD", "BPM")
    assert len(money(tmp_path / "t.csv", other, {"net": "Net (BPM)"}).table) == 1


def test_a_header_that_contradicts_a_column_is_told_of_each_row(tmp_path):
    text = "Month,ISRC,Amount (EUR),Currency\n"
    text += "2025-01,XXA002500001,1.50,EUR\n2025-01,XXA002500001,2.50,USD\n"
    path = save(tmp_path / "t.csv", text)
    guess = mt.collect.guess_mapping(path)
    assert guess.marks == ("EUR", "USD")
    assert "do not agree" in " ".join(guess._notes())
    read = mt.collect.read_table(path, mapping=guess, constants={"payer": "P"})
    assert read.table["currency"].tolist() == ["EUR"]
    assert read.problems["line"].tolist() == [3]


@pytest.mark.parametrize(
    ("head", "cells", "marks"),
    [
        ("Amount (EUR)", ("€", "EUR"), ()),
        ("Amount (EUR)", ("N/A", "EUR"), ()),
        ("Gross (USD),Net (EUR)", ("EUR", "EUR"), ("EUR", "USD")),
    ],
)
def test_headers_and_a_column_agree_or_are_told(tmp_path, head, cells, marks):
    amounts = ",".join(["1.50"] * len(head.split(",")))
    rows = "".join(f"2025-01,XXA002500001,{amounts},{cell}\n" for cell in cells)
    path = save(tmp_path / "t.csv", f"Month,ISRC,{head},Currency\n{rows}")
    assert mt.collect.guess_mapping(path).marks == marks


def test_presets_tell_amounts_of_another_currency(tmp_path):
    head = "CAE Number,Work Title,Amount (performance revenue)\n"
    path = save(tmp_path / "t.csv", head + "1,A,£1.50\n1,B,€2.50\n1,C,3.50\n")
    told = {"period": "2025-01"}
    read = mt.collect.read_table(path, mapping="prs", constants=told)
    assert read.problems["line"].tolist() == [3]
    euros = mt.collect.read_table(path, mapping="prs", constants=told | {"currency": "EUR"})
    assert euros.problems["line"].tolist() == [2]
