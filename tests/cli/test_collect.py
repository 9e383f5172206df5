"""``musictools collect`` as a schedule runs it, and ``mt.collect.watch`` beneath it."""

import datetime as dt
import os
import subprocess
import sys

import pandas as pd
import pytest
from typer.testing import CliRunner

import musictools as mt
from musictools.cli import app
from musictools.collect._transport import Transport
from musictools.collect._watch import read_watch_list
from musictools.errors import InputError, RemovedByPlatform
from tests.collect.hostile import Hostile, Said

LIST = """
[store]
path = "sub/collected.sqlite"

[[watch]]
platform = "Deezer"
method = "metrics"
ids = ["27", 13]
of = "artist"

[[watch]]
platform = "Deezer"
method = "charts"
limit = 150
"""


class Deezer:
    """What Deezer says: artists with fans, a chart, and 800 for those that it does not know."""

    def __init__(self):
        self.limited = self.broken = False
        self.fans = 1000

    def __call__(self, asked):
        parts = asked.path.strip("/").split("/")
        if self.broken and parts[-1] == "13":
            return Said(b"<html>broken</html>", 400)
        if self.limited and parts[0] == "chart":
            error = {"type": "Exception", "message": "Quota limit exceeded", "code": 4}
            return Said({"error": error}, 429, {"Retry-After": "86400"})
        if parts[0] == "chart":
            start, size = asked.number("index", 0), asked.number("limit", 25)
            data = [{"id": i, "title": f"Song {i}", "position": i + 1} for i in range(300)]
            body = {"data": data[start : start + size], "total": 300}
            if start + size < 300:
                body["next"] = (
                    f"https://api.deezer.com{asked.path}?limit={size}&index={start + size}"
                )
            return Said(body)
        if parts[-1] in {"27", "13"}:
            return Said({"id": int(parts[-1]), "name": "Ana", "nb_fan": self.fans, "nb_album": 3})
        return Said({"error": {"type": "DataException", "message": "no data", "code": 800}})


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(Transport, "first_pause_s", 0.002)


@pytest.fixture
def deezer(monkeypatch):
    platform = Deezer()
    with Hostile(platform) as server:
        monkeypatch.setenv("MUSICTOOLS_DEEZER_BASE_URL", server.url)
        platform.server = server
        yield platform


@pytest.fixture
def listed(tmp_path):
    """Write a list, and give its path."""
    (tmp_path / "sub").mkdir()

    def write(text=LIST):
        path = tmp_path / "watch.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def run(*arguments):
    return CliRunner().invoke(app, ["collect", *map(str, arguments)])


def test_a_day_is_asked_once(deezer, listed, tmp_path):
    path = listed()
    ran = run(path)
    assert ran.exit_code == 0, ran.output
    assert ran.stdout == "3 stored; 154 rows, 4 requests\n"
    assert len(deezer.server.asked) == 4
    again = run(path)
    assert (again.exit_code, again.stdout) == (0, "3 done before; 0 rows, 0 requests\n")
    assert len(deezer.server.asked) == 4, "a second run of the day asks for nothing"
    with mt.collect.Store(tmp_path / "sub" / "collected.sqlite") as store:
        assert set(store.frame("jobs")["run"]) == {dt.datetime.now(dt.UTC).date().isoformat()}
        assert len(store.frame("chart_entries")) == 150
        assert set(store.series("followers")["unique_id"]) == {
            "Deezer/artist:13", "Deezer/artist:27",
        }  # fmt: skip


def test_the_next_day_is_asked_again(deezer, listed, monkeypatch):
    path = listed()
    assert mt.collect.watch(path)["state"].eq("stored").all()
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    monkeypatch.setattr("musictools.collect._watch.now", lambda: tomorrow)
    deezer.fans = 1100
    assert mt.collect.watch(path)["state"].eq("stored").all()
    assert len(deezer.server.asked) == 8


def test_what_fails_is_told_and_the_others_go_on(deezer, listed):
    deezer.broken = True
    path = listed()
    ran = run(path)
    assert ran.exit_code == 1
    assert "[[watch]] 1: Deezer metrics 13: failed: " in ran.stderr
    assert ran.stdout.startswith("2 stored, 1 failed;")
    deezer.broken = False
    before = len(deezer.server.asked)
    assert run(path).exit_code == 0
    assert len(deezer.server.asked) == before + 1, "only what was missing"


def test_what_is_not_there_is_told(deezer, listed):
    ran = run(listed(LIST.replace("13", '"99"')))
    assert ran.exit_code == 1
    assert "Deezer metrics 99: absent" in ran.stderr
    assert "2 stored, 1 absent" in ran.stdout


def test_a_limit_asks_to_come_again(deezer, listed):
    deezer.limited = deezer.broken = True
    path = listed()
    ran = run(path)
    assert ran.exit_code == 3, "whatever else failed: the next run sees it too"
    assert "Deezer charts: limited: " in ran.stderr
    assert "Again after 20" in ran.stderr
    frame = mt.collect.watch(path)
    row = frame[frame["method"] == "charts"].iloc[0]
    assert row["state"] == "limited"
    assert row["retry_at"] > pd.Timestamp.now("UTC") + pd.Timedelta(hours=23)
    assert sum(asked.path.startswith("/chart") for asked in deezer.server.asked) == 1


def test_a_budget_of_ones_own_is_a_limit(deezer, listed):
    ran = run(listed(LIST + "\n[budget.Deezer]\nrequests = 2\n"))
    assert ran.exit_code == 3
    assert len(deezer.server.asked) == 2
    assert "budget" in ran.stderr


def test_a_surprise_costs_only_its_own_item(deezer, listed, monkeypatch):
    def surprise(*_, **__):
        raise ZeroDivisionError("planted")

    path = listed()
    names = []

    def collect(store, rows, **kwargs):
        names.append(rows.call.method)
        return (surprise if len(names) == 1 else whole)(store, rows, **kwargs)

    whole = mt.collect.Store.collect
    monkeypatch.setattr(mt.collect.Store, "collect", collect)
    frame = mt.collect.watch(path, progress=False)
    assert frame["state"].tolist() == ["failed", "stored", "stored"]
    assert frame["error"][0] == "ZeroDivisionError: planted"


def test_a_plan_before_the_first_request(deezer, listed, tmp_path):
    path = listed()
    ran = run(path, "--dry-run")
    assert ran.exit_code == 0
    assert ran.stdout.startswith("Deezer: 4 requests,")
    assert "free of charge" in ran.stdout
    assert not deezer.server.asked
    assert not list((tmp_path / "sub").iterdir()), "a look leaves nothing behind"
    assert run(path, "--plan").stdout.startswith("Deezer: 4 requests,")
    assert len(deezer.server.asked) == 4
    assert run(path, "--dry-run").stdout.startswith("Nothing is left to ask today.")


def test_a_plan_says_what_it_cannot_know_and_what_terms_forbid(listed):
    text = """
    [[watch]]
    platform = "SverigesRadio"
    method = "spins"
    ids = [164, 132]
    start = 2026-11-01
    end = 2026-11-10

    [[watch]]
    platform = "RadioBrowser"
    method = "stations"
    tag = "jazz"

    [budget.RadioBrowser]
    requests = 1
    """
    ran = run(listed(text), "--dry-run", "--store", ":memory:")
    assert "SverigesRadio: 22 requests" in ran.stdout
    assert "RadioBrowser: 1 requests" in ran.stdout
    assert "lists without a limit may take more" in ran.stdout
    assert "SverigesRadio: its terms are not known to allow keeping" in ran.stdout


def test_a_plan_counts_days_and_dollars(listed):
    from musictools.collect._plan import Price
    from musictools.collect._watch import _plan

    text = '[[watch]]\nplatform = "SetlistFm"\nmethod = "metrics"\nids = ["a", "b", "c"]\n'
    jobs = read_watch_list(listed(text), store=":memory:").jobs
    source = jobs[0].rows.call.source
    source.PRICES = {"metrics": Price(5, {"usd": 0.5}, {"units": 2.0})}
    plan = _plan(source, list(jobs))
    assert (plan.calls, plan.usd) == (3, 1.5)
    assert plan.quota["units"] == 30, "a page of each: nobody said how many rows"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[[watch]]\nplatform = "Deezr"\nmethod = "metrics"',
            r"\[\[watch\]\] 1 \(line 1\).*'Deezer'",
        ),
        ('[[watch]]\nmethod = "metrics"', "no platform"),
        ('[[watch]]\nplatform = "Store"\nmethod = "metrics"', "one of 'Deezer'|'Deezer'"),
        ('\n[[watch]]\nplatform = "Deezer"\nmethod = "metric"', "line 2.*Try: 'metrics'"),
        ('[[watch]]\nplatform = "Deezer"\nmethod = "metrics"\nid = ["27"]', "got id;.*'ids'"),
        ('[[watch]]\nplatform = "Deezer"\nmethod = "metrics"\nids = "27"', "ids = '27'"),
        ('[[watch]]\nplatform = "Deezer"\nmethod = "metrics"\nids = []', r"ids = \[\]"),
        ('[[watch]]\nplatform = "Deezer"\nmethod = "metrics"', "missing a required argument"),
        (
            '[[watch]]\nplatform="Deezer"\nmethod="metrics"\nids=["27"]\nof="artis"',
            "line 1.*'artis'.*'artist'",
        ),
        (
            '[[watch]]\nplatform="Deezer"\nmethod="metrics"\nids=["27"]\nlimitt=3',
            "got limitt",
        ),
        ('[[watch]]\nplatform="RadioBrowser"\nmethod="stations"\nids=["x"]', "no ids"),
        ("[[wach]]\n", "got wach;.*'watch'"),
        ("watch = 3", "no list of tables"),
        ("[store]\nfile = 'x'", r"\[store\].*got file"),
        ("[store]\npath = 3", "path = 3"),
        ("store = 3", "store.*got 3"),
        ("[budget.Deezr]\nusd = 1", r"\[budget.Deezr\].*'Deezer'"),
        ("[budget.Deezer]\nuds = 1", r"\[budget.Deezer\].*got uds.*'usd'"),
        ("[budget.Deezer]\nusd = '1'", "usd = '1'"),
        ("[budget]\nDeezer = 1", r"\[budget.Deezer\].*got 1"),
        ("[[watch]\n", "line 1"),
    ],
)
def test_what_is_wrong_in_a_list_is_named(listed, text, told, tmp_path):
    path = listed(text)
    with pytest.raises(InputError, match=f"(?s){told}") as caught:
        read_watch_list(path)
    assert "watch.toml" in str(caught.value)
    assert not list((tmp_path / "sub").iterdir())


def test_what_a_platform_took_away_is_told_with_its_day(listed):
    text = '[[watch]]\nplatform = "SverigesRadio"\nmethod = "charts"\n'
    with pytest.raises(RemovedByPlatform, match="2017-09-26"):
        read_watch_list(listed(text))


def test_a_list_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"none\.toml"):
        mt.collect.watch(tmp_path / "none.toml")


def test_a_key_stays_out_of_all_that_is_told(listed, monkeypatch):
    key = "planted-key-for-the-night"
    text = '[[watch]]\nplatform = "Ticketmaster"\nmethod = "metrics"\nids = ["K1"]\n'
    said = Said({"fault": {"faultstring": f"Invalid ApiKey {key}"}}, 401)
    with Hostile(lambda _: said) as server:
        monkeypatch.setenv("MUSICTOOLS_TICKETMASTER_BASE_URL", server.url)
        monkeypatch.setenv("MUSICTOOLS_TICKETMASTER_TOKEN", key)
        ran = run(listed(text), "--store", ":memory:")
    assert ran.exit_code == 1
    assert "Invalid ApiKey ***" in ran.stderr
    assert key not in ran.output + ran.stderr


def test_as_a_schedule_runs_it(deezer, listed, tmp_path):
    path = listed(LIST.replace("method", "methods", 1))
    command = [sys.executable, "-m", "musictools", "collect", str(path)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path.parent, env={**os.environ},
        check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("musictools: read [[watch]] 1 (line 5) of watch.toml: got ")
    assert "Traceback" not in done.stderr
