"""Scores as MIDI bytes, and fluidsynth that plays them."""

import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile as sf

SAMPLE_RATE = 44_100
#: A tick is 0.2 ms: the tempo of the file is fixed, so that any drift can be written.
TICKS_PER_SECOND = 5_000
DRUM_CHANNEL = 9
#: Bends of the pitch wheel per semitone, at the usual range of two.
BEND_PER_SEMITONE = 4_096
#: What rings on after the last note.
TAIL_S = 1.5
FONT_FOLDERS = ("/usr/share/sounds/sf2", "/usr/share/sounds/sf3", "/usr/share/soundfonts")
TIMEOUT_S = 120.0

Sound = npt.NDArray[np.float32]


@dataclass
class Events:
    """MIDI messages with their times, for one file."""

    items: list[tuple[int, int, bytes]] = field(default_factory=list)

    def add(self, time_s: float, *message: int) -> None:
        """Add a message; at the same tick, earlier additions come first."""
        tick = max(0, round(time_s * TICKS_PER_SECOND))
        self.items.append((tick, len(self.items), bytes(message)))

    def note(
        self, channel: int, start_s: float, end_s: float, *, pitch: int, velocity: float
    ) -> None:
        """Add a note."""
        key, touch = int(np.clip(pitch, 0, 127)), int(np.clip(round(127 * velocity), 1, 127))
        self.add(start_s, 0x90 | channel, key, touch)
        self.add(max(end_s, start_s + 0.02), 0x80 | channel, key, 0)

    def control(self, channel: int, controller: int, value: float) -> None:
        """Set a controller at the beginning."""
        self.add(0.0, 0xB0 | channel, controller, int(np.clip(value, 0, 127)))

    def program(self, channel: int, program: int) -> None:
        """Choose an instrument at the beginning."""
        self.add(0.0, 0xC0 | channel, program)

    def tune(self, channel: int, cents: float) -> None:
        """Tune a channel by registered parameter 1: 8192 is in tune, 8192 steps a semitone."""
        value = int(np.clip(round(8_192 + 81.92 * cents), 0, 16_383))
        for controller, part in ((101, 0), (100, 1), (6, value >> 7), (38, value & 127)):
            self.control(channel, controller, part)

    def bend(self, channel: int, time_s: float, semitones: float) -> None:
        """Turn the pitch wheel."""
        value = int(np.clip(round(8_192 + BEND_PER_SEMITONE * semitones), 0, 16_383))
        self.add(time_s, 0xE0 | channel, value & 127, value >> 7)

    def file(self, end_s: float) -> bytes:
        """Write a standard MIDI file, format 0."""
        body = bytearray(b"\x00\xff\x51\x03" + (1_000_000).to_bytes(3, "big"))
        now = 0
        for tick, _, message in sorted(self.items):
            body += _variable(tick - now) + message
            now = tick
        body += _variable(max(0, round(end_s * TICKS_PER_SECOND) - now)) + b"\xff\x2f\x00"
        head = b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS_PER_SECOND)
        return head + b"MTrk" + struct.pack(">I", len(body)) + bytes(body)


def _variable(number: int) -> bytes:
    """Write a number seven bits at a time, the highest first."""
    out = [number & 127]
    while number := number >> 7:
        out.append(number & 127 | 128)
    return bytes(reversed(out))


def find_fonts() -> list[Path]:
    """Give the sound fonts of this machine, each once, in order of their names."""
    if shutil.which("fluidsynth") is None:
        return []
    found = {
        path.resolve()
        for folder in FONT_FOLDERS
        for path in Path(folder).glob("*.sf[23]")
        if "default" not in path.name
    }
    return sorted(found, key=lambda path: path.name)


def play_midi(data: bytes, font: Path, *, reverb: bool, chorus: bool, n: int) -> Sound:
    """Play a MIDI file with fluidsynth.

    Parameters
    ----------
    data : bytes
        Of the file.
    font : Path
        A sound font.
    reverb, chorus : bool
        Whether its effects are on.
    n : int
        Samples wanted.

    Returns
    -------
    numpy.ndarray, shape (2, n), float32
        At 44.1 kHz, level as it comes.
    """
    with tempfile.TemporaryDirectory(prefix="training-song-") as folder:
        midi, wave = Path(folder) / "song.mid", Path(folder) / "song.wav"
        midi.write_bytes(data)
        subprocess.run(
            [
                "fluidsynth", "-n", "-i", "-q", "-F", str(wave), "-T", "wav", "-O", "float",
                "-r", str(SAMPLE_RATE), "-g", "0.4", "-R", str(int(reverb)), "-C", str(int(chorus)),
                "-o", "synth.dynamic-sample-loading=1", "-o", "synth.polyphony=128",
                "-o", "player.reset-synth=0", str(font), str(midi),
            ],
            check=True, capture_output=True, timeout=TIMEOUT_S,
        )  # fmt: skip
        samples, _ = sf.read(str(wave), dtype="float32", always_2d=True)
    out = np.zeros((2, n), dtype=np.float32)
    out[:, : min(n, len(samples))] = samples[:n].T
    return out
