"""From the name of a column or field to words: the unit is its suffix."""

_UNITS = {
    "bpm": "BPM",
    "cents": "cents",
    "db": "dB",
    "dbfs": "dBFS",
    "dbtp": "dBTP",
    "fs": "of full scale",
    "hz": "Hz",
    "kbps": "kbit/s",
    "lu": "LU",
    "lufs": "LUFS",
    "ms": "ms",
    "pct": "%",
    "ppm": "ppm",
    "s": "s",
    "usd": "USD",
}
_SPOKEN = {
    "auc": "AUC",
    "dc": "DC",
    "dr": "DR",
    "grp": "GRP",
    "id": "ID",
    "isrc": "ISRC",
    "khz": "kHz",
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
    "url": "URL",
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
    "p_holm": "p value (Holm)",
    "p_value": "p value",
    "r_hat": "R-hat",
    "r_squared": "R squared",
    "unique_id": "Series",
    "y_hat": "Forecast",
}


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
    *words, last = name.split("_")
    unit = _UNITS.get(last) if words else None
    if unit is None:
        words.append(last)
    statistic = words.pop() if words[-1] in {"mean", "std"} and len(words) > 1 else None
    # A column name may leave out what its unit says; an axis should not.
    if unit == "LUFS" and "loudness" not in words:
        words.append("loudness")
    spoken = [_SPOKEN.get(word, word) for word in words]
    text = spoken[0][:1].upper() + spoken[0][1:] + "".join(f" {w}" for w in spoken[1:])
    if text.startswith("P "):
        text = f"{text[2:].capitalize()} (p value)"
    elif text.endswith(" p value"):
        text = f"{text.removesuffix(' p value')} (p value)"
    if statistic:
        text += ", mean" if statistic == "mean" else ", standard deviation"
    return f"{text} ({unit})" if unit else text
