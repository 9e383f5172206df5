"""Answers that no document foresees, keys that were copied badly, and rows that are carried on."""

import copy
import gc
import logging
import pickle
import threading
import traceback

import pytest
import requests

import musictools as mt
from musictools.collect._secrets import hide, keep_secret
from musictools.errors import (
    AuthError,
    BudgetExceeded,
    InputError,
    MalformedResponse,
    MusictoolsError,
    NotOffered,
    RateLimited,
    ServiceError,
)
from tests.collect.hostile import Said
from tests.collect.platforms.test_deezer import deezer


def song(number, **more):
    return {"id": number, "title": f"song {number}", **more}


def client(server):
    return mt.collect.Deezer(base_url=server.url)


@pytest.fixture
def nothing_is_collected():
    """Keep what closes sockets from running out of stack where an answer is nested too deeply."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(
    "body",
    [
        {"data": [song(1)], "next": []},
        {"data": [song(1)], "next": {"a": 1}},
        {"data": [song(1)], "next": "http://[no address"},
        {"data": [song(1, artist=[]), 7, [8]]},
        b"[" * 100_000,
        b'{"data": [{"id": 1e999, "title": []}]}',
    ],
)
@pytest.mark.usefixtures("nothing_is_collected")
def test_a_wrong_shape_is_told_as_one(serve, body):
    server = serve(lambda _: Said(body))
    with pytest.raises(MalformedResponse):
        list(client(server).tracks("1"))


@pytest.mark.parametrize("odd", ["NaN", "1e999", "1" + "0" * 30, '"NaN"', '"\\ud800"'])
def test_what_a_file_cannot_hold_is_left_out(serve, odd):
    text = f'{{"id": 1, "name": "Ana \\ud800", "nb_fan": {odd}}}'
    server = serve(lambda _: Said(text.encode()))
    with mt.collect.Store(":memory:") as store:
        assert store.collect(client(server).artist("1")).rows == 1
        (row,) = store.frame("artists").to_dict("records")
        assert row["name"].startswith("Ana ")
        assert row["followers"] is None


def test_two_halves_of_a_sign_are_one(serve):
    server = serve(lambda _: Said(b'{"id": 1, "name": "\\ud83c\\udfb5 \\u00fc"}'))
    assert client(server).artist("1").one().name == "🎵 ü"


def test_other_charsets_are_read_where_they_are_named(serve):
    text = '{"id": 1, "name": "Björk"}'
    told = {"Content-Type": "application/json; charset=ISO-8859-1"}
    server = serve(lambda _: Said(text.encode("latin-1"), 200, told))
    assert client(server).artist("1").one().name == "Björk"
    server = serve(lambda _: Said(b"\xef\xbb\xbf" + text.encode()))
    assert client(server).artist("1").one().name == "Björk"


@pytest.mark.parametrize("wait", ["nan", "inf", "1e30", "99999999999", "-5", "1_000", "soon"])
def test_a_wait_that_is_no_number_of_seconds(serve, wait):
    server = serve(lambda _: Said({}, 429, {"Retry-After": wait}))
    with pytest.raises(RateLimited) as caught:
        list(client(server).tracks("1"))
    assert caught.value.retry_at.year < 2200


def test_any_error_may_ask_us_to_wait(serve):
    server = serve(lambda _: Said({}, 502, {"Retry-After": "86400"}))
    with pytest.raises(RateLimited):
        list(client(server).tracks("1"))
    assert len(server.asked) == 1


def test_pages_without_end_that_bring_nothing_new(serve):
    pages = []

    def endless(asked):
        pages.append(asked)
        link = f"{server.url}{asked.path}?index=0&nonce={len(pages)}"
        return Said({"data": [song(1)], "next": link})

    server = serve(endless)
    rows = client(server).tracks("1")
    assert next(rows).track_id == "1"
    with pytest.raises(MalformedResponse, match="read before"):
        next(rows)
    assert len(pages) < 20


def test_the_last_page_may_name_itself(serve):
    server = serve(lambda asked: Said({"data": [song(1)], "next": f"{server.url}{asked.path}"}))
    rows = client(server).tracks("1")
    assert next(rows).track_id == "1"


def test_rows_go_on_after_an_error(serve):
    """Who waits and goes on must not find an end that is none."""
    healthy = deezer(250)
    spoilt = [Said({}, 429, {"Retry-After": "86400"})]

    def once(asked):
        return spoilt.pop() if asked.number("index", 0) == 100 and spoilt else healthy(asked)

    server = serve(once)
    rows = client(server).tracks("1")
    got = []
    with pytest.raises(RateLimited):
        got.extend(row for row in rows if got.append(row))
    assert len(got) == 100
    with rows.call.source.transport.ledger.database.write() as db:
        db.execute("DELETE FROM buckets")
    got += list(rows)
    assert [row.track_id for row in got] == [str(i) for i in range(250)]


def test_what_is_always_odd_is_paid_for_once(serve):
    """A field that changed its kind must not make each page cost four."""
    healthy = deezer(500)

    def odd(asked):
        body = healthy(asked).body
        return Said({**body, "data": [{**one, "bpm": ["new"]} for one in body["data"]]})

    server = serve(odd)
    assert len(list(client(server).tracks("1"))) == 500
    assert len(server.asked) == 5 + 3


@pytest.mark.parametrize("token", ["s3cr3t-of-a-file\n", "  s3cr3t-of-a-file\r\n"])
def test_a_key_from_a_file_loses_its_line_end(serve, token):
    server = serve(lambda _: Said({"data": []}))
    list(mt.collect.X(token=token, base_url=server.url).artist("name"))
    assert server.asked[0].headers["authorization"] == "Bearer s3cr3t-of-a-file"


@pytest.mark.parametrize("token", ["s3cr3t\r\nX-Other: planted", "s3cr3t-pläntéd", "   "])
def test_a_key_that_is_none_is_refused_and_not_told(token):
    with pytest.raises(AuthError) as caught:
        mt.collect.X(token=token)
    told = "".join(traceback.format_exception(caught.value)[-1:])
    assert "s3cr3t" not in told


def test_a_key_is_hidden_as_json_spells_it():
    keep_secret('pl4nted/"key"')
    assert hide('{"you sent": "pl4nted\\/\\"key\\""}') == '{"you sent": "***"}'


def test_a_redirect_to_plain_text_is_not_followed():
    transport = mt.collect.Deezer(base_url="http://127.0.0.1:9").transport
    answer = requests.Response()
    answer.status_code, answer.url = 302, "https://api.example/x"
    answer.headers["Location"] = "http://api.example/x"
    assert transport.get_redirect_target(answer) is None
    answer.headers["Location"] = "/y"
    assert transport.get_redirect_target(answer) == "/y"


def test_a_redirect_to_another_host_is_an_error_that_says_so(serve):
    server = serve(lambda _: Said({}, 302, {"Location": "http://elsewhere.example/"}))
    with pytest.raises(ServiceError, match="elsewhere"):
        list(client(server).tracks("1"))
    assert len(server.asked) == 1


def test_a_source_travels_without_its_keys(serve, monkeypatch):
    server = serve(lambda _: Said({"data": []}))
    source = mt.collect.X(token="pl4nted-t0ken", base_url=server.url, budget={"usd": 1})
    packed = pickle.dumps(source)
    assert b"pl4nted" not in packed
    monkeypatch.setenv("MUSICTOOLS_X_TOKEN", "of-the-other-process")
    again = pickle.loads(packed)
    assert list(again.artist("name")) == []
    assert server.asked[0].headers["authorization"] == "Bearer of-the-other-process"
    assert "pl4nted" not in repr(source)
    assert copy.deepcopy(source) is source


def test_a_source_in_another_process_opens_the_same_file(tmp_path):
    with mt.collect.Store(tmp_path / "a.sqlite") as store:
        source = mt.collect.Deezer(store=store, base_url="http://127.0.0.1:9")
        again = pickle.loads(pickle.dumps(source))
        assert again.transport.ledger.database.path == store.path
        again.transport.ledger.database.close()


@pytest.mark.parametrize(
    "name", ["AppleMusic", "Deezer", "Itunes", "MusicBrainz", "Spotify", "Tidal"]
)
def test_a_track_is_asked_for_by_one_name(name):
    source = getattr(mt.collect, name)(token="never-sent")
    with pytest.raises(InputError, match="track_id= or isrc="):
        source.track()
    with pytest.raises((InputError, NotOffered), match=r"both|ISRC|isrc"):
        source.track("1", isrc="QZAAA2600001")


def test_two_threads_do_not_share_what_is_hidden(serve, caplog):
    """Keys of one client stay hidden in what another client is told."""
    caplog.set_level(logging.DEBUG)
    key = keep_secret("pl4nted-by-a-thread")
    server = serve(lambda _: Said({"error": {"code": 300, "message": f"{key} is no key"}}))
    failed = []

    def ask():
        try:
            list(client(server).tracks("1"))
        except MusictoolsError as error:
            failed.append("".join(traceback.format_exception(error)))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failed) == 4
    assert "pl4nted" not in "".join(failed) + caplog.text


@pytest.mark.parametrize("name", ["Facebook", "Spotify", "X"])
@pytest.mark.parametrize(
    "body", [b"[" * 9000, {"error": {"code": 100, "error_subcode": []}}, {"errors": [5]}]
)
def test_an_error_of_any_shape_is_an_error(serve, name, body):
    server = serve(lambda _: Said(body, 400, {"x-rate-limit-reset": "\u00b2"}))
    source = getattr(mt.collect, name)(token="never-mind", base_url=server.url)
    with pytest.raises(MusictoolsError):
        list(source.artist("name"))


@pytest.mark.parametrize(
    "budget", [{"USD": 5}, {"usd": "5"}, {"usd": -1}, {"usd": float("nan")}, 5]
)
def test_a_budget_that_holds_nothing_back_is_refused(budget):
    with pytest.raises(InputError, match="set a budget"):
        mt.collect.X(budget=budget)


def test_a_budget_of_nothing_lets_nothing_through(serve):
    server = serve(lambda _: Said({"data": []}))
    source = mt.collect.X(token="never-sent", base_url=server.url, budget={"usd": 0})
    with pytest.raises(BudgetExceeded):
        list(source.artist("name"))
    with pytest.raises(InputError, match="budget of none"):
        source.plan(artist=1)
    assert not server.asked


@pytest.mark.parametrize("wanted", [-1, "many", float("inf"), True])
def test_a_plan_wants_numbers(wanted):
    with pytest.raises(InputError, match="how many"):
        mt.collect.Deezer().plan(tracks=wanted)


@pytest.mark.parametrize("limit", [-1, 1.5, True])
def test_a_limit_is_a_whole_number(limit):
    with pytest.raises(InputError, match="limit="):
        mt.collect.Deezer().tracks("1", limit=limit)


@pytest.mark.parametrize("url", ["notaurl", "ftp://x", "http://", "api.example.org/v1"])
def test_a_base_address_is_an_address(url):
    with pytest.raises(InputError, match="base_url"):
        mt.collect.Deezer(base_url=url)
