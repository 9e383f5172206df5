"""Meta's Graph API as its documents describe it: errors, cursors, links with tokens, usage."""

import base64
import json
import re
from urllib.parse import urlencode

from tests.collect.hostile import Said

TOKEN = "EAAB-planted-token-of-a-test"
FIELD = re.compile(
    r"business_discovery\.username\((?P<name>[\w.]+)\)\{(?P<fields>[\w,]+?)"
    r"(?:,media(?:\.after\((?P<after>[\w=]+)\))?\.limit\((?P<limit>\d+)\)\{(?P<media>[\w,]+)\})?\}"
)


def failed(code, message="no", *, subcode=None, status=400, headers=None, **more):
    """An error of Meta's; its number is what matters."""
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1", **more}
    if subcode is not None:
        error["error_subcode"] = subcode
    return Said({"error": error}, status, headers or {})


def cursor(place):
    return base64.b64encode(f"at {place}".encode()).decode()


def place(text):
    return int(base64.b64decode(text).split()[1]) if text else 0


def allowed(asked):
    """Refuse what Meta refuses before it looks further."""
    if asked.headers.get("authorization") != f"Bearer {TOKEN}":
        return failed(190, "Invalid OAuth access token.", status=401)
    if "access_token" in asked.query:
        return failed(1, "the test wants no token in an address")
    return None


def listed(asked, rows, *, largest=100, cursors=True):
    """One page of an edge; its links hold the token, as Meta's do."""
    size = asked.number("limit", 25)
    if not 0 < size <= largest:
        return failed(100, "(#100) limit is too large")
    start = place(asked.query.get("after")) if cursors else asked.number("__paging_token", 0)
    some = rows[start : start + size]
    body = {"data": some, "paging": {}}
    if cursors and some:
        body["paging"]["cursors"] = {"before": cursor(start), "after": cursor(start + len(some))}
    if start + size < len(rows):
        onward = {"after": cursor(start + size)} if cursors else {"__paging_token": start + size}
        query = {**asked.query, "access_token": TOKEN, **onward}
        body["paging"]["next"] = f"https://graph.facebook.com/v25.0{asked.path}?{urlencode(query)}"
    return Said(body)


def usage(percent, *, minutes=0, business=False):
    """The header that tells how much of a limit is used."""
    told = {"call_count": percent, "total_cputime": 1, "total_time": 2}
    if not business:
        return {"X-App-Usage": json.dumps(told)}
    case = {"type": "pages", **told, "estimated_time_to_regain_access": minutes}
    return {"X-Business-Use-Case-Usage": json.dumps({"1122": [case]})}
