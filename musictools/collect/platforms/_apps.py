"""Platforms that know apps: a token that somebody else takes care of, or an app's credentials."""

from typing import Any, ClassVar

from musictools.collect._auth import Auth, ClientCredentials, bearer
from musictools.collect._secrets import find_secret, need_secret
from musictools.collect._source import Source


class AppSource(Source):
    """A platform that gives tokens to apps.

    Parameters
    ----------
    client_id, client_secret : str, optional
        Of the app.
    **kwargs
        As of every source.
    """

    #: Whether its credentials go into the form instead of a header.
    IN_BODY: ClassVar[bool] = False

    def __init__(
        self, *, client_id: str | None = None, client_secret: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._client_id, self._client_secret = client_id, client_secret

    def make_auth(self) -> Auth:
        """Take the token, or get one for the app; what is given goes before what is found."""
        token = self._token
        if token is None and self._client_id is None:
            token = find_secret(self.NAME, "token", None)
        if token is not None:
            return bearer(token)
        return ClientCredentials(
            self.token_url,
            need_secret(self.NAME, "client_id", self._client_id),
            need_secret(self.NAME, "client_secret", self._client_secret),
            in_body=self.IN_BODY,
        )
