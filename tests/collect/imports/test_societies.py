"""ASCAP and BMI: quarters, padded money, names in capitals."""

from decimal import Decimal

import pytest

import musictools as mt
from musictools.errors import ExportError

HOME = (
    "DistributionYear,Distribution Quarter,Party Name,Music User,Work ID,Work Title,"
    "Number of Plays,Performance Type (Usage),Performing Artist,Dollars,Premium Dollars,Territory,"
    "Performance Quarter\n"
)
ABROAD = (
    "File Type,Statement Recipient Name,Distribution Date,Country Name,Performance Start Date,"
    "Performance End Date,Work Title,Work ID,Revenue Class Code,Revenue Class Description, $ Amount"
    ",Role Type,Type Of Right,Territory\n"
)
BMI = (
    "PERIOD,W OR P,PARTICIPANT NAME,TITLE NAME,TITLE #,PERF SOURCE,COUNTRY OF PERFORMANCE,USE CODE,"
    "PARTICIPANT %,PERF COUNT,ROYALTY AMOUNT,WITHHOLD,PERF PERIOD\n"
)


def home(*, quarter="2Q2025", plays="12", dollars=" 00000000000000000.00019"):
    return f"2026,2,WRITER,SPOTIFY,8,SONG,{plays},Streaming,SINGER,{dollars}, 0,US,{quarter}\n"


def abroad(*, day="04-01-2025", amount=" 0000000000000001.50"):
    return (
        f"Royalty,L,08-20-2026,GERMANY,{day},06-30-2025,SONG,8,OR,Radio,{amount},Writer,Perf,"
        "GERMANY\n"
    )


def bmi(*, period="20252", amount="1.25", count="7"):
    return f"{period},W,WRITER,SONG,99,SPOTIFY,UNITED KINGDOM,AU,50,{count},{amount},,20251\n"


def test_at_home(tmp_path):
    path = tmp_path / "42.csv"
    lines = [HOME, home(), home(dollars="-0.5"), home(quarter="5Q2025"), home(quarter="2025Q2")]
    lines += [home(dollars="?"), home(plays="x"), home(dollars=""), "2026,2\n", home()]
    lines += ["Total,,,,,,,,,-0.49962,,,\n"]
    path.write_text("".join(lines), "utf-8")
    result = mt.collect.read(path)
    assert sum(result.table["net"]) == Decimal("-0.49962")
    assert set(result.table["period"]) == {"2025-Q2"}
    assert set(result.table["artist"]) == {"SINGER"}
    assert result.table["work_id"].tolist() == ["8"] * 3
    assert result.problems["line"].tolist() == [4, 5, 6, 7, 8, 9]


def test_abroad(tmp_path):
    path = tmp_path / "43.csv"
    path.write_bytes((ABROAD + abroad() + abroad(day="31-01-2025") + abroad(amount="")).encode())
    result = mt.collect.read(path)
    row = result.table.iloc[0]
    assert (row["period"], row["country"], row["net"]) == ("2025-Q2", "DE", Decimal("1.5"))
    assert result.table["units"].isna().all()
    assert result.problems["line"].tolist() == [3, 4]


def test_bmi(tmp_path):
    path = tmp_path / "bmi.csv"
    lines = [BMI, bmi(), bmi(period="20255"), bmi(amount="(0.25)"), bmi(count="?"), bmi(period="")]
    path.write_bytes("".join(lines).replace("\n", "\r\n").encode("utf-8-sig"))
    result = mt.collect.read(path)
    assert result.table["net"].tolist() == [Decimal("1.25"), Decimal("-0.25")]
    assert (result.table["period"] == "2025-Q2").all()
    assert (result.table["performance_period"] == "20251").all()
    assert (result.table["country"] == "GB").all()
    assert result.problems["line"].tolist() == [3, 5, 6]


@pytest.mark.parametrize(
    ("name", "text", "gone"),
    [
        ("ascap", HOME + home(), "Territory"),
        ("ascap", ABROAD + abroad(), "Revenue Class Description"),
        ("bmi", BMI + bmi(), "PERF COUNT"),
    ],
)
def test_a_column_that_is_gone(name, text, gone, tmp_path):
    path = tmp_path / "s.csv"
    path.write_text(text.replace(gone, "Something", 1), "utf-8")
    with pytest.raises(ExportError, match=gone):
        mt.collect.read(path, format=name)
