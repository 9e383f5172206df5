"""From a column name to an axis label: the unit is its suffix."""

_UNITS = {
    "bpm": "BPM",
    "cents": "cents",
    "db": "dB",
    "dbfs": "dBFS",
    "dbtp": "dBTP",
    "fs": "of full scale",
    "hz": "Hz",
    "lu": "LU",
    "lufs": "LUFS",
    "s": "s",
    "usd": "USD",
}
_SPOKEN = {"mfcc": "MFCC", "rms": "RMS", "dc": "DC"}


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
    if statistic:
        text += ", mean" if statistic == "mean" else ", standard deviation"
    return f"{text} ({unit})" if unit else text
