"""Secrets that are planted, and every place where they must not come up."""

import traceback

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
