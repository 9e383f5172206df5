"""Every error that musictools raises on purpose.

::

    MusictoolsError
    ├── InputError (ValueError)              an argument that cannot be used
    │   ├── TableError                       a table without a column, or with a wrong one
    │   └── ExportError                      a downloaded file that cannot be understood
    ├── AudioError                           a recording that cannot be used
    │   ├── AudioNotFoundError (FileNotFoundError)
    │   ├── UnsupportedAudioError            not audio, or a kind that nothing here decodes
    │   ├── EmptyAudioError                  a header and no samples, or no bytes at all
    │   ├── TruncatedAudioError              fewer samples than the header promises
    │   ├── InvalidSamplesError              NaN, infinite or enormous samples
    │   └── AudioTooLongError                longer than fits in memory
    ├── MissingExtraError (ImportError)      an optional package is not installed
    ├── ImbalanceError                       payouts that do not sum to the money handed out
    ├── PolicyError                          a use of data that its source's terms forbid
    └── CollectError                         a platform that does not give what was asked for
        ├── RateLimited                      it wants us to wait longer than we are told to
        │   └── BudgetExceeded               our own limit, or its quota, is used up
        ├── RemovedByPlatform                it once had this, and has it no longer
        ├── NotOffered                       it never had this
        ├── AuthError                        no key, or one that is refused
        ├── NotFound                         it says that there is no such thing (a confirmed 404)
        └── ServiceError                     an error of the platform's, or no connection
            └── MalformedResponse            an answer that is not what its documents promise

A message says what failed, what it got, what it expected, and one thing to try.
"""

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

__all__ = [
    "AudioError",
    "AudioNotFoundError",
    "AudioTooLongError",
    "AuthError",
    "BudgetExceeded",
    "CollectError",
    "EmptyAudioError",
    "ExportError",
    "ImbalanceError",
    "InputError",
    "InvalidSamplesError",
    "MalformedResponse",
    "MissingExtraError",
    "MusictoolsError",
    "NotFound",
    "NotOffered",
    "PolicyError",
    "RateLimited",
    "RemovedByPlatform",
    "ServiceError",
    "TableError",
    "TruncatedAudioError",
    "UnsupportedAudioError",
]


class MusictoolsError(Exception):
    """Base of every error that musictools raises on purpose.

    Parameters
    ----------
    what : str
        What failed, in a few words.
    got, expected : str
        What was found, and what would have been right.
    hint : str
        One line that mends it: code to type, or a command to run.

    Attributes
    ----------
    what, got, expected, hint : str
        The four parts, for programs that want them apart.

    Examples
    --------
    >>> str(MusictoolsError("read song.wav", got="0 bytes", expected="audio", hint="copy it again"))
    'read song.wav: got 0 bytes; expected audio. Try: copy it again'
    """

    def __init__(self, what: str, *, got: str, expected: str, hint: str) -> None:
        self.what, self.got, self.expected, self.hint = what, got, expected, hint
        super().__init__(f"{what}: got {got}; expected {expected}. Try: {hint}")

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments are lost by the default protocol, and errors cross processes.
        parts = (type(self), self.what, self.got, self.expected, self.hint)
        return _rebuild, parts, self.__dict__


def _rebuild(
    kind: type[MusictoolsError], what: str, got: str, expected: str, hint: str
) -> MusictoolsError:
    return kind(what, got=got, expected=expected, hint=hint)


class InputError(MusictoolsError, ValueError):
    """An argument that cannot be used."""


class TableError(InputError):
    """A table that lacks a column, or has one of the wrong kind."""


class ExportError(InputError):
    """A file, downloaded from a platform or a payer, that cannot be understood."""


class AudioError(MusictoolsError):
    """A recording that cannot be used."""


class AudioNotFoundError(AudioError, FileNotFoundError):
    """No file there."""

    def __str__(self) -> str:
        # OSError would print its own errno form.
        return str(self.args[0])


class UnsupportedAudioError(AudioError):
    """Not audio, or a kind of audio that nothing installed here decodes."""


class EmptyAudioError(AudioError):
    """A file of no bytes, or a header with no samples behind it."""


class TruncatedAudioError(AudioError):
    """Fewer samples than the header promises: a broken download or a cut copy."""


class InvalidSamplesError(AudioError):
    """Samples that are no numbers (NaN) or not finite."""


class AudioTooLongError(AudioError):
    """Longer than is read into memory at once."""


class MissingExtraError(MusictoolsError, ImportError):
    """An optional package is not installed."""


class ImbalanceError(MusictoolsError):
    """Payouts that do not sum to what their rule hands out."""


class PolicyError(MusictoolsError):
    """A use of data that the terms of its source forbid."""


class CollectError(MusictoolsError):
    """A platform that does not give what was asked for."""


# The names below say what happened, as the platforms' own documents do.
class RateLimited(CollectError):  # noqa: N818
    """The platform wants us to wait longer than we may.

    Attributes
    ----------
    retry_at : datetime.datetime or None
        When it may be asked again, UTC.
    reason : str
        The platform's own word for it, such as ``"QUOTA_EXCEEDED"``.
    """

    def __init__(
        self,
        what: str,
        *,
        got: str,
        expected: str,
        hint: str,
        retry_at: "dt.datetime | None" = None,
        reason: str = "",
    ) -> None:
        super().__init__(what, got=got, expected=expected, hint=hint)
        self.retry_at, self.reason = retry_at, reason


class BudgetExceeded(RateLimited):
    """A limit on requests, units or dollars, ours or the platform's, is used up."""


class RemovedByPlatform(CollectError):  # noqa: N818
    """The platform once had this, and has it no longer.

    Attributes
    ----------
    removed_on : datetime.date or None
        The day it went.
    alternatives : tuple of str
        What answers the same question today.
    """

    def __init__(
        self,
        what: str,
        *,
        got: str,
        expected: str,
        hint: str,
        removed_on: "dt.date | None" = None,
        alternatives: tuple[str, ...] = (),
    ) -> None:
        super().__init__(what, got=got, expected=expected, hint=hint)
        self.removed_on, self.alternatives = removed_on, alternatives


class NotOffered(CollectError):  # noqa: N818
    """The platform never had this."""


class AuthError(CollectError):
    """No key, or one that the platform refuses."""


class NotFound(CollectError):  # noqa: N818
    """The platform says that there is no such thing."""


class ServiceError(CollectError):
    """An error of the platform's, or no connection to it.

    Attributes
    ----------
    status : int or None
        Of HTTP; None where nothing came back.
    """

    def __init__(
        self, what: str, *, got: str, expected: str, hint: str, status: int | None = None
    ) -> None:
        super().__init__(what, got=got, expected=expected, hint=hint)
        self.status = status


class MalformedResponse(ServiceError):  # noqa: N818
    """An answer that is not what the platform's documents promise, again and again."""


def closest(name: str, options: Iterable[str]) -> str:
    """Say which option was probably meant, or list them all.

    Parameters
    ----------
    name : str
        What was typed.
    options : iterable of str
        What would have been right.

    Returns
    -------
    str
        One sentence part for the ``hint`` of an error.

    Examples
    --------
    >>> closest("popp", ["pop", "rock"])
    "'pop'"
    >>> closest("polka", ["pop", "rock"])
    "one of 'pop', 'rock'"
    """
    known = list(options)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return repr(near[0]) if near else "one of " + ", ".join(map(repr, known))
