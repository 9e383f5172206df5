"""The label as its platforms see it: what is out on a day, and how many follow."""

import unicodedata
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import datetime as dt

    from musictools.datasets._label import Label


class Shop:
    """The label as its platforms see it: what is out on a day, and how many follow."""

    def __init__(self, label: "Label") -> None:
        self.label = label.name
        self.artists = label.artists.to_dict("records")
        recordings = label.recordings
        self.recordings: list[dict[str, Any]] = recordings.to_dict("records")  # type: ignore[assignment]
        self.recordings += _repeated(self.recordings)
        self.recordings.sort(key=lambda one: one["released_at"])
        seen = label.observations
        seen = seen[seen["metric"] == "followers"]
        # The last number that was shown by a day, as a platform shows one on days without news.
        self._followers = {
            key: some.set_index("observed_at")["value"].sort_index()
            for key, some in seen.groupby(["entity_id", "platform"])
        }

    def out(self, day: "dt.date", artist_id: str | None = None) -> list[dict[str, Any]]:
        """Give the recordings that are released."""
        return [
            one
            for one in self.recordings
            if pd.Timestamp(one["released_at"]) <= pd.Timestamp(day)
            and artist_id in {None, one["artist_id"]}
        ]

    def releases(
        self, day: "dt.date", artist_id: str | None = None
    ) -> dict[str, list[dict[str, Any]]]:
        """Group the recordings by their release."""
        found: dict[str, list[dict[str, Any]]] = {}
        for one in self.out(day, artist_id):
            found.setdefault(one["release_id"], []).append(one)
        return found

    def followers(
        self, artist_id: str, platform: str, day: "dt.date", *, purged: float = 0.0
    ) -> int:
        """People who follow an artist on a day, without the share that was thrown out as fakes."""
        series = self._followers.get((artist_id, platform))
        if series is None:
            return 0
        past = series[: pd.Timestamp(day)]
        return round(int(past.iloc[-1]) * (1 - purged)) if len(past) else 0


def plain(text: str) -> str:
    """Small letters without marks, for searching."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))


def number_of(identifier: str) -> int:
    """Deezer's identifiers are numbers: A01 is 1001, R01 2001, L01 3001, and D01 is 4001."""
    return {"A": 1000, "R": 2000, "L": 3000, "D": 4000}[identifier[0]] + int(identifier[1:])


def name_of(number: str) -> str:
    """Go the other way; empty where there is none."""
    value = int(number) if number.isdigit() else 0
    letter = {1: "A", 2: "R", 3: "L", 4: "D"}.get(value // 1000, "")
    return f"{letter}{value % 1000:02}" if letter else ""


def _repeated(recordings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """List the songs of an album that its deluxe edition holds once more, as another track."""
    editions = [one for one in recordings if one["release_kind"] == "deluxe"]
    return [
        {**one, "recording_id": "D" + one["recording_id"][1:]}
        | {name: edition[name] for name in edition if name.startswith("release") or name == "upc"}
        for edition in editions
        for one in recordings
        if edition["release_title"] == f"{one['release_title']} (Deluxe)"
    ]
