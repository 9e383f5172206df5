"""Artists whom suspiciously many accounts play suspiciously alike.

A genuine artist has many listeners who play little and a few who play much; an artist for whom
plays are bought has many accounts that give it the same part of their listening. How many listeners
stand in each band of shares is therefore compared with artists of as many listeners.
"""
# ruff: noqa: S608 - the names that are put into queries are our own.

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from musictools.economics._gather import Ledger

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: Bands of shares: half octaves from 2**-12 to 1; windows are so many bands wide.
_LOWEST, _BANDS, _WIDE = -24, 25, 3
#: Bands beside a window in which its own accounts may stand as well.
_MARGIN = 2
#: Artists of a window of audiences with whom one is compared, at least.
_PEERS = 40
#: Audiences below this cannot be told from chance.
_LEAST = 4
#: Decades beyond which more evidence changes nothing.
MOST = 15.0


@dataclass(frozen=True)
class Targets:
    """What is known of each artist with enough listeners.

    Attributes
    ----------
    artist : numpy.ndarray of int, shape (n,)
        Number of the artist.
    listeners, alike, expected : numpy.ndarray of float, shape (n,)
        Accounts; those in the band of shares that stands out most; how many of artists with as
        many listeners stand there.
    share : numpy.ndarray of float, shape (n,)
        Middle of that band, part of an account's plays.
    base : numpy.ndarray of float, shape (n,)
        The artist's part of all other plays.
    evidence : numpy.ndarray of float, shape (n,)
        Decades of odds against chance, 0 or more, after as many looks as were taken.
    """

    artist: "Ints"
    listeners: "Floats"
    alike: "Floats"
    expected: "Floats"
    share: "Floats"
    base: "Floats"
    evidence: "Floats"


def find_targets(ledger: Ledger) -> Targets:
    """Look at the shares of each artist's listeners."""
    audience = ledger.ask(
        "SELECT artist, count(*)::DOUBLE AS listeners, sum(n) AS plays FROM pairs GROUP BY artist"
        f" HAVING count(*) >= {_LEAST} ORDER BY artist"
    )
    artist = np.asarray(audience["artist"], np.int64)
    listeners = np.asarray(audience["listeners"], np.float64)
    cells = ledger.ask(
        f"SELECT artist, greatest(floor(2 * log2(n / t)), {_LOWEST})::INT - ({_LOWEST}) AS band,"
        " count(*)::DOUBLE AS k, sum(n) AS plays FROM pairs JOIN totals USING (user) WHERE n >= 2"
        " GROUP BY ALL ORDER BY ALL"
    )
    whole = float(ledger.ask("SELECT sum(t) AS t FROM totals")["t"][0])
    if not len(artist):
        none = np.zeros(0)
        return Targets(artist, none, none, none, none, none, none)
    place = np.searchsorted(artist, cells["artist"])
    known = artist[np.minimum(place, len(artist) - 1)] == cells["artist"]
    at = (place[known], np.asarray(cells["band"], np.int64)[known])
    counts, plays = (np.zeros((len(artist), _BANDS)) for _ in range(2))
    counts[at], plays[at] = cells["k"][known], cells["plays"][known]
    windows, heard = _windows(counts), _windows(plays)
    expected, width = _usual(windows, listeners)
    expected = expected * _devotion(counts, _usual(counts, listeners)[0])
    z = (_roots(windows) - _roots(expected)) / width
    best = np.argmax(z, axis=1)
    rows = np.arange(len(artist))
    other = np.asarray(audience["plays"], np.float64) - heard[rows, best]
    looks = np.log10(max(z.size, 1))
    return Targets(
        artist=artist,
        listeners=listeners,
        alike=windows[rows, best],
        expected=expected[rows, best],
        share=np.minimum(2.0 ** ((best + _LOWEST + _WIDE / 2) / 2), 1.0),
        base=np.maximum(other, 0.5) / whole,
        evidence=np.clip(decades(z[rows, best]) - looks, 0.0, MOST),
    )


def _windows(counts: "Floats") -> "Floats":
    before = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(counts, axis=1)], axis=1)
    return np.asarray(before[:, _WIDE:] - before[:, :-_WIDE], np.float64)


def _usual(windows: "Floats", listeners: "Floats") -> tuple["Floats", "Floats"]:
    """Give what is expected of artists with as many listeners, and the spread of roots of counts.

    Roots of counts have nearly the same spread whatever is expected (Anscombe).
    """
    order = np.argsort(listeners, kind="stable")
    size = np.log2(listeners[order])
    edges = np.unique(np.searchsorted(size, np.arange(size[0], size[-1] + 0.25, 0.25)))
    edges = np.append(edges[edges < len(order)], len(order))
    bins = list(pairwise(edges))
    middle, spread = (np.zeros((len(bins), windows.shape[1])) for _ in range(2))
    for i, (begin, end) in enumerate(bins):
        # Where few artists are so large, the next smaller and larger ones are looked at as well.
        more = max(0, (_PEERS - int(end - begin)) // 2)
        peers = order[max(0, int(begin) - more) : int(end) + more]
        middle[i] = _trimmed(windows[peers] / listeners[peers, None])
        residual = _roots(windows[peers]) - _roots(middle[i] * listeners[peers, None])
        upper = np.quantile(residual, 0.95, axis=0) - np.median(residual, axis=0)
        spread[i] = np.maximum(_deviation(residual), upper / 1.645)
    place = np.repeat(np.arange(len(bins)), [end - begin for begin, end in bins])
    # So many artists may be bought at once that they are the rule among those of their size.
    middle, spread = _calm(middle), np.maximum(1.0, _calm(spread))
    expected, width = np.zeros_like(windows), np.ones_like(windows)
    expected[order] = middle[place] * listeners[order, None]
    width[order] = spread[place]
    return expected, width


def _devotion(counts: "Floats", expected: "Floats") -> "Floats":
    """Give how much more devoted an artist's other listeners are than usual, 1 or more.

    The listeners of an artist with a following stand in all bands; bought ones in one.
    """

    def outside(values: "Floats") -> "Floats":
        padded = np.pad(values, ((0, 0), (_MARGIN, _MARGIN)))
        before = np.concatenate([np.zeros((len(values), 1)), np.cumsum(padded, axis=1)], axis=1)
        wide = _WIDE + 2 * _MARGIN
        inside = before[:, wide:] - before[:, :-wide]
        return np.asarray(values.sum(axis=1, keepdims=True) - inside, np.float64)

    ratio = (outside(counts) + 1.0) / (outside(expected) + 1.0)
    return np.asarray(np.maximum(ratio, 1.0), np.float64)


def _calm(values: "Floats") -> "Floats":
    """Give the median of five neighbours; at the ends of those that are there."""
    padded = np.full((len(values) + 4, values.shape[1]), np.nan)
    padded[2:-2] = values
    around = np.stack([padded[i : i + len(values)] for i in range(5)])
    return np.asarray(np.nanmedian(around, axis=0), np.float64)


def _trimmed(values: "Floats") -> "Floats":
    """Give the mean of the lower four fifths and of the median, whichever is larger."""
    ordered = np.sort(values, axis=0)
    kept = max(1, int(0.8 * len(ordered)))
    # What is cut off is the upper part: those who stay would be too small a mean.
    mean = ordered[:kept].mean(axis=0) * 1.25
    return np.asarray(np.maximum(mean, np.median(ordered, axis=0)), np.float64)


def _deviation(values: "Floats") -> "Floats":
    middle = np.median(values, axis=0)
    return np.asarray(1.4826 * np.median(np.abs(values - middle), axis=0), np.float64)


def _roots(counts: "Floats") -> "Floats":
    return np.asarray(2.0 * np.sqrt(counts + 0.375), np.float64)


def decades(z: "Floats") -> "Floats":
    """Give minus the decimal logarithm of the chance of a normal score as high."""
    from scipy import special

    return np.asarray(-special.log_ndtr(-np.asarray(z, np.float64)) / np.log(10.0), np.float64)


def shares_of_accounts(ledger: Ledger, targets: Targets) -> dict[str, "np.ndarray"]:
    """Give, for accounts and artists that stand out: how sure one is of both.

    An account that gives ``n`` of ``t`` plays to an artist is ``n log(share / base) - t (share -
    base)`` more likely (Poisson) if it is one of those who are alike than if it is not; and no
    surer than one is of the artist.
    """
    import pandas as pd

    out = targets.evidence > 0
    ledger.put(
        "targets",
        pd.DataFrame(
            {
                "artist": targets.artist[out],
                "share": np.maximum(targets.share[out], 2 * targets.base[out]),
                "base": targets.base[out],
                "evidence": targets.evidence[out],
                "alike": targets.alike[out],
            }
        ),
    )
    return ledger.ask(
        "SELECT user, artist, n, t, alike, least(evidence, ratio) AS evidence FROM (SELECT p.user,"
        " p.artist, p.n, u.t, g.alike, g.evidence, (p.n * ln(g.share / g.base)"
        " - u.t * (g.share - g.base)) / ln(10) AS ratio FROM pairs p JOIN targets g USING (artist)"
        " JOIN totals u USING (user)) WHERE ratio > 0 ORDER BY user, artist"
    )
