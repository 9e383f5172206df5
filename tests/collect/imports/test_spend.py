"""Meta, Google and TikTok: what campaigns cost, read whole, and nasty files line by line."""

import gzip
import zipfile
from decimal import Decimal

import duckdb
import pytest

import musictools as mt
from musictools.errors import ExportError
from tests.collect.imports.compare import assert_same

FORMATS = ("meta_ads", "google_ads", "tiktok_ads")


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", FORMATS)
def test_round_trip(name, seed, tmp_path):
    made = mt.datasets.simulate_exports(tmp_path, formats=name, rng=seed)[name]
    result = mt.collect.read(made.path)
    assert_same(result, made)
    spent = sum(made.truth["spend"])
    assert result.totals["spend"].tolist() == [spent]
    assert result.totals["stated_spend"].tolist() == [spent]
    assert isinstance(result.table["spend"][0], Decimal)


@pytest.mark.parametrize("name", FORMATS)
def test_packed(name, tmp_path):
    made = mt.datasets.simulate_exports(tmp_path / "made", formats=name)[name]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(made.path, "folder/report.csv")
        archive.writestr("readme.txt", "nothing")
    assert_same(mt.collect.read(tmp_path / "a.zip"), made)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(made.path.read_bytes()))
    assert_same(mt.collect.read(tmp_path / "b.csv.gz"), made)


@pytest.mark.parametrize("name", FORMATS)
def test_into_a_database_twice(name, tmp_path):
    made = mt.datasets.simulate_exports(tmp_path, formats=name)[name]
    for _ in range(2):
        result = mt.collect.read(made.path, into=tmp_path / "spend.duckdb")
        assert_same(result, made)
        del result
    with duckdb.connect(str(tmp_path / "spend.duckdb")) as connection:
        counted = connection.execute("SELECT count(*), sum(spend) FROM spend").fetchall()
    assert counted == [(len(made.truth), sum(made.truth["spend"]))]


def save(path, lines, *, encoding="utf-8", end="\n"):
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


META = (
    "Reporting starts,Reporting ends,Campaign name,Day,Amount spent (EUR),Impressions,Link clicks"
)


def meta(day="2025-01-06", spent="1.50", shown="10", *, name="Song"):
    return f"2025-01-06,2025-01-07,{name},{day},{spent},{shown},"


def test_a_nasty_file_of_meta(tmp_path):
    lines = [
        META,
        meta("", "4.50", "20", name=""),
        meta(),
        meta(name='"Song, ""live"""'),
        "",
        meta(spent="abc"),
        meta(shown="ten"),
        meta("2025-13-01"),
        meta(""),
        meta(spent=""),
        "2025-01-06,2025-01-07",
        meta() + ",more",
        ",,,,,,",
        meta(spent="-0.50"),
        meta(spent='"1,001.00"'),
        meta("All"),
        meta(spent="1.5E+2"),
    ]
    path = save(tmp_path / "r.csv", lines, encoding="utf-8-sig", end="\r\n")
    result = mt.collect.read(path)
    assert result.format == "meta_ads"
    assert result.problems["line"].tolist() == [2, 6, 7, 8, 9, 10, 11, 12, 13]
    assert "states spend of 4.5" in result.problems["why"][0]
    assert sum(result.table["spend"]) == Decimal("1153.50")
    assert result.provenance["left_out"] == {"subtotals of all days": 1}
    assert set(result.table["currency"]) == {"EUR"}
    assert result.totals["lines"].tolist() == [15]


@pytest.mark.parametrize(
    ("header", "row", "currency"),
    [
        (
            "Berichtsstart,Name der Kampagne,Tag,Ausgegebener Betrag (EUR),Impressionen",
            '2025-01-06,Lied,06.01.2025,"1.234,50","1.010"',
            "EUR",
        ),
        (
            "début des rapports,Nom de la campagne,Jour,Montant dépensé (USD),Impressions",
            "2025-01-06,Chanson,2025-01-06,1234.50,1010",
            "USD",
        ),
        (
            "レポート開始日,キャンペーン名,日,消化金額\uff08JPY\uff09,インプレッション",
            '2025/01/06,歌,2025/01/06,1234.50,"1,010"',
            "JPY",
        ),
        (
            "Nome da campanha,Início dos relatórios,Valor usado (BRL),Impressões",
            'Canção,2025-01-06,"1.234,50",1010',
            "BRL",
        ),
        (
            "Campaign Name,Reporting Starts,Reporting Ends,Currency,Amount spent,IMPRESSIONS",
            "Song,2025-01-06,2025-01-06,gbp,1234.50,1010",
            "GBP",
        ),
    ],
)
def test_meta_in_other_languages(header, row, currency, tmp_path):
    result = mt.collect.read(save(tmp_path / "r.csv", [header, row]))
    assert result.format == "meta_ads"
    assert len(result.problems) == 0
    (got,) = result.table.to_dict("records")
    assert got["spend"] == Decimal("1234.5")
    assert got["impressions"] == 1010
    assert got["currency"] == currency
    assert f"{got['ds']:%Y-%m-%d}" == "2025-01-06"
    assert got["campaign"]


def test_meta_days_that_can_be_read_both_ways(tmp_path):
    path = save(tmp_path / "r.csv", [META, meta("03/04/2025")])
    with pytest.raises(ExportError, match="day_first"):
        mt.collect.read(path)
    assert f"{mt.collect.read(path, day_first=True).table['ds'][0]:%m-%d}" == "04-03"
    path = save(tmp_path / "r.csv", [META, meta("03/04/2025"), meta("03/14/2025")])
    assert f"{mt.collect.read(path).table['ds'][0]:%m-%d}" == "03-04"


def test_meta_totals_a_day(tmp_path):
    lines = [META]
    for day in ("2025-01-06", "2025-01-07"):
        lines += [meta(day, "3.00", name=""), meta(day), meta(day, name="Other")]
    result = mt.collect.read(save(tmp_path / "r.csv", lines))
    assert len(result.problems) == 0
    assert result.totals["stated_spend"].tolist() == [6]


def google(*lines, header=None, period='"January 6, 2025 - January 7, 2025"'):
    usual = "Day,Campaign,Currency code,Cost,Impr.,Clicks"
    return ["Campaign report", period, header or usual, *lines]


def test_a_nasty_file_of_google(tmp_path):
    lines = google(
        "2025-01-06,Total Wine,USD,1.50,10, --",
        '2025-01-06,Song,USD,"1,316.14","1,103,153",3',
        "2025-01-06,Song,USD,x,1,1",
        "2025-01-06,Song,USD, --,1,1",
        "soon,Song,USD,1,1,1",
        "2025-01-06,,USD,1,1,1",
        "2025-01-06,Song,USD",
        "",
        "Total: Search, --,USD,1.00,1,1",
        'Total: Campaigns, --,USD,"1,317.64",1,1',
        'Total: Account, --,USD,"9,999.00",1,1',
    )
    result = mt.collect.read(save(tmp_path / "Campaign report.csv", lines))
    assert result.format == "google_ads"
    assert result.problems["line"].tolist() == [6, 7, 8, 9, 10]
    assert sum(result.table["spend"]) == Decimal("1317.64")
    assert result.table["campaign"].tolist() == ["Total Wine", "Song"]
    assert result.totals["stated_spend"].tolist() == [Decimal("1317.64")]
    short = [line for line in lines if "Song" not in line]
    result = mt.collect.read(save(tmp_path / "Campaign report.csv", short))
    assert "its lines sum to 1.5" in result.problems["why"].iloc[-1]


@pytest.mark.parametrize(
    ("header", "row", "total", "separator"),
    [
        (
            "Jour;Campagne;Code de la devise;Coût;Impr.;Clics",
            "2025-01-06;Chanson;EUR;1.50;10;1",
            "Total : compte; --;EUR;1.50;10;1",
            ";",
        ),
        (
            "Tag,Kampagne,Währungscode,Kosten,Impr.,Klicks",
            '2025-01-06,Lied,EUR,"1,50",10,1',
            'Gesamt: Konto, --,EUR,"1,50",10,1',
            ",",
        ),
    ],
)
def test_google_in_other_languages(header, row, total, separator, tmp_path):
    path = save(tmp_path / "r.csv", ["Kampagnenbericht", "Gesamte Laufzeit", header, row, total])
    result = mt.collect.read(path)
    assert len(result.problems) == 0
    assert result.totals["spend"].tolist() == [Decimal("1.50")]
    assert result.totals["currency"].tolist() == ["EUR"]


def test_google_without_days(tmp_path):
    header = "Campaign status,Campaign,Currency code,Cost,Impr."
    rows = ["Enabled,Song,USD,1.50,10", "Total: Account, --,USD,1.50,10"]
    for period in ('"January 6, 2025 - January 7, 2025"', "Jan 6, 2025 - Jan 7, 2025"):
        lines = google(*rows, header=header, period=period)
        result = mt.collect.read(save(tmp_path / "r.csv", lines))
        assert f"{result.table['ds'][0]:%Y-%m-%d}" == "2025-01-06"
        assert len(result.problems) == 0
    with pytest.raises(ExportError, match="Segment > Time > Day"):
        mt.collect.read(save(tmp_path / "r.csv", google(*rows, header=header, period="All time")))


TIKTOK = "By Day,Campaign name,Cost,Impressions,Clicks (destination),Reach"


def test_a_nasty_file_of_tiktok(tmp_path):
    lines = [
        TIKTOK,
        '2025-01-06,Song,"$1,020.50",<5,3,-',
        "2025-01-06,Song,EUR 1.00,5,3,1",
        "2025-01-06,Song,one,5,3,1",
        "-,Song,1.00,5,3,1",
        "2025-01-06,Song,1.00,<500,3,1",
        "2025-01-06,Song,1.00",
        ",,,,,",
        "-,Total of 6 campaigns,1021.50,5,3,1",
    ]
    result = mt.collect.read(save(tmp_path / "r.csv", lines))
    assert result.format == "tiktok_ads"
    assert result.problems["line"].tolist() == [4, 5, 6, 7, 8]
    assert sum(result.table["spend"]) == Decimal("1021.50")
    assert result.table["impressions"].isna().tolist() == [True, False]
    assert result.totals["stated_spend"].tolist() == [Decimal("1021.50")]


def test_tiktok_without_days(tmp_path):
    path = save(
        tmp_path / "r.csv", ["Campaign name,Cost,Impressions,Clicks (destination)", "a,1,1,1"]
    )
    with pytest.raises(ExportError, match="By Day"):
        mt.collect.read(path)


@pytest.mark.parametrize(
    ("name", "header", "gone"),
    [
        ("meta_ads", "Day,Campaign name,Spent (EUR),Impressions", "Amount spent"),
        ("google_ads", "Day,Campaign,Price,Impr.,Clicks", "Cost"),
        ("tiktok_ads", "By Day,Campaign name,Price,Impressions", "Cost"),
    ],
)
def test_a_column_that_is_gone(name, header, gone, tmp_path):
    path = save(tmp_path / "r.csv", [header, "2025-01-06,Song,1,1"])
    with pytest.raises(ExportError, match=gone):
        mt.collect.read(path, format=name)


@pytest.mark.parametrize("name", FORMATS)
def test_header_alone_and_nothing(name, tmp_path):
    header = {"meta_ads": META, "google_ads": google()[2], "tiktok_ads": TIKTOK}[name]
    result = mt.collect.read(save(tmp_path / "r.csv", [header]))
    assert (result.format, len(result.table), len(result.problems)) == (name, 0, 0)
    (tmp_path / "r.csv").write_bytes(b"")
    with pytest.raises(ExportError):
        mt.collect.read(tmp_path / "r.csv", format=name)
