"""DistroKid: both layouts read whole, and a nasty file line by line."""

from decimal import Decimal

import numpy as np
import pytest

import musictools as mt
from musictools.datasets._exports import _distrokid
from tests.collect.imports.compare import assert_same

HEADER = (
    "Reporting Date,Sale Month,Store,Artist,Title,ISRC,UPC,Quantity,Team Percentage,"
    "Song/Album,Country of Sale,Songwriter Royalties Withheld,Earnings (USD)\n"
)


def line(title="Song", *, month="2025-01", quantity="3", earned="0.5"):
    return (
        f"2025-02-01,{month},Spotify,A,{title},US-RC1-76-07839,123456789012,{quantity},100,Song,"
        f"UK,0.1,{earned}\n"
    )


@pytest.mark.parametrize("write", [_distrokid.write_distrokid, _distrokid.write_distrokid_tsv])
def test_round_trip(write, tmp_path):
    made = write(mt.datasets.load_label(), tmp_path, np.random.default_rng(3))
    result = mt.collect.read_distrokid(made.path)
    assert_same(result, made)
    assert result.totals["net"].sum() == sum(made.truth["net"])


def test_a_nasty_file(tmp_path):
    path = tmp_path / "s.csv"
    lines = [HEADER, line(), line('"two\nlines"'), "\n", line(quantity="x"), line(earned="abc")]
    lines += [line(month="2025-13"), line(earned=""), line('"Heroes" live'), line("a,b"), "a,b,c\n"]
    lines += [line('"open'), line('in"side'), line(earned="-0.5", quantity="-1")]
    lines += [line('"three\n\nlines"', quantity="zz"), line("last")]
    path.write_text("".join(lines), "utf-8")
    result = mt.collect.read_distrokid(path)
    titles = ["Song", "two\nlines", '"Heroes" live', '"open', 'in"side', "Song", "last"]
    assert result.table["title"].tolist() == titles
    assert result.problems["line"].tolist() == [6, 7, 8, 9, 11, 12, 16]
    assert sum(result.table["net"]) == Decimal("2.5")
    assert set(result.table["recording_id"]) == {"USRC17607839"}
    assert set(result.table["country"]) == {"GB"}
    assert (result.table["gross"] - result.table["fees"] == result.table["net"]).all()
