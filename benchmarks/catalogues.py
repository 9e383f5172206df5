"""Made-up catalogues, and what other catalogues make of them: pairs of which the truth is known.

Nothing here is a real person's or a real song. Words are put together at random; many songs share a
title, some artists share a name, songs are covered, and have live, remixed, remastered, sped-up and
shortened versions, which are other recordings, with codes of their own. A part of the recordings
stands on two releases. The other catalogue spells each recording in one of the ways of `KINDS`.
"""

# ruff: noqa: RUF001, SIM905 - words of many scripts, in lists that are easy to read

import unicodedata
from collections.abc import Callable

import numpy as np
import pandas as pd

WORDS = (
    "night love heart river summer golden dream fire city ocean blue dance light shadow rain"
    " moon silver road home wild stars sky broken paper glass winter honey velvet neon electric"
    " midnight morning lonely forever ghost mirror garden thunder sugar diamond paradise gravity"
    " echo satellite wolves highway radio machine poison angel devil kingdom queen stranger"
    " lover danger mercy holy yesterday tomorrow waiting falling running burning dancing"
    " breathing crying drowning chasing time world eyes hands bones blood water stone dust smoke"
    " gold black white red green crystal island desert mountain valley forest canyon harbor"
    " bridge tower window door letter photograph memory promise secret story song melody rhythm"
    " silence noise signal line circle square"
).split()
ACCENTED = (
    "corazón canción mañana niño señorita été forêt café coração saudade então für schön grüße"
    " Mädchen Straße łódź żółty noč příběh hjärta sjö blå lys ø håb gül şehir"
).split()
SMALL = (
    "in the",
    "of the",
    "and the",
    "for a",
    "on my",
    "to the",
    "with a",
    "under your",
    "like a",
)
CYRILLIC = "ночь город любовь река сердце огонь зима звезда дорога море мечта весна небо".split()
GREEK = "αγάπη νύχτα θάλασσα καρδιά φωτιά όνειρο δρόμος ουρανός".split()
KANA = "さくら よる ひかり うみ そら ゆめ こころ かぜ ほし".split()
HANGUL = "사랑 바다 하늘 마음 나무 여름 겨울 노래".split()
HAN = "夜空 星光 海風 夢境 春天 愛情 世界 時間".split()
SCRIPTS = {"cyrillic": CYRILLIC, "greek": GREEK, "kana": KANA, "hangul": HANGUL, "han": HAN}
_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e zh z i j k l m n o p r s t u f h c ch sh sch  y  e yu ya".split(" "),
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        "a v g d e z i th i k l m n x o p r s s t i f h ps o".split(),
        strict=True,
    )
)
_ROMAJI = {"さくら": "sakura", "よる": "yoru", "ひかり": "hikari", "うみ": "umi", "そら": "sora",
    "ゆめ": "yume", "こころ": "kokoro", "かぜ": "kaze", "ほし": "hoshi", "사랑": "sarang",
    "바다": "bada", "하늘": "haneul", "마음": "maeum", "나무": "namu", "여름": "yeoreum",
    "겨울": "gyeoul", "노래": "norae"}  # fmt: skip
#: How much longer a version is than the song.
FACTORS = {"Sped Up": 0.8, "Slowed + Reverb": 1.2, "Radio Edit": 0.85, "Instrumental": 1.0,
           "Karaoke Version": 1.0, "Acoustic": 0.97}  # fmt: skip
VERSIONS = (
    ("Live", 0.3), ("Live at {}", 0.3), ("{} Remix", 0.3), ("Acoustic", 0.2),
    ("Remastered {}", 0.2), ("Radio Edit", 0.15), ("Sped Up", 0.1), ("Instrumental", 0.1),
    ("Demo", 0.1), ("Extended Mix", 0.1), ("{}'s Version", 0.05), ("Karaoke Version", 0.05),
    ("Slowed + Reverb", 0.05),
)  # fmt: skip


def make(n: int, seed: int) -> pd.DataFrame:
    """Make about `n` recordings of songs, covers and versions."""
    rng = np.random.default_rng(seed)
    n_songs = max(20, int(n / 1.45))
    artists, script = _artists(max(8, n_songs // 10), rng)
    # A few artists have very many songs.
    who = (len(artists) * rng.random(n_songs) ** 1.6).astype(int)
    titles = _titles(n_songs, script[who], rng)
    covers = rng.random(n_songs) < 0.05
    titles[covers] = titles[rng.integers(0, n_songs, covers.sum())]
    guests = np.full(n_songs, "", object)
    with_guest = rng.random(n_songs) < 0.15
    guests[with_guest] = artists[rng.integers(0, len(artists), with_guest.sum())]
    songs = pd.DataFrame(
        {
            "title": titles, "version": "", "artist": artists[who], "guests": guests,
            "script": script[who], "year": rng.integers(1965, 2026, n_songs),
            "duration_s": np.clip(rng.normal(215, 48, n_songs), 60, 900).round(1),
            "song": np.arange(n_songs),
        }
    )  # fmt: skip
    more = _versions(songs.sample(frac=0.45, random_state=rng), artists, rng)
    made = pd.concat([songs, more], ignore_index=True)
    made["release"] = _titles(len(made), made["script"].to_numpy(), rng)
    order = rng.permutation(len(made))
    made = made.iloc[order].reset_index(drop=True)
    made["rec"] = np.arange(len(made))
    made["isrc"] = _isrcs(len(made), made["year"].to_numpy(), rng)
    return made


def _artists(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    word = [w.title() for w in (*WORDS, *ACCENTED)]
    first = [
        "Ana",
        "Bo",
        "Mira",
        "Leo",
        "Ina",
        "Tomas",
        "Yara",
        "Nils",
        "Zoë",
        "José",
        "Ivo",
        "Lena",
    ]
    last = [a + b for a in ("Ber", "Cor", "Dal", "Fen", "Gar", "Hol", "Jan", "Kor", "Lind", "Mol",
                            "Nor", "Per", "Quil", "Ros", "Sand", "Tor", "Vel", "Wes")
            for b in ("ack", "ano", "berg", "dottir", "ell", "ero", "etti", "fell", "ini", "iak",
                      "mann", "ova", "quist", "sen", "ton", "vale", "worth", "yama")]  # fmt: skip
    pick = lambda words, k: np.array(words, object)[rng.integers(0, len(words), k)]  # noqa: E731
    a, b, c, f, s, s2 = (pick(w, n) for w in (word, word, word, first, last, last))
    shapes = rng.choice(8, n, p=[0.45, 0.12, 0.12, 0.1, 0.06, 0.05, 0.05, 0.05])
    script = np.full(n, "latin", object)
    names = np.empty(n, object)
    for i, shape in enumerate(shapes):
        names[i] = (
            f"{f[i]} {s[i]}", f"The {a[i]} {b[i]}s", f"{a[i]} {b[i]}", f"{s[i]} {a[i]}",
            f"{s[i]} & {s2[i]}", f"DJ {s[i]}", f"{f[i]} {s[i]} & The {c[i]}s", "",
        )[shape]  # fmt: skip
        if shape == 7:
            script[i] = list(SCRIPTS)[int(rng.integers(0, len(SCRIPTS)))]
            own = SCRIPTS[script[i]]
            names[i] = " ".join(own[int(j)].title() for j in rng.integers(0, len(own), 2)) + (
                "" if rng.random() < 0.5 else f" {s[i]}"
            )
    # Two artists of one name.
    same = np.flatnonzero(rng.random(n) < 0.02)
    other = rng.integers(0, n, len(same))
    names[same], script[same] = names[other], script[other]
    return names, script


def _titles(n: int, script: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    made = np.empty(n, object)
    known = np.array((*WORDS, *ACCENTED), object)
    # Some words are in every second song.
    words = known[(len(known) * rng.random((n, 4)) ** 1.5).astype(int)]
    small = np.array(SMALL, object)[rng.integers(0, len(SMALL), n)]
    shape = rng.choice(7, n, p=[0.12, 0.3, 0.25, 0.15, 0.1, 0.05, 0.03])
    part = rng.integers(1, 6, n)
    for i in range(n):
        a, b, c, d = words[i]
        text = (a, f"{a} {b}", f"{a} {small[i]} {b}", f"{a} {b} {c}", f"{a} {b} {small[i]} {c} {d}",
                f"({a} {small[i]}) {b}", f"{a} {b}, Pt. {part[i]}")[shape[i]]  # fmt: skip
        if script[i] != "latin":
            own = SCRIPTS[script[i]]
            text = " ".join(own[int(j)] for j in rng.integers(0, len(own), 1 + part[i] % 3))
        made[i] = text if script[i] != "latin" else text.title()
    return made


def _versions(songs: pd.DataFrame, artists: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    names = [name for name, _ in VERSIONS]
    weights = np.array([weight for _, weight in VERSIONS])
    kind = rng.choice(len(names), len(songs), p=weights / weights.sum())
    made = songs.copy()
    year = np.minimum(2026, made["year"].to_numpy() + rng.integers(0, 25, len(made)))
    length = made["duration_s"].to_numpy().copy()
    places = [w.title() for w in WORDS]
    said = []
    for i, k in enumerate(kind):
        name = names[k]
        if "Remastered" in name:
            said.append(name.format(year[i]))
            length[i] += rng.normal(0, 0.8)
        elif "Remix" in name:
            said.append(name.format(artists[int(rng.integers(0, len(artists)))]))
            length[i] *= rng.uniform(0.8, 1.6)
        elif "Version" in name and "{}" in name:
            said.append(name.format(made["artist"].iloc[i].split()[0]))
            length[i] += rng.normal(0, 3)
        else:
            said.append(name.format(places[int(rng.integers(0, len(places)))]))
            factor = FACTORS.get(name, 1.05)
            length[i] = length[i] * factor + rng.normal(0, 5 if factor != 1.0 else 1)
    made["version"], made["year"] = said, year
    made["duration_s"] = np.clip(length, 30, 1500).round(1)
    return made


def _isrcs(n: int, years: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    countries = np.array(["US", "GB", "DE", "FR", "SE", "BR", "QZ", "JP"], object)
    signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    owner = [
        f"{countries[i % 8]}{signs[10 + i % 26]}{signs[i % 36]}{i % 10}"
        for i in rng.integers(0, 3600, n)
    ]
    number = rng.integers(0, 100000, n)
    made = [f"{o}{y % 100:02}{k:05}" for o, y, k in zip(owner, years, number, strict=True)]
    # Codes are unique: the next free number.
    taken: set[str] = set()
    for i, code in enumerate(made):
        while code in taken:
            code = f"{code[:7]}{(int(code[7:]) + 1) % 100000:05}"  # noqa: PLW2901
        taken.add(code)
        made[i] = code
    return np.array(made, object)


# --- what other catalogues make of it ------------------------------------------------------------


def _typo(text: str, rng: np.random.Generator) -> str:
    places = [i for i, c in enumerate(text) if c.isalpha()]
    if len(places) < 4:
        return text
    i = places[int(rng.integers(0, len(places) - 1))]
    letter = chr(97 + int(rng.integers(0, 26)))
    how = int(rng.integers(0, 4))
    return (
        text[:i] + text[i + 1 :],
        text[:i] + letter + text[i:],
        text[:i] + letter + text[i + 1 :],
        text[:i] + text[i + 1 : i + 2] + text[i] + text[i + 2 :],
    )[how]


def _no_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _latin(text: str) -> str:
    for native, plain in _ROMAJI.items():
        text = text.replace(native, plain).replace(native.title(), plain)
    folded = (
        _no_accents(text.lower()) if any("α" <= c <= "ώ" for c in text.lower()) else text.lower()
    )
    return "".join(_CYRILLIC.get(c, _GREEK.get(c, c)) for c in folded).title()


Row = dict[str, object]


def _guest_moved(r: Row, _: np.random.Generator) -> None:
    if r["guests"]:
        r["artist"], r["guests"] = f"{r['artist']}, {r['guests']}", ""


def _guest_lost(r: Row, _: np.random.Generator) -> None:
    r["guests"] = ""


def _remaster_tag(r: Row, rng: np.random.Generator) -> None:
    if not r["version"]:
        r["version"] = f"Remastered {int(rng.integers(2000, 2026))}"


def _set(name: str, change: Callable[[str, np.random.Generator], str]) -> Callable[..., None]:
    def apply(r: Row, rng: np.random.Generator) -> None:
        r[name] = change(str(r[name]), rng)

    return apply


def _both(*changes: Callable[..., None]) -> Callable[..., None]:
    def apply(r: Row, rng: np.random.Generator) -> None:
        for change in changes:
            change(r, rng)

    return apply


def _joined(r: Row, _: np.random.Generator) -> None:
    name = str(r["artist"])
    name = name.replace(" & ", " and ") if " & " in name else name
    r["artist"] = name.removeprefix("The ") if name.startswith("The ") else name.replace("DJ ", "")


def _renamed(r: Row, rng: np.random.Generator) -> None:
    words = rng.integers(0, len(WORDS), 2)
    r["title"] = " ".join(WORDS[int(i)] for i in words).title()


def _jitter(r: Row, rng: np.random.Generator) -> None:
    r["duration_s"] = float(r["duration_s"]) + float(rng.uniform(-3.5, 3.5))


def _no_isrc(r: Row, _: np.random.Generator) -> None:
    r["isrc"] = None


def _no_length(r: Row, _: np.random.Generator) -> None:
    r["duration_s"] = None


def _year(r: Row, rng: np.random.Generator) -> None:
    r["year"] = int(r["year"]) + int(rng.choice([-1, 1]))


def _album_version(r: Row, _: np.random.Generator) -> None:
    r["version"] = r["version"] or "Album Version"


def _cut(r: Row, _: np.random.Generator) -> None:
    r["shown"] = "cut"


def _styled(r: Row, _: np.random.Generator) -> None:
    r["style"] = "dash"


_TYPO_TITLE, _TYPO_ARTIST = _set("title", _typo), _set("artist", _typo)
_LATIN = _both(_set("title", lambda t, _: _latin(t)), _set("artist", lambda t, _: _latin(t)))
#: Name, share of the rows, what it does; `isrc wrong` and `isrc shared` are done elsewhere.
KINDS: tuple[tuple[str, float, Callable[..., None] | None], ...] = (
    ("nothing", 0.14, None), ("guest moved", 0.06, _guest_moved), ("guest lost", 0.04, _guest_lost),
    ("remaster tag", 0.05, _remaster_tag), ("typo in title", 0.07, _TYPO_TITLE),
    ("typo in artist", 0.05, _TYPO_ARTIST),
    ("typos in both", 0.02, _both(_TYPO_TITLE, _TYPO_ARTIST)), ("other script", 0.03, _LATIN),
    ("translated", 0.02, _renamed), ("isrc missing", 0.08, _no_isrc),
    ("isrc wrong", 0.03, None), ("isrc shared", 0.03, None),
    ("accents lost", 0.05, _both(_set("title", lambda t, _: _no_accents(t)),
                                 _set("artist", lambda t, _: _no_accents(t)))),
    ("the and dj", 0.05, _joined), ("length jitter", 0.06, _jitter),
    ("length missing", 0.03, _no_length), ("year off", 0.04, _year),
    ("cut short", 0.04, _cut),
    ("upper case", 0.04, _both(_set("title", lambda t, _: t.upper()),
                               _set("artist", lambda t, _: t.upper()))),
    ("album version", 0.04, _album_version), ("dashes", 0.03, _styled),
)  # fmt: skip


def shown(r: Row) -> str:
    """Write the title as a catalogue does."""
    text = str(r["title"])
    if r["guests"]:
        text += f" (feat. {r['guests']})"
    if r["version"]:
        text += f" - {r['version']}" if r.get("style") == "dash" else f" ({r['version']})"
    return text[:24].rstrip() if r.get("shown") == "cut" else text


def catalogues(n: int, seed: int, *, isrc: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give two catalogues of about `n` rows, with `rec` as truth and `kind` as what was done.

    A tenth of the left rows has no row on the right, where their versions and covers may be.
    """
    world = make(n, seed)
    rng = np.random.default_rng([seed, 1])
    names = [name for name, _, _ in KINDS]
    rates = np.array([rate for _, rate, _ in KINDS])
    kind = rng.choice(len(names), len(world), p=rates / rates.sum())
    kind = np.where(rng.random(len(world)) < 0.1, -1, kind)
    world["kind"] = [names[k] if k >= 0 else "absent" for k in kind]
    left = world.assign(title=[shown(r) for r in world.to_dict("records")])
    # Some codes and lengths are missing in every catalogue.
    left["isrc"] = left["isrc"].where(rng.random(len(left)) > 0.15, None)
    left["duration_s"] = left["duration_s"].where(rng.random(len(left)) > 0.03, np.nan)
    rows = world[kind >= 0]
    second = rows.sample(frac=0.15, random_state=rng)
    second = second.assign(release=_titles(len(second), second["script"].to_numpy(), rng))
    rows = pd.concat([rows, second], ignore_index=True)
    _mix_codes(rows, rng)
    actions = {name: action for name, _, action in KINDS}
    made = []
    for r in rows.to_dict("records"):
        action = actions[r["kind"]]
        r["duration_s"] = round(r["duration_s"] + rng.uniform(-0.6, 0.6))
        if action is not None:
            action(r, rng)
        if rng.random() < 0.15:
            r["isrc"] = None
        r["title"] = shown(r)
        made.append(r)
    right = pd.DataFrame(made).sample(frac=1.0, random_state=rng).reset_index(drop=True)
    columns = [
        "recording_id",
        "title",
        "artist",
        "isrc",
        "duration_s",
        "year",
        "release",
        "rec",
        "kind",
    ]
    left["recording_id"] = [f"l{i}" for i in range(len(left))]
    right["recording_id"] = [f"r{i}" for i in range(len(right))]
    left, right = left[columns].copy(), right[columns].copy()
    if not isrc:
        left["isrc"] = right["isrc"] = None
    return left, right


def _mix_codes(rows: pd.DataFrame, rng: np.random.Generator) -> None:
    """Give some rows the code of anything else, and some that of another version of the song."""
    wrong = np.flatnonzero(rows["kind"] == "isrc wrong")
    rows.loc[wrong, "isrc"] = rows["isrc"].to_numpy()[rng.integers(0, len(rows), len(wrong))]
    first = rows.groupby("song")["isrc"].transform("first")
    shared = rows["kind"] == "isrc shared"
    rows.loc[shared, "isrc"] = first[shared]
