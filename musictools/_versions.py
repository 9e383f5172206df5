"""What is installed, for the last cell of a notebook and the first line of a bug report."""

import importlib.metadata
import platform

from musictools._optional import DISTRIBUTION

_SHOWN = (
    DISTRIBUTION,
    "numpy",
    "scipy",
    "pandas",
    "soundfile",
    "soxr",
    "librosa",
    "scikit-learn",
    "seaborn",
    "jupyterlab",
    "essentia",
    "av",
)


def show_versions() -> dict[str, str]:
    """List the versions that a result depends on.

    Returns
    -------
    dict of str to str
        Package name to version, ``"not installed"`` where it is missing; Python and the platform
        come first.

    Examples
    --------
    >>> import musictools as mt
    >>> sorted(mt.show_versions())[:2]
    ['av', 'essentia']
    """
    found = {"python": platform.python_version(), "platform": platform.platform(terse=True)}
    for name in _SHOWN:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
