"""Waiting, trying again, giving up: what every platform's client does with what goes wrong."""

import logging
import threading
import time
import traceback

import pytest
import requests

import musictools as mt
from musictools.collect._database import Database
from musictools.collect._ledger import Ledger
from musictools.collect._limits import Budget, Limits, Rate
from musictools.collect._secrets import hide, keep_secret
from musictools.collect._transport import Transport
from musictools.errors import BudgetExceeded, RateLimited, ServiceError
from tests.collect.hostile import PASSING, Said


def transport(limits=None, ledger=None, **kwargs):
    return Transport(
        limits or Limits(), ledger or Ledger(Database(":memory:")), name="test", **kwargs
    )


def hello(_):
    return Said({"hello": "world"})


@pytest.mark.parametrize("fault", [*PASSING, "429 small"])
def test_what_passes_is_tried_again(serve, fault):
    server = serve(hello, faults=[fault], share=0.5, seed=2)
    session = transport(tries=12)
    for _ in range(3 if fault == "429 small" else 10):
        answer = session.request("GET", server.url + "/x")
        assert answer.status_code == 200
    assert server.spoilt


def test_a_wait_of_a_day_is_told_at_once(serve):
    server = serve(hello, faults=["429 huge"], share=1)
    session = transport()
    began = time.monotonic()
    with pytest.raises(RateLimited, match="slow down") as caught:
        session.request("GET", server.url)
    assert time.monotonic() - began < 1
    left = caught.value.retry_at.timestamp() - time.time()
    assert 86_000 < left < 86_401
    assert len(server.asked) == 1
    # And nobody asks again before that.
    with pytest.raises(RateLimited):
        session.request("GET", server.url)
    assert len(server.asked) == 1


def test_what_a_platform_forbids_one_process_it_forbids_all(serve, tmp_path):
    server = serve(hello, faults=["429 huge"], share=1)
    with pytest.raises(RateLimited):
        transport(ledger=Ledger(Database(tmp_path / "a.db"))).request("GET", server.url)
    with pytest.raises(RateLimited):
        transport(ledger=Ledger(Database(tmp_path / "a.db"))).request("GET", server.url)
    assert len(server.asked) == 1


def test_a_date_is_a_wait_too(serve):
    when = "Fri, 31 Dec 2032 23:59:59 GMT"
    server = serve(lambda _: Said({}, 429, {"Retry-After": when}))
    with pytest.raises(RateLimited) as caught:
        transport().request("GET", server.url)
    assert caught.value.retry_at.year == 2032


@pytest.mark.parametrize("said", [Said({}, 503), Said({}, 429, {"Retry-After": "0"})])
def test_it_gives_up_in_the_end(serve, said):
    server = serve(lambda _: said)
    with pytest.raises(RateLimited if said.status == 429 else ServiceError):
        transport(tries=4).request("GET", server.url)
    assert len(server.asked) == 4


@pytest.mark.parametrize("fault", ["503", "reset", "429 now"])
def test_what_must_not_be_sent_twice_is_sent_once(serve, fault):
    server = serve(hello, faults=[fault], share=1)
    with pytest.raises((ServiceError, RateLimited)):
        transport().request("POST", server.url, data="x")
    assert len(server.asked) == 1


def test_an_answer_that_trickles_is_cut_off(serve):
    server = serve(lambda _: Said({"long": "x" * 500}), faults=["slow"], share=1)
    session = transport(tries=2, total_s=0.2)
    began = time.monotonic()
    with pytest.raises(ServiceError, match="no whole answer"):
        session.request("GET", server.url)
    assert time.monotonic() - began < 3


def test_compressed_and_chunked_answers_are_read_whole(serve):
    import gzip

    data = gzip.compress(b'{"a": "' + b"b" * 200_000 + b'"}')
    server = serve(lambda _: Said(data, 200, {"Content-Encoding": "gzip"}))
    assert len(transport().request("GET", server.url).json()["a"]) == 200_000


def test_no_connection_at_all():
    with pytest.raises(ServiceError, match=r"127\.0\.0\.1:9"):
        transport(tries=2).request("GET", "http://127.0.0.1:9/x?key=1")


def test_redirects_do_not_leave_the_host(serve):
    other = serve(hello)
    server = serve(
        lambda asked: (
            Said({}, 302, {"Location": f"{other.url}/stolen"})
            if asked.path == "/away"
            else Said({}, 302, {"Location": "/home"})
            if asked.path == "/"
            else Said({"at": asked.path})
        )
    )
    session = transport()
    assert session.request("GET", server.url + "/").json() == {"at": "/home"}
    session.request("GET", server.url + "/away", headers={"X-Key": "key-of-mine"})
    assert not other.asked


def test_a_bucket_spreads_requests_of_all_processes(serve, tmp_path):
    server = serve(hello)
    limits = Limits(Rate(5, 0.5))
    began = time.monotonic()

    def work():
        session = transport(limits, Ledger(Database(tmp_path / "a.db")))
        for _ in range(6):
            session.request("GET", server.url)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # One at once, the others at ten a second.
    assert time.monotonic() - began > 0.95
    times = sorted(asked.at for asked in server.asked)
    assert len(times) == 12
    windows = [sum(t <= other < t + 0.45 for other in times) for t in times]
    assert max(windows) <= 5


def test_no_window_holds_more_than_its_rate(tmp_path, monkeypatch):
    """Platforms count any window, not only those that begin with the hour."""
    clock = [1000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    ledgers = [Ledger(Database(tmp_path / "a.db")) for _ in range(3)]
    went = []
    for i in range(200):
        wait = ledgers[i % 3].reserve("host", Rate(20, 1.0), longest_s=60)
        went.append(clock[0] + wait)
        clock[0] += 0.01
    assert max(sum(t <= other <= t + 1.0 for other in went) for t in went) == 20
    # The first ones at once, and all of them at nearly the full rate.
    assert went[:4] == [1000.0, 1000.01, 1000.02, 1000.03]
    assert went[-1] - went[0] < 10 * 1.3


def test_a_bucket_longer_than_we_wait_is_an_error(serve):
    session = transport(Limits(Rate(1, 100.0)), longest_wait_s=5)
    server = serve(hello)
    session.request("GET", server.url)
    with pytest.raises(RateLimited, match="our own rate limit"):
        session.request("GET", server.url)
    assert len(server.asked) == 1


def test_a_budget_is_kept_to_the_cent(serve, tmp_path):
    server = serve(hello)
    budget = Budget("usd", 0.05)
    for _ in range(10):
        session = transport(Limits(budgets=(budget,)), Ledger(Database(tmp_path / "a.db")))
        session.request("GET", server.url, cost={"usd": 0.005})
    with pytest.raises(BudgetExceeded, match="usd") as caught:
        session.request("GET", server.url, cost={"usd": 0.005})
    assert len(server.asked) == 10
    assert caught.value.retry_at.hour == 0
    assert session.ledger.used(f"test ({server.url[7:]})", budget) == pytest.approx(0.05)


def test_a_budget_counts_every_try(serve):
    server = serve(hello, faults=["500"], share=1)
    session = transport(Limits(budgets=(Budget("requests", 3),)))
    with pytest.raises(BudgetExceeded):
        session.request("GET", server.url)
    assert len(server.asked) == 3


def test_the_day_of_a_budget_begins_where_the_platform_says():
    pacific = Budget("units", 10, "America/Los_Angeles")
    # 07:59 UTC on 25 November 2026 is 23:59 of the day before in California.
    assert pacific.day(1_795_593_540) == "2026-11-24"
    assert pacific.next_day(1_795_593_540).isoformat() == "2026-11-25T08:00:00+00:00"


def test_two_budgets_of_a_unit_read_one_count(serve):
    server = serve(hello)
    both = (Budget("requests", 10), Budget("requests", 3))
    session = transport(Limits(budgets=both))
    for _ in range(3):
        session.request("GET", server.url)
    with pytest.raises(BudgetExceeded):
        session.request("GET", server.url)
    assert len(server.asked) == 3


def test_no_secret_is_told(serve, caplog):
    secret = keep_secret("s3cr3t/planted+by=a test")
    server = serve(hello, faults=["reset"], share=1)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ServiceError) as caught:
        transport(tries=2).request("GET", server.url + "/x", params={"key": secret})
    with pytest.raises(ServiceError) as unreachable:
        transport(tries=2).request("GET", "http://127.0.0.1:9/x", params={"key": secret})
    told = caplog.text
    for error in (caught.value, unreachable.value):
        told += "".join(traceback.format_exception(error))
    assert "s3cr3t" not in told
    assert "***" in told
    assert hide("a s3cr3t/planted+by=a test b") == "a *** b"


def test_netrc_adds_nothing(serve, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = serve(hello)
    requests.get(server.url, timeout=5)
    transport().request("GET", server.url)
    assert "authorization" in server.asked[0].headers
    assert "authorization" not in server.asked[1].headers


def test_dollars_are_decided_by_us():
    posts = mt.collect.X().plan(posts=10_000)
    assert (posts.usd, posts.days, posts.binding) == (50, 10, "5 usd a day")
    assert mt.collect.X(budget={"usd": 100}).plan(posts=10_000).days == 1
    # A platform's own quota cannot be raised.
    assert mt.collect.YouTube(budget={"searches": 1000}).plan(search=10_000).days > 1
