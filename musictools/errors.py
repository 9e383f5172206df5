"""Every error that musictools raises on purpose.

::

    MusictoolsError
    ├── InputError (ValueError)              an argument that cannot be used
    │   └── TableError                       a table without a column, or with a wrong one
    ├── AudioError                           a recording that cannot be used
    │   ├── AudioNotFoundError (FileNotFoundError)
    │   ├── UnsupportedAudioError            not audio, or a kind that nothing here decodes
    │   ├── EmptyAudioError                  a header and no samples, or no bytes at all
    │   ├── TruncatedAudioError              fewer samples than the header promises
    │   ├── InvalidSamplesError              NaN, infinite or enormous samples
    │   └── AudioTooLongError                longer than fits in memory
    └── MissingExtraError (ImportError)      an optional package is not installed

A message says what failed, what it got, what it expected, and one thing to try.
"""

import difflib
from collections.abc import Iterable

__all__ = [
    "AudioError",
    "AudioNotFoundError",
    "AudioTooLongError",
    "EmptyAudioError",
    "InputError",
    "InvalidSamplesError",
    "MissingExtraError",
    "MusictoolsError",
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
        return _rebuild, (type(self), self.what, self.got, self.expected, self.hint)


def _rebuild(
    kind: type[MusictoolsError], what: str, got: str, expected: str, hint: str
) -> MusictoolsError:
    return kind(what, got=got, expected=expected, hint=hint)


class InputError(MusictoolsError, ValueError):
    """An argument that cannot be used."""


class TableError(InputError):
    """A table that lacks a column, or has one of the wrong kind."""


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
