"""fetch_hot100(): against a server of this machine with made-up charts, and copies of one's own."""

import contextlib
import dataclasses
import hashlib
import http.server
import json
import threading

import pandas as pd
import pytest

import musictools as mt
from musictools.datasets import _hot100
from musictools.errors import InputError, MalformedResponse, ServiceError, TableError


def charts(weeks=4, size=5):
    made = mt.datasets.simulate_chart(weeks=weeks, size=size, rng=3).chart
    return [
        {
            "date": f"{day:%Y-%m-%d}",
            "data": [
                {
                    "song": row.song,
                    "artist": row.artist,
                    "this_week": row.rank,
                    "last_week": None,
                    "peak_position": row.rank,
                    "weeks_on_chart": 1,
                }
                for row in rows.itertuples()
            ],
        }
        for day, rows in made.groupby("date")
    ]


@contextlib.contextmanager
def serving(body, status=200):
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/all.json", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def source(monkeypatch, tmp_path):
    """Point the fetcher at another address, with the checksum of the first two charts there."""
    monkeypatch.setenv("MUSICTOOLS_DATA_DIR", str(tmp_path))

    def point(address, body):
        old = json.loads(body)[:2]
        rows = [
            f"{each['date']}\t{row['this_week']}\t{row['song']}\t{row['artist']}\n"
            for each in old
            for row in each["data"]
        ]
        digest = hashlib.sha256("".join(rows).encode()).hexdigest()
        remote = dataclasses.replace(_hot100._SOURCE, address=address)
        monkeypatch.setattr(_hot100, "_SOURCE", remote)
        monkeypatch.setattr(_hot100, "_KNOWN", (old[-1]["date"], digest))
        return tmp_path / "fetched" / remote.file

    return point


def test_the_chart_is_fetched_once_checked_and_kept(source):
    body = json.dumps(charts()).encode()
    with serving(body) as (address, asked):
        kept = source(address, body)
        chart = mt.datasets.fetch_hot100(progress=False)
        again = mt.datasets.fetch_hot100(until="2020-01-12")
    assert asked == ["/all.json"]
    assert kept.read_bytes() == body
    assert list(chart) == ["date", "rank", "song", "artist", "last_week", "peak", "weeks"]
    assert (len(chart), len(again)) == (20, 10)
    assert chart["date"].dt.strftime("%Y-%m-%d").unique().tolist() == [c["date"] for c in charts()]
    told = chart.attrs["provenance"]
    assert told["checksum"] == f"sha256:{_hot100._KNOWN[1]}"
    assert "not to be passed on" in told["licence"]
    assert mt.trends.chart_runs(chart)["weeks"].sum() == 20


def test_new_charts_are_welcome_and_a_changed_past_is_not(source):
    body = json.dumps(charts(weeks=4)).encode()
    changed = charts(weeks=5)
    with serving(json.dumps(changed).encode()) as (address, _):
        source(address, json.dumps(changed).encode())
        assert len(mt.datasets.fetch_hot100()) == 25
    changed[1]["data"][2]["song"] = "Another"
    with serving(json.dumps(changed).encode()) as (address, _):
        kept = source(address, body)
        kept.unlink()
        with pytest.raises(MalformedResponse, match="history to"):
            mt.datasets.fetch_hot100()
        assert not kept.exists()


@pytest.mark.parametrize("body", [b"<html>no</html>", b"[1, 2]", b'[{"date": "2020-01-04"}]'])
def test_what_is_no_chart_is_thrown_away(source, body):
    with serving(body) as (address, _):
        kept = source(address, json.dumps(charts()).encode())
        with pytest.raises(MalformedResponse, match="fetch the Hot 100"):
            mt.datasets.fetch_hot100()
    assert not kept.exists()


def test_a_refusal_is_told(source):
    with serving(b"", status=404) as (address, _):
        source(address, json.dumps(charts()).encode())
        with pytest.raises(ServiceError, match="404"):
            mt.datasets.fetch_hot100()


@pytest.mark.parametrize(
    "names",
    [
        ("date", "rank", "song", "artist"),
        ("chart_week", "current_week", "title", "performer"),
        ("WeekID", "Week Position", "Song", "Performer"),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_copies_of_ones_own(tmp_path, names, ending):
    rows = [
        ("2024-01-13", 1, "NA", "Her"),
        ("2024-01-06", 2, "B", "Him"),
        ("2024-01-06", 1, "A", "Her"),
    ]
    table = pd.DataFrame(rows, columns=list(names)).assign(other=1)
    path = tmp_path / f"own.{ending}"
    if ending == "csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path)
    chart = mt.datasets.fetch_hot100(path)
    assert chart["song"].tolist() == ["A", "B", "NA"]
    assert chart["date"].dt.day.tolist() == [6, 6, 13]
    assert chart["rank"].tolist() == [1, 2, 1]


def test_copies_that_are_none(tmp_path):
    (tmp_path / "a.csv").write_text("date,rank,song\n2024-01-06,1,A\n")
    (tmp_path / "b.csv").write_text("date,rank,song,artist\n2024-01-06,first,A,B\n")
    (tmp_path / "c.parquet").write_bytes(b"no")
    with pytest.raises(TableError, match="no column artist"):
        mt.datasets.fetch_hot100(tmp_path / "a.csv")
    with pytest.raises(TableError, match="no date or no rank"):
        mt.datasets.fetch_hot100(tmp_path / "b.csv")
    with pytest.raises(InputError, match="cannot be read"):
        mt.datasets.fetch_hot100(tmp_path / "c.parquet")
    with pytest.raises(InputError, match="not there"):
        mt.datasets.fetch_hot100(tmp_path / "d.csv")


def test_the_checksum_is_that_of_the_history(shared):
    path = shared / "data" / "trends" / "hot100_1958_2019.parquet"
    if not path.is_file():
        pytest.skip("the research data hold no Hot 100")
    _hot100._check_history(mt.datasets.fetch_hot100(path))


def test_a_simulated_chart_checks_what_it_is_asked_for():
    for wrong in ({"weeks": 2}, {"size": 1}, {"hazard_ratio": 0}, {"start": "soon"}, {"rng": "x"}):
        with pytest.raises(InputError):
            mt.datasets.simulate_chart(**wrong)
