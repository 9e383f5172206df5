"""Secrets that are planted, and every place where they must not come up."""

import logging
import sqlite3
import traceback

import pytest

import musictools as mt
from musictools.errors import MusictoolsError

PLANTED = "planted-secret-7f3a9c21"


def assert_unseen(caplog, *places, secret=PLANTED):
    """Look for a secret in texts, exceptions, rows, answers, and all that was logged."""
    texts = [caplog.text, *(str(record.args) for record in caplog.records)]
    for place in places:
        texts.append(repr(place))
        if isinstance(place, BaseException):
            texts += [str(place), "".join(traceback.format_exception(place))]
    for text in texts:
        assert secret not in text


def assert_pages_keep_no_secret(rows, caplog, *, secret=PLANTED, at_most=3):
    """Fetch some pages, and look at what would be stored, and at where a later process goes on."""
    seen = []
    for page in rows.pages():
        seen.append(page)
        texts = [page.answer.url, page.answer.text, *(one.to_json() for one in page.following)]
        assert all(secret not in text for text in texts)
        if len(seen) >= at_most:
            break
    assert_unseen(caplog, *seen, secret=secret)
    return seen


def assert_kept(secret, client, ask, caplog, folder):
    """Look for it in what is stored, where a later process would go on, logs, and errors.

    ``ask`` asks for two pages or more; the server should say the key in its answers.
    """
    with caplog.at_level(logging.DEBUG):
        assert_pages_keep_no_secret(ask(client), caplog, secret=secret, at_most=1)
        with mt.collect.Store(folder / "store.sqlite") as store:
            assert store.collect(ask(client)).rows
            bodies = "\n".join(store.frame("raw")["body"])
        client.transport.tries = 1
        client.base_url = "http://127.0.0.1:9"
        with pytest.raises(MusictoolsError) as caught:
            list(ask(client))
    assert_unseen(caplog, caught.value, client, client.auth, secret=secret)
    with sqlite3.connect(folder / "store.sqlite") as kept:
        dump = "\n".join(kept.iterdump())
    kept.close()
    assert "***" in bodies, "the server should have said the key"
    assert secret not in bodies + dump
