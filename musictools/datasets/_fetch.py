"""Sets of data that may not be passed on: each is fetched once by its user, and kept."""

import contextlib
import logging
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from musictools._paths import cache_dir
from musictools._progress import track
from musictools.errors import InputError, MalformedResponse, ServiceError

_PIECE = 1 << 20
#: Seconds to wait for a connection, and then for each piece.
_PATIENCE_S = (10, 60)


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A file on somebody else's server.

    Attributes
    ----------
    name : str
        Of the data, in words.
    file : str
        Name under which it is kept.
    address : str
        Where it comes from.
    checksum : str
        Algorithm and digest, such as ``"sha256:6738..."``; empty for a file that grows, whose
        reader checks what was in it before.
    size_mb : float
        About how much will be downloaded.
    licence : str
        What may be done with it.
    citation : str
        What its makers ask to be cited.
    own_copy : str
        What to type for a copy that was downloaded otherwise.
    """

    name: str
    file: str
    address: str
    checksum: str
    size_mb: float
    licence: str
    citation: str
    own_copy: str

    def provenance(self) -> dict[str, Any]:
        """Say where it is from, for the record of what was read from it."""
        told = asdict(self)
        return {key: told[key] for key in ("name", "address", "checksum", "licence", "citation")}


def fetch(remote: Remote, *, progress: bool | None = None) -> Path:
    """Give the file, downloaded when it is not there yet, and checked each time.

    Parameters
    ----------
    remote : Remote
        What to fetch.
    progress : bool, optional
        None shows a bar when a person watches.

    Returns
    -------
    pathlib.Path
        In the folder ``fetched`` of musictools' own files.

    Raises
    ------
    ServiceError
        If there is no network, or the server refuses.
    MalformedResponse
        If what came is not the file with this checksum; nothing of it is kept.
    InputError
        If the file cannot be kept.
    """
    import requests

    pooch = _pooch()
    folder = cache_dir("fetched")
    hint = f"{remote.own_copy}, with a copy of {remote.address} from a browser"
    try:
        with _silent():
            kept = pooch.retrieve(
                remote.address,
                remote.checksum or None,
                fname=remote.file,
                path=folder,
                downloader=_downloader(remote, progress=progress),
            )
    except requests.RequestException as error:
        answer = error.response
        host = urlsplit(remote.address).hostname
        reason = type(error).__name__ if answer is None else f"status {answer.status_code}"
        raise ServiceError(
            f"fetch {remote.name}",
            got=f"no file from {host} ({reason})",
            expected=f"about {remote.size_mb:g} MB, for which a network is needed this once",
            hint=f"again when there is one; or {hint}",
            status=None if answer is None else answer.status_code,
        ) from error
    except ValueError as error:
        # Pooch says so of a checksum that differs, and has thrown the file away.
        raise MalformedResponse(
            f"fetch {remote.name}",
            got="another file, or a part of it",
            expected=f"the one with {remote.checksum}",
            hint=f"again; or {hint}",
        ) from error
    except OSError as error:
        raise InputError(
            f"keep {remote.name}",
            got=f"{error}",
            expected=f"that {folder} can be written to",
            hint="set MUSICTOOLS_DATA_DIR to another folder",
        ) from error
    return Path(kept)


def _downloader(remote: Remote, *, progress: bool | None) -> Callable[[str, str, Any], None]:
    """Give what pooch calls to download: ours shows progress as the rest of musictools does."""

    def download(address: str, target: str, _: Any) -> None:
        import requests

        with requests.get(address, stream=True, timeout=_PATIENCE_S) as answer:
            answer.raise_for_status()
            size = int(answer.headers.get("Content-Length") or 0)
            pieces = track(
                answer.iter_content(_PIECE),
                total=-(-size // _PIECE),
                label=f"fetch {remote.name}",
                unit="MB",
                progress=progress,
            )
            with Path(target).open("wb") as file:
                file.writelines(pieces)

    return download


def _pooch() -> Any:
    """Import pooch, whose bar for notebooks warns where there are no widgets; ours needs none."""
    from tqdm import TqdmWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TqdmWarning)
        import pooch
    return pooch


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Keep pooch from telling on standard error what it does."""
    logger = _pooch().get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
