"""Labelled folders for a detector: who made what, and what else tells the two apart."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools._progress import track
from musictools.audio._excerpt import loudest
from musictools.audio._find import find_files
from musictools.audio._recording import Recording, Source, as_recording, from_samples
from musictools.audio._upsampling import Floats
from musictools.audio._upsampling_copies import vectors
from musictools.errors import AudioError, InputError

if TYPE_CHECKING:
    import pandas as pd

WHAT = "teach a detector"
_EXCERPT_S = 30.0
_HINT = 'AIDetector().fit("human/", "generated/"), a folder for each artist and each generator'


@dataclass(frozen=True)
class Pile:
    """Recordings of one label.

    Attributes
    ----------
    group : list of str
        Who made each: an artist, an album, a generator.
    x : numpy.ndarray, shape (recordings, conditions, numbers)
        Descriptors under each condition.
    facts : pandas.DataFrame
        What has nothing to do with how a sound was made: kind of file, sample rate, channels,
        length, level, band.
    failed : list of str
        Files that could not be used, and why.
    """

    group: list[str]
    x: Floats
    facts: "pd.DataFrame"
    failed: list[str]

    def __len__(self) -> int:
        return len(self.group)


def read_pile(given: Any, conditions: tuple[str, ...], *, progress: bool | None) -> Pile:
    """Measure every recording of a label.

    Parameters
    ----------
    given : path-like, mapping or iterable
        A folder (its subfolders are the groups), a mapping of groups to recordings, or recordings.
    conditions : tuple of str
        What happens to each.
    progress : bool, optional
        Show a bar.
    """
    import pandas as pd

    listed = _listed(given)
    groups: list[str] = []
    found: list[Floats] = []
    facts: list[dict[str, Any]] = []
    failed: list[str] = []
    for group, source in track(listed, total=len(listed), label="measure", progress=progress):
        try:
            whole = as_recording(source)
            excerpt = loudest(whole, _EXCERPT_S)
            part = from_samples(excerpt.samples, excerpt.rate_hz)
            found.append(vectors(part, conditions))
        except (AudioError, InputError) as error:
            failed.append(f"{source if isinstance(source, str) else group}: {error}")
            continue
        groups.append(group)
        facts.append(_facts(whole))
    x = np.array(found) if found else np.zeros((0, len(conditions), 0))
    return Pile(groups, x, pd.DataFrame(facts), failed)


def _listed(given: Any) -> list[tuple[str, Source]]:
    if isinstance(given, Mapping):
        return [(str(name), each) for name, some in given.items() for each in _each(some)]
    if isinstance(given, str | os.PathLike):
        root = Path(given).expanduser()
        out: list[tuple[str, Source]] = []
        for path in sorted(find_files(given, hint=_HINT)):
            inner = Path(path).resolve().parent
            top = root.resolve()
            parts = inner.relative_to(top).parts if inner.is_relative_to(top) else ()
            out.append((parts[0] if parts else "", path))
        return out
    if isinstance(given, Iterable) and not isinstance(given, np.ndarray):
        return [("", each) for each in _each(given)]
    raise InputError(
        WHAT,
        got=f"an object of type {type(given).__name__}",
        expected="a folder, recordings, or a mapping of groups to recordings",
        hint=_HINT,
    )


def _each(some: Any) -> list[Any]:
    if isinstance(some, Recording):
        return [some]
    if isinstance(some, str | os.PathLike):
        return sorted(find_files(some, hint=_HINT))
    out: list[Any] = []
    for each in some:
        out += (
            sorted(find_files(each, hint=_HINT)) if isinstance(each, str | os.PathLike) else [each]
        )
    return out


def _facts(recording: Recording) -> dict[str, Any]:
    level = float(np.sqrt((recording.samples.astype(float) ** 2).mean()))
    return {
        "kind of file": recording.path.suffix.lower() if recording.path else "array",
        "sample rate": str(recording.sample_rate),
        "channels": str(recording.channels),
        "length": recording.duration_s,
        "level": level,
        "band above 15 kHz": _high(recording),
    }


def _high(recording: Recording) -> float:
    """Power above 15 kHz over that of 10 to 15 kHz, in dB: where a codec cut it off, little."""
    size = 4_096
    samples = recording.samples[0].astype(float)
    blocks = len(samples) // size
    if not blocks or recording.sample_rate < 34_000:
        return -120.0
    power = (np.abs(np.fft.rfft(samples[: blocks * size].reshape(blocks, size))) ** 2).mean(axis=0)
    at = np.fft.rfftfreq(size, 1 / recording.sample_rate)
    top, below = power[at >= 16_500].sum(), power[(at >= 10_000) & (at < 15_000)].sum()
    return float(10 * np.log10((top + 1e-12) / (below + 1e-12)))


def shortcuts(human: Pile, made: Pile) -> "pd.DataFrame":
    """Find what tells the two piles apart without listening.

    Returns
    -------
    pandas.DataFrame
        ``fact, balanced_accuracy`` (of the best guess from this fact alone), ``words``; those from
        0.75 on.
    """
    import pandas as pd

    rows = []
    for fact in human.facts.columns:
        left, right = human.facts[fact], made.facts[fact]
        right_of_both = _told(left.to_numpy(), right.to_numpy())
        if right_of_both >= 0.75:
            words = (
                f"{fact} alone tells the two piles apart ({right_of_both:.0%} right): human "
                f"{_usual(left)}, generated {_usual(right)}; a detector may learn that and nothing "
                "else"
            )
            rows.append((fact, right_of_both, words))
    return pd.DataFrame(rows, columns=["fact", "balanced_accuracy", "words"])


def _told(left: npt.NDArray[Any], right: npt.NDArray[Any]) -> float:
    if left.dtype.kind not in "fiu":
        names = np.unique(np.concatenate([left, right]).astype(str))
        shares = [
            max(float((left.astype(str) == n).mean()), float((right.astype(str) == n).mean()))
            for n in names
        ]
        return sum(shares) / 2
    cuts = np.unique(np.concatenate([left, right]))
    below = [((left <= cut).mean() + (right > cut).mean()) / 2 for cut in cuts]
    best = max(*below, 1 - min(below))
    return float(best)


def _usual(values: "pd.Series[Any]") -> str:
    if values.dtype.kind in "fiu":
        return f"{float(values.median()):.3g}"
    return str(values.mode().iloc[0])
