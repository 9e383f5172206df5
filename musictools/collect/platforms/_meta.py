"""What Facebook and Instagram share: Meta's Graph API, its errors, its limits and its paging."""

import contextlib
import datetime as dt
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from musictools.collect._auth import Auth, bearer
from musictools.collect._capabilities import lacking, was_removed
from musictools.collect._paging import Request, dig, link_parts
from musictools.collect._reading import MalformedError, Reader, moment
from musictools.collect._rows import Observation
from musictools.collect._secrets import need_secret
from musictools.collect._source import Source
from musictools.collect._verdict import Meaning, Verdict, json_of, judge, said

# Of the app, of a user, of a page, and of one's own making.
_LIMITED = frozenset({4, 17, 32, 613})
# Each business use case has one: 80001 is Pages, 80002 Instagram.
_BUSINESS = range(80000, 80015)
_PASSING = frozenset({1, 2})
_REFUSED = frozenset({10, 102, 104, 190})
_PERMISSIONS = range(200, 300)
_MISSING = ([100, 33], [110, 2207013])
_NO_ALIAS = 803

_SLOW_PERCENT = 95.0
_FULL_PERCENT = 100.0
_PAUSE_S = 30.0
# Calls are counted over a rolling hour; asking on while limited makes it longer.
_HOUR_S = 3600.0
_PARTS = ("call_count", "total_time", "total_cputime")
_SECRET = frozenset({"access_token", "appsecret_proof"})


class Graph(Source):
    """Meta's Graph API; see Facebook and Instagram.

    Parameters
    ----------
    **kwargs
        As of every source.
    """

    BASE_URL: ClassVar[str] = "https://graph.facebook.com/v25.0"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.transport.hooks["response"].append(self._heed)

    def make_auth(self) -> Auth:
        """Look for the access token; it travels in a header, never in an address."""
        return bearer(need_secret(self.NAME, "token", self._token))

    def judge(self, response: Any) -> Verdict:
        """Read the numbers of Meta's errors."""
        if response.status_code == 200 and response.content.lstrip()[:8] != b'{"error"':
            return judge(response)
        error = dig(json_of(response), "error")
        if not isinstance(error, dict) or not isinstance(error.get("code"), int):
            return judge(response)
        code, words = error["code"], f"code {error['code']}: {said(response)}"
        meaning = _meaning(code, error)
        if meaning == "limited":
            _, wait = usage(response.headers)
            return Verdict(meaning, wait or _HOUR_S, words)
        return Verdict(meaning, None, words)

    def gone(self, metric: str) -> None:
        """Say so, if Meta took a metric away.

        Parameters
        ----------
        metric : str
            Its name at Meta.
        """
        if was_removed(self.NAME, metric):
            raise lacking(self.NAME, metric)

    def _heed(self, response: Any, *_: Any, **__: Any) -> None:
        """Slow down before the limit is reached, and stop where it is."""
        percent, wait = usage(response.headers)
        if percent >= _SLOW_PERCENT:
            full = _HOUR_S if percent >= _FULL_PERCENT else _PAUSE_S
            host = urlsplit(response.url).netloc
            reason = f"{percent:g} % of Meta's limit used"
            self.transport.ledger.block(host, time.time() + (wait or full), reason)


def _meaning(code: int, error: dict[str, Any]) -> Meaning:
    if code in _LIMITED or code in _BUSINESS:
        return "limited"
    if code in _REFUSED or code in _PERMISSIONS:
        return "refused"
    if code == _NO_ALIAS or [code, error.get("error_subcode")] in _MISSING:
        return "missing"
    passing = code in _PASSING or error.get("is_transient") is True
    return "again" if passing else "error"


def usage(headers: Any) -> tuple[float, float]:
    """Read how many percent of a limit are used, and seconds until it can be asked again."""
    percent, wait = 0.0, 0.0
    for name in ("X-App-Usage", "X-Page-Usage", "X-Business-Use-Case-Usage"):
        with contextlib.suppress(ValueError, TypeError, AttributeError):
            told = json.loads(headers.get(name) or "{}")
            flat = any(part in told for part in _PARTS)
            cases = [told] if flat else [case for some in told.values() for case in some]
            for case in cases:
                percent = max(percent, *(float(case.get(part) or 0) for part in _PARTS))
                # In minutes.
                wait = max(wait, 60.0 * float(case.get("estimated_time_to_regain_access") or 0))
    return percent, wait


@dataclass(frozen=True)
class After:
    """Meta's paging by cursor. Links to next pages hold the token, and are never followed."""

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:  # noqa: ARG002
        """Send the cursor along; of a link, only what is no secret."""
        paging = dig(body, "paging")
        link = dig(paging, "next")
        if not link:
            return None
        after = dig(paging, "cursors", "after")
        if isinstance(after, str) and after:
            return request.with_params(after=after)
        if not isinstance(link, str):
            raise MalformedError(f"paging.next is {link!r:.60}, and should be a link")
        # Lists by time have no cursor.
        query = {k: v for k, v in link_parts(link)[2] if k not in _SECRET}
        return request.with_params(**query)


def insights(
    platform: str, entity: str, body: Reader, first: dt.date, last: dt.date, day: dt.date | None
) -> Iterator[Observation]:
    """Read what Meta counted for its owner, by day, or in total of one day.

    A value by day is stamped with the end of the day in California; it is kept under that day.
    """
    for one in body.each("data", needed=True):
        metric = one.need("name")
        total = one.number("total_value", "value")
        if total is not None and day is not None:
            yield Observation(entity, platform, metric, _midnight(day), total)
            continue
        for value in one.each("values"):
            end = value.text("end_time")
            if end is None:
                continue
            when = (moment(end) - dt.timedelta(1)).date()
            if first <= when <= last:
                for name, number in _numbers(metric, value):
                    yield Observation(entity, platform, name, _midnight(when), number)


def _numbers(metric: str, value: Reader) -> Iterator[tuple[str, float]]:
    parts = value.raw("value")
    if isinstance(parts, dict):
        # Broken down, such as by the kind of reaction.
        split = value.at("value")
        found = ((f"{metric}.{part}", split.number(part)) for part in parts)
    else:
        found = ((name, value.number("value")) for name in (metric,))
    return ((name, number) for name, number in found if number is not None)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
