"""What an answer means: good, worth another try, or no."""

import datetime as dt
import email.utils
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import requests

Meaning = Literal["ok", "again", "limited", "refused", "missing", "error"]

#: Answers that another try may change.
_PASSING = frozenset({408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524})
#: A calendar ends in the year 9999; nobody waits for a century.
LONGEST_S = 100 * 365.25 * 86_400


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
    whole : bool
        Whether a limit holds for the whole platform; else only for the question that met it.
    """

    meaning: Meaning
    wait_s: float | None = None
    reason: str = ""
    whole: bool = True


OK = Verdict("ok")


def judge(response: "requests.Response") -> Verdict:
    """Say what an answer means by HTTP alone."""
    status = response.status_code
    if status < 300:
        return OK
    reason = said(response)
    if status < 400:
        return Verdict("error", None, f"sent elsewhere, where no key may travel: {reason}")
    wait = retry_after_s(response.headers)
    if status == 429 or (status in _PASSING and wait is not None):
        return Verdict("limited", wait, reason)
    if status in _PASSING:
        return Verdict("again", wait, reason)
    meanings: dict[int, Meaning] = {401: "refused", 404: "missing", 410: "missing"}
    return Verdict(meanings.get(status, "error"), None, reason)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Read ``Retry-After``: seconds, or a date of HTTP."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    if re.fullmatch(r"-?\d+(\.\d*)?", text, re.ASCII):
        return min(max(float(text), 0.0), LONGEST_S)
    try:
        wait = email.utils.parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return min(max(wait, 0.0), LONGEST_S)


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


def text_of(response: "requests.Response") -> str:
    """Read a body as text: JSON is UTF-8 (RFC 8259), unless the platform names another charset."""
    try:
        return response.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    named = re.search(r"charset=\"?([\w.:-]+)", response.headers.get("Content-Type", ""))
    try:
        return response.content.decode(named[1] if named else "utf-8", "replace")
    except LookupError:
        return response.content.decode("utf-8", "replace")


def json_of(response: "requests.Response") -> object:
    """Read a body as JSON; None where it is none."""
    try:
        body: object = response.json()
    except (ValueError, RecursionError):
        return None
    return body
