"""What is installed, for the last cell of a notebook and the first line of a bug report."""

import importlib.metadata
import platform

from musictools._optional import DISTRIBUTION

_SHOWN = (
    DISTRIBUTION,
    "numpy",
    "scipy",
    "pandas",
    "numba",
    "soundfile",
    "soxr",
    "librosa",
    "scikit-learn",
    "statsmodels",
    "duckdb",
    "matplotlib",
    "seaborn",
)
#: Nothing needs them; they change what can be computed, read or shown.
_OPTIONAL = (
    "jupyterlab",
    "anywidget",
    "essentia",
    "av",
    "statsforecast",
    "pymc-marketing",
)


def show_versions() -> dict[str, str]:
    """List the versions that a result depends on.

    Returns
    -------
    dict of str to str
        Package name to version; Python and the platform come first, what nothing needs comes
        last, ``"not installed (optional)"`` where it is missing. Nothing in it tells who or where
        the reader is.

    Examples
    --------
    >>> import musictools as mt
    >>> list(mt.show_versions())[:3]
    ['python', 'platform', 'musictools-research']
    """
    found = {"python": platform.python_version(), "platform": platform.platform(terse=True)}
    for names, missing in ((_SHOWN, "not installed"), (_OPTIONAL, "not installed (optional)")):
        for name in names:
            try:
                found[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                found[name] = missing
    return found
