"""A key that was planted, and every place where it must not turn up."""

import logging
import sqlite3
import traceback

import pytest

import musictools as mt
from musictools.errors import MusictoolsError


def told(caplog, error):
    """All that a person, a log or a traceback would show."""
    return "".join([caplog.text, str(error), *traceback.format_exception(error)])


def assert_kept(secret, client, ask, caplog, folder):
    """Look for it in what is stored, where a later process would go on, logs, and errors.

    ``ask`` asks for two pages or more; the server should say the key in its answers.
    """
    with caplog.at_level(logging.DEBUG):
        page = next(ask(client).pages())
        assert page.following
        with mt.collect.Store(folder / "store.sqlite") as store:
            assert store.collect(ask(client)).rows
        client.transport.tries = 1
        client.base_url = "http://127.0.0.1:9"
        with pytest.raises(MusictoolsError) as caught:
            list(ask(client))
    state = [request.to_json() for request in page.following]
    shown = [told(caplog, caught.value), repr(client), repr(client.auth), *state]
    kept = sqlite3.connect(folder / "store.sqlite")
    dump = "\n".join(kept.iterdump())
    kept.close()
    assert "***" in dump, "the server should have said the key"
    for text in (*shown, page.answer.url, page.answer.text, dump):
        assert secret not in text
