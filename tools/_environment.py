"""The virtual environment of the checkout: made, filled, mended, and left alone when it is right.

Standard library only, readable for Python 3.8.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
STAMP = "musictools-stamp.json"
# In each environment that was made here. The stamp is no proof: it also lies in one of the
# reader's own that was only filled.
MARKER = "musictools-made-this"
# What would send packages elsewhere than into the environment.
MISLEADING = (
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "UV_SYSTEM_PYTHON",
)
LOG_LINES = 60
# Compiles and keeps what librosa leaves to numba for the first call. Where two processes come to
# it at once, one reads what the other half wrote, and crashes then and ever after.
COMPILES = """
import librosa, numpy
for kind in ("f4", "f8"):
    y = numpy.random.default_rng(0).standard_normal(44_100).astype(kind)
    librosa.feature.chroma_stft(y=y), librosa.beat.beat_track(y=y), librosa.feature.chroma_cens(y=y)
"""


class SetupError(Exception):
    """Something the reader can mend: what is wrong, and what to try."""

    def __init__(self, *, what: str, hint: str) -> None:
        super().__init__(f"{what}. Try: {hint}")


class Environment:
    """One virtual environment and what belongs into it.

    Parameters
    ----------
    folder : pathlib.Path
        Where it stands.
    lock : pathlib.Path
        The pinned packages.
    essentia : bool
        Whether to try the optional engine too.
    """

    def __init__(self, folder: Path, *, lock: Path, essentia: bool) -> None:
        self.folder, self.lock, self.essentia = folder, lock, essentia

    @property
    def python(self) -> Path:
        """Its interpreter."""
        parts = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
        return self.folder.joinpath(*parts)

    @property
    def stamp(self) -> Path:
        """The file that says what was installed, written last."""
        return self.folder / STAMP

    @property
    def ours(self) -> bool:
        """Whether it was made here, so that it may be removed."""
        if (self.folder / MARKER).is_file():
            return True
        by_name = self.folder.parent == ROOT and self.folder.name.startswith(".venv")
        # Through a link it may be anybody's.
        return by_name and not self.folder.is_symlink()

    def version(self) -> str | None:
        """Ask for the version of its Python, or None where that is missing or does not start."""
        return _answers(str(self.python))

    def wanted(self, version: str | None) -> dict[str, object]:
        """Give what the stamp says when everything is in place."""
        digest = hashlib.sha256()
        for path in (self.lock, ROOT / "requirements-essentia.lock", ROOT / "pyproject.toml"):
            digest.update(path.read_bytes() + b"\0")
        return {"content": digest.hexdigest(), "python": version, "place": str(self.folder)}

    def stamped(self) -> dict[str, object]:
        """Read what the stamp says; empty where there is none or it is broken."""
        try:
            found = json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def default() -> Environment:
    """Give the environment of the checkout: .venv, or the folder that MUSICTOOLS_VENV names."""
    named = os.environ.get("MUSICTOOLS_VENV")
    # Not resolved: a link to a folder elsewhere is the reader's choice.
    folder = Path.cwd() / Path(named).expanduser() if named else ROOT / ".venv"
    return Environment(folder, lock=ROOT / "requirements.lock", essentia=True)


def ready(place: Environment | None = None, *, again: bool = False) -> str:
    """Make sure that the environment stands, and give its interpreter.

    Parameters
    ----------
    place : Environment, optional
        Which one; the checkout's own by default.
    again : bool
        Fill it whatever the stamp says: a package may have gone since.

    Returns
    -------
    str
        Path of the interpreter.
    """
    place = place or default()
    version, stamp = place.version(), place.stamped()
    right = version and all(stamp.get(key) == value for key, value in place.wanted(version).items())
    if right and not again:
        return str(place.python)
    moved = stamp and stamp.get("place") != str(place.folder)
    old = version and tuple(map(int, version.split(".")[:2])) < OLDEST
    if not version or moved or old or not _has_installer(place):
        _make(place)
        version = place.version()
    # Gone while the work is under way: an interrupted set-up has no stamp, and is done again.
    _remove(place.stamp)
    _fill(place)
    added = place.essentia and _add_essentia(place)
    # A convenience: where it fails, librosa says why when it is used.
    with contextlib.suppress(SetupError):
        _step("what librosa compiles", [str(place.python), "-c", COMPILES], quiet=True)
    _write_stamp(place, version, essentia=added)
    return str(place.python)


def check_python(version: tuple[int, int], where: str, *, verb: str) -> None:
    """Raise SetupError for a Python that cannot carry the package."""
    if tuple(version) >= OLDEST or verb in ("help", "clean"):
        return
    others = (shutil.which(f"python3.{minor}") for minor in (13, 12, 11, 14))
    # A launcher on PATH may stand for a Python that is not there.
    better = next((path for path in others if path and _answers(path)), None)
    way = f"{better or 'python3.12'} tools/do.py {verb}   (or: make {verb} PYTHON=...)"
    raise SetupError(
        what=f"musictools needs Python {OLDEST[0]}.{OLDEST[1]} or newer, "
        f"this is {version[0]}.{version[1]} at {where}",
        hint=way if better else f"install Python 3.12, then {way}",
    )


def installer(place: Environment) -> list[str]:
    """Give the command that installs into the environment: uv where it is, pip otherwise."""
    uv = shutil.which("uv")
    if not uv:
        return [str(place.python), "-m", "pip", "install", "--disable-pip-version-check"]
    # As pip does: else each process compiles what it imports, where nobody may write beside it.
    command = [uv, "pip", "install", "--compile-bytecode", "--python", str(place.python)]
    if not _uv_cache_writable(uv):
        command.append("--no-cache")
    return command


def call(command: Sequence[str], *, env: dict[str, str] | None = None) -> int:
    """Run a program in the checkout to its end and give its exit code."""
    process = subprocess.Popen(list(command), cwd=str(ROOT), env=env or child_env())
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            # The program got it too, and may want to say something before it ends.
            continue
        return code if code >= 0 else 128 - code


def become(command: Sequence[str]) -> int:
    """Hand over to a program where the system can, so that nothing stands between it and a signal.

    Runs where the reader stands, not in the checkout.
    """
    sys.stdout.flush()
    env = child_env()
    if os.name == "posix":
        os.execve(command[0], command, env)  # noqa: S606 -- no shell is wanted
    try:
        return subprocess.call(command, env=env)
    except KeyboardInterrupt:
        return 130


def child_env() -> dict[str, str]:
    """Give the surroundings of a started program, without what would mislead it."""
    return {key: value for key, value in os.environ.items() if key not in MISLEADING}


def clean_env() -> dict[str, str]:
    """Give the same without the reader's keys and settings for musictools."""
    return {
        key: value
        for key, value in child_env().items()
        if not key.startswith(("MUSICTOOLS_", "SPOTIPY_")) or key == "MUSICTOOLS_SHARED"
    }


def _answers(python: str) -> str | None:
    command = [python, "-I", "-c", "import platform; print(platform.python_version())"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _make(place: Environment) -> None:
    folder = place.folder
    empty = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    if not empty and not place.ours:
        raise SetupError(
            what=f"{folder} cannot be used as it is (its Python is missing, too old or without "
            "pip) and was not made here, so it is left alone",
            hint="let MUSICTOOLS_VENV name a new folder",
        )
    uv = shutil.which("uv")
    if not uv:
        _check_venv_module()
    shutil.rmtree(folder, ignore_errors=True)
    try:
        if uv:
            # The running Python, and no other: uv must not bring one along.
            command = [uv, "venv", "--no-python-downloads", "--no-config"]
            command += ["--python", sys.executable]
            _step("environment, with uv", [*command, str(folder)])
        else:
            _step("environment", [sys.executable, "-m", "venv", str(folder)])
    finally:
        # Half of an environment is ours as well, and is made again.
        if folder.is_dir():
            (folder / MARKER).write_text("Made by tools/do.py, which may remove it.\n")


def _check_venv_module() -> None:
    # Debian ships Python without them, and venv would fail late and at length.
    if all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    raise SetupError(
        what=f"this Python at {sys.executable} has no venv or no ensurepip",
        hint=f"sudo apt-get install {package} (Debian, Ubuntu), or put uv on PATH",
    )


def _has_installer(place: Environment) -> bool:
    if shutil.which("uv"):
        return True
    # Made by uv, and uv is gone since: there is no pip inside.
    return (
        subprocess.call([str(place.python), "-I", "-c", "import pip"], stderr=subprocess.DEVNULL)
        == 0
    )


def _fill(place: Environment) -> None:
    install = installer(place)
    name = "uv" if "uv" in Path(install[0]).name else "pip"
    pinned = ["--require-hashes", "--only-binary", ":all:", "-r", str(place.lock)]
    _step(f"pinned packages, with {name} (about 1.6 GB the first time)", [*install, *pinned])
    _step("musictools itself", [*install, "--no-deps", "--no-build-isolation", "-e", "."])


def _add_essentia(place: Environment) -> bool:
    pinned = ["--require-hashes", "--only-binary", ":all:"]
    command = [*installer(place), *pinned, "-r", str(ROOT / "requirements-essentia.lock")]
    try:
        _step("essentia (optional)", command, quiet=True)
    except SetupError:
        print("  essentia has no package for this machine; all else works without it")
        return False
    return True


def _write_stamp(place: Environment, version: str | None, *, essentia: bool) -> None:
    content = place.wanted(version)
    content["essentia"] = essentia
    draft = place.stamp.with_suffix(".part")
    draft.write_text(json.dumps(content, indent=1), encoding="utf-8")
    draft.replace(place.stamp)


def _step(title: str, command: Sequence[str], *, quiet: bool = False) -> None:
    print(f"  {title} ... ", end="", flush=True)
    start = time.monotonic()
    with tempfile.TemporaryFile() as log:
        try:
            code = subprocess.call(
                command, cwd=str(ROOT), env=child_env(), stdout=log, stderr=subprocess.STDOUT
            )
        except OSError as error:
            raise SetupError(what=f"{title} failed: {error}", hint="run it again") from error
        took = time.monotonic() - start
        print(f"{took:.0f} s" if code == 0 else f"failed after {took:.0f} s", flush=True)
        if code == 0:
            return
        log.seek(0)
        lines = log.read().decode(errors="replace").splitlines()
    if not quiet:
        print("\n".join(lines[-LOG_LINES:]), file=sys.stderr)
    raise SetupError(
        what=f"{title} failed, see the lines above",
        hint="mend that and run it again; what was downloaded is kept",
    )


def _uv_cache_writable(uv: str) -> bool:
    answer = subprocess.run([uv, "cache", "dir"], capture_output=True, text=True, check=False)
    folder = Path(answer.stdout.strip() or ".")
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return answer.returncode == 0 and os.access(str(folder), os.W_OK)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except FileNotFoundError:
        return
