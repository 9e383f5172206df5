"""Keys and tokens: where they come from, and how they are kept out of everything that is kept."""

import importlib
import json
import logging
import os
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from musictools.errors import AuthError

_MASK = "***"
# Shorter ones are no secrets, and hiding them would garble every text.
_SHORTEST = 6
_lock = threading.Lock()
_known: dict[str, None] = {}


def keep_secret(value: str) -> str:
    """Remember a key or token, so that `hide` takes it out of any text; gives it back."""
    if len(value) >= _SHORTEST:
        with _lock:
            _known.update(dict.fromkeys(_spellings(value)))
    return value


def _spellings(value: str) -> tuple[str, ...]:
    """Give a secret as it is, as addresses write it, and as JSON and Python do."""
    in_json = json.dumps(value)[1:-1]
    # Some write a stroke with a backslash.
    strokes = in_json.replace("/", r"\/")
    return (value, quote(value, safe=""), quote_plus(value), in_json, strokes, repr(value)[1:-1])


def clean_secret(value: str, *, name: str) -> str:
    """Take off the blanks and line ends that copying and files add; refuse what is no key.

    What does not go into a header would come back in the error of whoever tries to put it there.
    """
    value = value.strip()
    lines = value.splitlines()
    # A private key has lines, and is never sent.
    if not value or not all(line.isascii() and line.isprintable() for line in lines):
        raise AuthError(
            f"use the {name} given",
            got="an empty text" if not value else "signs that no key holds",
            expected="a key as its platform shows it",
            hint="copy it again",
        )
    if len(lines) > 1 and not value.startswith("-----BEGIN"):
        raise AuthError(
            f"use the {name} given",
            got=f"{len(lines)} lines",
            expected="a key, on one line",
            hint=f"{name}=pathlib.Path('key.txt').read_text().split()[0]",
        )
    return keep_secret(value)


def hide(text: str) -> str:
    """Replace every secret of this process by three stars."""
    # Longest first: a token may begin with another.
    with _lock:
        known = sorted(_known, key=len, reverse=True)
    for secret in known:
        if secret in text:
            text = text.replace(secret, _MASK)
    return text


def variable(platform: str, name: str) -> str:
    """Give the environment variable of a setting: ``MUSICTOOLS_SPOTIFY_CLIENT_ID``."""
    return f"MUSICTOOLS_{platform}_{name}".upper()


def find_secret(platform: str, name: str, given: str | None) -> str | None:
    """Look for a key: what was given, then the environment, then the system's keyring."""
    value = given or os.environ.get(variable(platform, name)) or _from_keyring(platform, name)
    return clean_secret(value, name=name) if value else None


def need_secret(platform: str, name: str, given: str | None) -> str:
    """Look for a key as `find_secret` does, or say where it was looked for."""
    value = find_secret(platform, name, given)
    if value is None:
        raise AuthError(
            f"ask {platform}",
            got=f"no {name}",
            expected=f"{name}=, the variable {variable(platform, name)}, or a keyring entry "
            f"of the service 'musictools' named '{platform.lower()}.{name}'",
            hint=f"export {variable(platform, name)}=...",
        )
    return value


def _from_keyring(platform: str, name: str) -> str | None:
    try:
        keyring: Any = importlib.import_module("keyring")
        value: str | None = keyring.get_password("musictools", f"{platform.lower()}.{name}")
    except Exception:  # noqa: BLE001 - absent, locked or without a back end: then there is none
        return None
    return value


class _HidingFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = hide(str(record.msg))
        if isinstance(record.args, Mapping):
            record.args = {k: _hidden(v) for k, v in record.args.items()}
        elif record.args:
            record.args = tuple(_hidden(value) for value in record.args)
        return True


def _hidden(value: object) -> object:
    # Numbers stay numbers, for %d.
    return value if isinstance(value, int | float | None) else hide(str(value))


def guard_logs() -> None:
    """Keep secrets out of what urllib3 and musictools log; twice is the same as once."""
    for name in (
        "urllib3.connectionpool",
        "urllib3.util.retry",
        "musictools",
        "musictools.collect",
    ):
        logger = logging.getLogger(name)
        if not any(isinstance(one, _HidingFilter) for one in logger.filters):
            logger.addFilter(_HidingFilter())
