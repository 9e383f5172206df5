"""What ``musictools doctor`` looks at. Nothing here raises: what fails is a finding."""

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from musictools._optional import DISTRIBUTION
from musictools._paths import DATA_DIR_VARIABLE, cache_dir
from musictools._version import __version__

State = Literal["ok", "absent", "broken"]
OLDEST = (3, 11)
#: Packages that each extra brings; ``pyproject.toml`` is the original.
EXTRAS = {
    "lab": ("anywidget", "ipywidgets", "jupyterlab"),
    "widgets": ("anywidget",),
    "essentia": ("essentia",),
    "spotify": ("spotipy",),
    "collect": ("cryptography", "keyring"),
    "av": ("av",),
    "cluster": ("dask", "pyspark"),
    "forecast": ("statsforecast",),
    "bayes": ("pymc-marketing",),
    "mirdata": ("mirdata",),
}
#: Those that something in this version imports.
EXTRAS_IN_USE = ("lab", "widgets", "av", "essentia", "collect", "spotify", "forecast", "bayes")
SPOTIFY_KEYS = ("SPOTIPY_CLIENT_ID", "SPOTIPY_CLIENT_SECRET")
#: Each platform's key is ``MUSICTOOLS_<NAME>_TOKEN``.
PLATFORMS = (
    "SPOTIFY",
    "APPLEMUSIC",
    "TIDAL",
    "DEEZER",
    "YOUTUBE",
    "LISTENBRAINZ",
    "LASTFM",
    "DISCOGS",
    "INSTAGRAM",
    "FACEBOOK",
    "X",
    "TIKTOK",
    "TICKETMASTER",
    "SETLISTFM",
)
_MIB = 2**20


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    section: str
    name: str
    state: State
    detail: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Look at everything, in the order of the report."""
    sections = (_base, _codecs, _engines, _extras, _keys, _places)
    return [finding for section in sections for finding in section()]


def _base() -> Iterator[Finding]:
    found = platform.python_version()
    new_enough = sys.version_info[:2] >= OLDEST
    wish = f"Python {OLDEST[0]}.{OLDEST[1]} or newer"
    yield _line("base", "Python", f"{found} at {sys.executable}", wish, well=new_enough)
    yield Finding("base", "musictools", "ok", f"{__version__} at {Path(__file__).parents[1]}")
    missing = [name for name in _core_packages() if _version(name) is None]
    told = "missing: " + ", ".join(missing) if missing else "all there"
    again = f"pip install {DISTRIBUTION}"
    yield _line("base", "core packages", told, again, well=not missing)
    yield Finding("base", "processors", "ok", f"{_processors()} for this process")


def _codecs() -> Iterator[Finding]:
    again = "pip install --force-reinstall soundfile"
    try:
        import soundfile
    except (ImportError, OSError) as error:
        yield Finding("codecs", "libsndfile", "broken", f"does not load: {error}", again)
    else:
        formats = soundfile.available_formats()
        vorbis = soundfile.available_subtypes("OGG") if "OGG" in formats else {}
        version = soundfile.__libsndfile_version__
        yield Finding("codecs", "libsndfile", "ok", f"{version}, {len(formats)} formats")
        for name, there in (
            ("WAV", "WAV" in formats),
            ("FLAC", "FLAC" in formats),
            ("Ogg Vorbis", "VORBIS" in vorbis),
            ("MP3", "MPEG" in vorbis or "MP3" in formats),
            ("Opus", "OPUS" in vorbis),
        ):
            told = "read by libsndfile" if there else "not in this libsndfile"
            yield _line("codecs", name, told, again, well=there, otherwise="absent")
    av = _version("av")
    told = f"{av}: AAC, ALAC, WMA and video" if av else "not installed: no AAC, no video"
    yield _line("codecs", "PyAV", told, _pip("av"), well=bool(av), otherwise="absent")
    ffmpeg = shutil.which("ffmpeg")
    yield _line(
        "codecs",
        "ffmpeg",
        ffmpeg or "not on PATH; only some tests want it",
        "install ffmpeg",
        well=bool(ffmpeg),
        otherwise="absent",
    )


def _engines() -> Iterator[Finding]:
    yield Finding("engines", "musictools", "ok", f"{__version__}, the one in use")
    # No wheel is no fault of the reader's, and no command would help.
    no_wheel = sys.platform == "win32" or (
        sys.platform == "linux" and platform.machine() != "x86_64"
    )
    remedy = "nothing: there is none for this system" if no_wheel else _pip("essentia")
    for name, mends in (("librosa", f"pip install {DISTRIBUTION}"), ("essentia", remedy)):
        version = _version(name)
        told = (
            f"{version}, installed, for comparison"
            if version
            else "not installed; for comparison only"
        )
        yield _line("engines", name, told, mends, well=bool(version), otherwise="absent")


def _extras() -> Iterator[Finding]:
    for extra in EXTRAS_IN_USE:
        names = EXTRAS[extra]
        missing = [name for name in names if _version(name) is None]
        told = "not installed: " + ", ".join(missing) if missing else ", ".join(names)
        hint = _pip(extra)
        yield _line("extras", extra, told, hint, well=not missing, otherwise="absent")
    idle = [name for name in EXTRAS if name not in EXTRAS_IN_USE]
    yield Finding("extras", "others", "ok", f"nothing here uses them yet: {', '.join(idle)}")


def key_names() -> list[str]:
    """Give the environment variables that are known as keys of a platform."""
    return [*SPOTIFY_KEYS, *(f"MUSICTOOLS_{name}_TOKEN" for name in PLATFORMS)]


def _keys() -> Iterator[Finding]:
    # Never the value, nor a part of it: reports are pasted in public.
    names = [name for name in key_names() if os.environ.get(name)]
    told = f"set: {', '.join(names)}" if names else "none set"
    yield Finding("keys", "platforms", "ok", told)


def _places() -> Iterator[Finding]:
    folder = cache_dir()
    nearest = folder
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    writable = nearest.is_dir() and os.access(nearest, os.W_OK)
    told = f"{folder}, {_tried(lambda: _size(folder))}, {_tried(lambda: _free(nearest))}"
    remedy = f"set {DATA_DIR_VARIABLE} to a folder that can be written"
    yield _line("places", "cache folder", told, remedy, well=writable)


def _line(
    section: str, name: str, detail: str, remedy: str, *, well: bool, otherwise: State = "broken"
) -> Finding:
    return Finding(section, name, "ok" if well else otherwise, detail, "" if well else remedy)


def _pip(extra: str) -> str:
    return f'pip install "{DISTRIBUTION}[{extra}]"'


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _core_packages() -> list[str]:
    try:
        wanted = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        # Imported from a checkout that is not installed: a few that stand for all.
        return ["numpy", "scipy", "pandas", "librosa", "soundfile"]
    return [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in wanted if "extra ==" not in line]


def _processors() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _size(folder: Path) -> str:
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return f"{total / _MIB:.1f} MiB used"


def _free(folder: Path) -> str:
    return f"{shutil.disk_usage(folder).free / _MIB / 1024:.1f} GiB free"


def _tried(look: Callable[[], str]) -> str:
    try:
        return look()
    except OSError as error:
        return f"cannot be read ({error.strerror})"
