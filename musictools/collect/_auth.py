"""How a request says who asks: keys in headers or in the query, and tokens that run out."""

import base64
import functools
import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from musictools._optional import require
from musictools.collect._secrets import hide, keep_secret
from musictools.collect._verdict import json_of, said
from musictools.errors import AuthError

if TYPE_CHECKING:
    from musictools.collect._transport import Transport

# A broken answer with a good status is often broken once.
_SECOND_LOOKS = 4
# A token that has less than this left may run out on its way.
_MARGIN_S = 30.0
#: Apple allows six months; a token that leaks should not live so long.
_DEVELOPER_TOKEN_S = 12 * 3600


class Auth(Protocol):
    """Puts what a platform wants to see on a request."""

    def headers(self, transport: "Transport") -> dict[str, str]:
        """Give headers."""

    def params(self) -> dict[str, str]:
        """Give parameters of the query."""

    def renew(self) -> bool:
        """Throw away what was refused; say whether there can be something new."""


@dataclass(frozen=True)
class NoAuth:
    """Nothing is wanted."""

    def headers(self, transport: "Transport") -> dict[str, str]:  # noqa: ARG002
        """Give none."""
        return {}

    def params(self) -> dict[str, str]:
        """Give none."""
        return {}

    def renew(self) -> bool:
        """There is nothing to renew."""
        return False


@dataclass(frozen=True)
class HeaderKey(NoAuth):
    """A key in a header.

    Attributes
    ----------
    name, value : str
        The header's name, and all that stands in it.
    """

    name: str
    value: str = field(repr=False)

    def headers(self, transport: "Transport") -> dict[str, str]:  # noqa: ARG002
        """Give the header."""
        return {self.name: self.value}


def bearer(token: str) -> HeaderKey:
    """Show a token that somebody else takes care of."""
    return HeaderKey("Authorization", f"Bearer {keep_secret(token)}")


@dataclass(frozen=True)
class QueryKey(NoAuth):
    """A key in the query, where a platform knows no other way.

    Attributes
    ----------
    name, value : str
        The parameter.
    """

    name: str
    value: str = field(repr=False)

    def params(self) -> dict[str, str]:
        """Give the parameter."""
        return {self.name: self.value}


class ClientCredentials:
    """OAuth 2.0 client credentials (RFC 6749, 4.4): an app's own token, without a user.

    Parameters
    ----------
    token_url : str
        Where tokens are given out.
    client_id, client_secret : str
        The app's.
    in_body : bool
        Credentials in the form instead of a Basic header (TikTok).
    """

    def __init__(
        self, token_url: str, client_id: str, client_secret: str, *, in_body: bool = False
    ) -> None:
        self._url, self._id, self._secret = token_url, client_id, client_secret
        self._in_body = in_body
        self._token = ""
        self._ends = 0.0
        self._lock = threading.Lock()
        keep_secret(client_secret)
        keep_secret(_basic(client_id, client_secret))

    def headers(self, transport: "Transport") -> dict[str, str]:
        """Give the bearer's header, with a new token where the old one has run out."""
        with self._lock:
            if not self._token or time.monotonic() > self._ends - _MARGIN_S:
                self._fetch(transport)
            return {"Authorization": f"Bearer {self._token}"}

    def params(self) -> dict[str, str]:
        """Give none."""
        return {}

    def renew(self) -> bool:
        """Forget the token."""
        self._token = ""
        return True

    def _fetch(self, transport: "Transport") -> None:
        form = {"grant_type": "client_credentials"}
        headers = {}
        if self._in_body:
            form |= {"client_key": self._id, "client_secret": self._secret}
        else:
            headers["Authorization"] = f"Basic {_basic(self._id, self._secret)}"
        # Two tokens do no harm: it may be asked again.
        for _ in range(_SECOND_LOOKS):
            response = transport.request(
                "POST", self._url, data=form, headers=headers, idempotent=True, cost={}
            )
            body = json_of(response)
            token = body.get("access_token") if isinstance(body, dict) else None
            if response.status_code >= 400 or isinstance(token, str):
                break
        if response.status_code >= 400 or not isinstance(body, dict) or not isinstance(token, str):
            raise AuthError(
                f"get a token of {transport.name}",
                got=f"status {response.status_code} ({hide(said(response))})",
                expected="a token for these credentials",
                hint="check client_id= and client_secret=",
            )
        self._token = keep_secret(token)
        life = body.get("expires_in", 3600)
        self._ends = time.monotonic() + (float(life) if isinstance(life, int | float) else 3600.0)


class DeveloperToken(NoAuth):
    """Apple's developer token: a JSON Web Token, signed with ES256 (RFC 7518, 3.4).

    Parameters
    ----------
    team_id, key_id : str
        Ten characters each, from Apple's developer pages.
    private_key : str
        Text of the ``.p8`` file.
    """

    def __init__(self, team_id: str, key_id: str, private_key: str) -> None:
        self._team, self._key_id, self._key = team_id, key_id, keep_secret(private_key)
        self._token = ""
        self._ends = 0.0

    def headers(self, transport: "Transport") -> dict[str, str]:  # noqa: ARG002
        """Give the bearer's header."""
        if not self._token or time.time() > self._ends - _MARGIN_S:
            self._token = keep_secret(self._sign(int(time.time())))
        return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        """Sign anew: the clock may have been wrong."""
        self._token = ""
        return True

    def _sign(self, now: int) -> str:
        need = functools.partial(require, extra="collect", purpose="sign Apple's developer token")
        ec: Any = need("cryptography.hazmat.primitives.asymmetric.ec")
        utils: Any = need("cryptography.hazmat.primitives.asymmetric.utils")
        hashes: Any = need("cryptography.hazmat.primitives.hashes")
        serialization: Any = need("cryptography.hazmat.primitives.serialization")
        try:
            key: Any = serialization.load_pem_private_key(self._key.encode(), password=None)
        except Exception:  # noqa: BLE001 - whatever is wrong, its text may hold the key
            key = None
        if getattr(getattr(key, "curve", None), "name", "") != "secp256r1":
            raise AuthError(
                "read Apple's private key",
                got="no private key of the curve P-256",
                expected="the text of the .p8 file, from BEGIN to END",
                hint="private_key=pathlib.Path('AuthKey_....p8').read_text()",
            )
        self._ends = now + _DEVELOPER_TOKEN_S
        head = {"alg": "ES256", "kid": self._key_id, "typ": "JWT"}
        claims = {"iss": self._team, "iat": now, "exp": int(self._ends)}
        signed = f"{_base64(json.dumps(head).encode())}.{_base64(json.dumps(claims).encode())}"
        r, s = utils.decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        # JOSE wants both numbers at their full width, not the DER that comes out.
        return f"{signed}.{_base64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _basic(name: str, secret: str) -> str:
    return base64.b64encode(f"{name}:{secret}".encode()).decode()


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
