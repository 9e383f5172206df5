"""What an answer means: good, worth another try, or no."""

import datetime as dt
import email.utils
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import requests

Meaning = Literal["ok", "again", "limited", "refused", "missing", "error"]

#: Answers that another try may change.
_PASSING = frozenset({408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524})


@dataclass(frozen=True)
class Verdict:
    """What an answer means.

    Attributes
    ----------
    meaning : str
        ``"ok"``; ``"again"`` (it may pass); ``"limited"`` (too many requests);
        ``"refused"`` (the key); ``"missing"`` (a confirmed 404); ``"error"``.
    wait_s : float or None
        Seconds that the platform wants us to wait; None where it does not say.
    reason : str
        Its own words.
    """

    meaning: Meaning
    wait_s: float | None = None
    reason: str = ""


OK = Verdict("ok")


def judge(response: "requests.Response") -> Verdict:
    """Say what an answer means by HTTP alone."""
    status = response.status_code
    if status < 400:
        return OK
    reason = said(response)
    wait = retry_after_s(response.headers)
    if status == 429 or (status == 503 and wait is not None):
        return Verdict("limited", wait, reason)
    if status in _PASSING:
        return Verdict("again", wait, reason)
    if status == 401:
        return Verdict("refused", None, reason)
    if status in {404, 410}:
        return Verdict("missing", None, reason)
    return Verdict("error", None, reason)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Read ``Retry-After``: seconds, or a date of HTTP."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        return max(float(text), 0.0)
    except ValueError:
        pass
    try:
        return max(email.utils.parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except ValueError:
        return None


def date_of(headers: Mapping[str, str]) -> dt.datetime | None:
    """Read ``Date``, the platform's own clock; None where it sends none."""
    try:
        return email.utils.parsedate_to_datetime(headers.get("Date", "")).astimezone(dt.UTC)
    except (ValueError, TypeError):
        return None


def said(response: "requests.Response") -> str:
    """Find the platform's own words in an error, whatever its shape."""
    body = json_of(response)
    error = body.get("error", body.get("errors", body)) if isinstance(body, dict) else body
    if isinstance(error, list):
        error = error[0] if error else ""
    if isinstance(error, dict):
        # Most telling first: Spotify's reason, Meta's and YouTube's message, JSON:API's detail.
        names = ("reason", "message", "detail", "title", "error_description", "description")
        error = next((error[name] for name in names if error.get(name)), "")
    text = error if isinstance(error, str) else ""
    return (text or response.reason or "").strip()[:200]


def json_of(response: "requests.Response") -> object:
    """Read a body as JSON; None where it is none."""
    try:
        body: object = response.json()
    except ValueError:
        return None
    return body
