"""What downloaded files hold, drawn from memory and from a database."""

from decimal import Decimal

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError

FILES = {
    "royalties": (
        "P,S,N,C\n2025-01,A,2.00,EUR\n2025-02,A,-1.00,EUR\n2025-02,B,4.00,EUR\n2025-02,B,9,USD\n",
        {"period": "P", "platform": "S", "net": "N", "currency": "C"},
        {"payer": "X"},
    ),
    "plays": (
        "T,A\n2025-01-05 10:00:00,X\n2025-01-06 10:00:00,X\n2025-03-06 10:00:00,Y\n",
        {"played_at": "T", "artist": "A"},
        {},
    ),
    "observations": (
        "D,T,S,L\n2025-01-05,x,1000,1\n2025-01-06,x,2000,2\n2025-01-06,y,500,\n",
        {"observed_at": "D", "title": "T", "metric:streams": "S", "metric:likes": "L"},
        {"platform": "p"},
    ),
    "spend": (
        "D,C,S\n2025-01-06,meta,1.50\n2025-01-08,meta,2.50\n2025-01-13,tiktok,1.00\n",
        {"ds": "D", "channel": "C", "spend": "S"},
        {},
    ),
    "airplay": (
        "D,S,T,N\n2025-01-06,W$Y$Z,x,3\n2025-01-07,Other,x,9\n",
        {"ds": "D", "station": "S", "title": "T", "spins": "N"},
        {"medium": "radio"},
    ),
    "works": (
        "I;T;W;S\n1;x;A;100\n2;y;A / B;50 / 50\n3;z;A / C;50 / 50\n",
        {"work_id": "I", "title": "T", "writers": "W", "shares": "S"},
        {},
    ),
}


def read(kind, folder, **options):
    text, mapping, constants = FILES[kind]
    path = folder / "x.csv"
    path.write_text(text, "utf-8")
    return mt.collect.read_table(path, mapping=mapping, kind=kind, constants=constants, **options)


def heights(ax):
    return sorted(round(bar.get_height(), 6) for bar in ax.patches if bar.get_height())


EXPECTED = {
    "royalties": [-1, 2, 4],
    "plays": [1, 2],
    "spend": [1, 4],
    "works": [1, 2],
}


@pytest.mark.parametrize("where", ["memory", "database"])
@pytest.mark.parametrize("kind", FILES)
def test_every_table_is_drawn(kind, where, tmp_path):
    options = {} if where == "memory" else {"into": tmp_path / "x.duckdb"}
    result = read(kind, tmp_path, **options)
    with mt.plot.style():
        ax = result.plot()
        ax.figure.canvas.draw()
    if kind in EXPECTED:
        assert heights(ax) == EXPECTED[kind]
    elif kind == "airplay":
        assert [bar.get_width() for bar in ax.patches] == [9, 3]
        assert [tick.get_text() for tick in ax.get_yticklabels()] == ["Other", r"W\$Y\$Z"]
    else:
        assert [list(line.get_ydata()) for line in ax.lines] == [[1000, 2500], [1, 2]]
    if kind == "royalties":
        assert "USD" in ax.get_title(loc="left")


def test_many_platforms_are_drawn_together(tmp_path):
    text = "P,S,N\n" + "".join(f"2025-01,store {i},{i + 1}\n" for i in range(20))
    (tmp_path / "x.csv").write_text(text)
    result = mt.collect.read_table(
        tmp_path / "x.csv",
        mapping={"period": "P", "platform": "S", "net": "N"},
        constants={"payer": "X", "currency": "EUR"},
    )
    figure, ax = plt.subplots()
    assert mt.plot.imported(result, ax=ax) is ax
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert len(labels) == 8
    assert labels[-1] == "all others"
    assert sum(heights(ax)) == sum(range(1, 21))
    assert sum(result.table["net"]) == Decimal(210)
    plt.close(figure)


def test_nothing_to_draw(tmp_path):
    (tmp_path / "x.csv").write_text("D,C,S\n2025-01-06,meta,x\n")
    mapping = {"ds": "D", "channel": "C", "spend": "S"}
    empty = mt.collect.read_table(tmp_path / "x.csv", mapping=mapping)
    for wrong in (empty, pd.DataFrame()):
        with pytest.raises(InputError):
            mt.plot.imported(wrong)
