"""From the name of a column or field to words: the unit is its suffix."""

import re

#: Of amounts in the names of our columns.
CURRENCIES = ("usd", "eur", "gbp")
_UNITS = {
    **{code: code.upper() for code in CURRENCIES},
    "bits": "bits",
    "bpm": "BPM",
    "cents": "cents",
    "db": "dB",
    "db2": "dB\N{SUPERSCRIPT TWO}",
    "dbfs": "dBFS",
    "dbtp": "dBTP",
    "fs": "of full scale",
    "h": "h",
    "hz": "Hz",
    "kbps": "kbit/s",
    "khz": "kHz",
    "lu": "LU",
    "lufs": "LUFS",
    "ms": "ms",
    "pct": "%",
    "percent": "%",
    "ppm": "ppm",
    "s": "s",
}
#: What stands after a currency where its amounts are told in so many.
_TIMES = {"k": "thousand", "m": "million", "bn": "billion"}
_SPOKEN = {
    "auc": "AUC",
    "dc": "DC",
    "dr": "DR",
    "grp": "GRP",
    "id": "ID",
    "isrc": "ISRC",
    "mae": "MAE",
    "mase": "MASE",
    "mbid": "MBID",
    "mde": "MDE",
    "mfcc": "MFCC",
    "plr": "PLR",
    "psr": "PSR",
    "rms": "RMS",
    "rmse": "RMSE",
    "roas": "ROAS",
    "roi": "ROI",
    "sd": "SD",
    "se": "SE",
    "tv": "TV",
    "upc": "UPC",
    "url": "URL",
    "utc": "UTC",
}
#: Names that say it in another way than the field does.
_WHOLE = {
    "comb_z": "Comb (z score)",
    "ds": "Date",
    "lo": "from",
    "hi": "to",
    "mde": "Smallest effect found (MDE)",
    "mu": "Base rate (mu)",
    "n": "n",
    "p_adjusted": "p value (adjusted)",
    "p_holm": "p value (Holm)",
    "p_value": "p value",
    "r_hat": "R-hat",
    "r_squared": "R squared",
    "unique_id": "Series",
    "y_hat": "Forecast",
}
#: A p-value is called so, ends in p, or tells after p of which test or correction it is. Alone it
#: may be anything, such as the part of those who begin by themselves (Bass).
_CHANCE = re.compile(
    r"(?:.+_)?p_value|.+_p|p_(?:adjusted|bonferroni|fdr|holm|family|lines|point|random|within)"
)
_OCTAVE = re.compile(r"chroma_([a-g])(s?)")
_COUNTED = re.compile(r"(\d+)([a-z]+)")
_DECADE = re.compile(r"(?:19|20)?\d0s")


def is_chance(name: str) -> bool:
    """Tell whether a name is that of a p-value."""
    return _CHANCE.fullmatch(name) is not None


def label(name: str) -> str:
    """Turn a column name into an axis label with its unit.

    Parameters
    ----------
    name : str
        Such as ``"integrated_lufs"``.

    Returns
    -------
    str
        Such as ``"Integrated loudness (LUFS)"``; a name without a known unit is only spelt out.

    Examples
    --------
    >>> label("tempo_bpm"), label("spectral_centroid_mean_hz"), label("key")
    ('Tempo (BPM)', 'Spectral centroid, mean (Hz)', 'Key')
    >>> label("integrated_lufs")
    'Integrated loudness (LUFS)'
    """
    if name in _WHOLE:
        return _WHOLE[name]
    if note := _OCTAVE.fullmatch(name):
        # No full scale, though it ends as that does.
        return f"Chroma, {note[1].upper()}{'#' * len(note[2])}"
    words, unit = _parted(name)
    statistic = words.pop() if words[-1:] in (["mean"], ["std"]) and len(words) > 1 else None
    # A column name may leave out what its unit says; an axis should not.
    if unit == "LUFS" and "loudness" not in words:
        words.append("loudness")
    test = is_chance(name)
    if test:
        words = [word for word in words if word not in {"p", "value"}]
    if not words:
        return unit or "p value"
    spoken = [_spoken(word) for word in words]
    text = " ".join([spoken[0][:1].upper() + spoken[0][1:], *spoken[1:]])
    if statistic:
        text += ", mean" if statistic == "mean" else ", standard deviation"
    unit = "p value" if test else unit
    return f"{text} ({unit})" if unit else text


def _parted(name: str) -> tuple[list[str], str]:
    """Part the words of a name from its unit, which may be a quotient, and money of millions."""
    words = name.split("_")
    match words:
        case [*rest, over, "per", under] if over in _UNITS:
            return rest, f"{_UNITS[over]} per {_UNITS.get(under, under)}"
        case [*over, "per", under]:
            return [*over, "per", _UNITS.get(under, under)], ""
        case [*rest, currency, times] if currency in CURRENCIES and times in _TIMES:
            return rest, f"{_TIMES[times]} {_UNITS[currency]}"
        case [first, *rest, last] if last in _UNITS:
            return [first, *rest], _UNITS[last]
    return words, ""


def _spoken(word: str) -> str:
    counted = _COUNTED.fullmatch(word)
    if counted and counted[2] in _UNITS and not _DECADE.fullmatch(word):
        return f"{counted[1]} {_UNITS[counted[2]]}"
    return _SPOKEN.get(word, word)
