"""Our own engine: the list of families."""

from collections.abc import Mapping

from musictools.audio._bandwidth import Bandwidth
from musictools.audio._beat_intervals import BeatIntervals
from musictools.audio._chords import Chords
from musictools.audio._danceability import Danceability
from musictools.audio._descriptor import Descriptor, Family, Value
from musictools.audio._dynamics import Dynamics
from musictools.audio._groove import Groove
from musictools.audio._levels import Levels
from musictools.audio._loudness import LoudnessFamily
from musictools.audio._pass import analyse
from musictools.audio._recording import Recording
from musictools.audio._rhythm import Rhythm
from musictools.audio._stereo import Stereo
from musictools.audio._stream import AudioFile
from musictools.audio._structure import Structure
from musictools.audio._timbre import Timbre
from musictools.audio._tonal import Tonal
from musictools.audio._vocal import Vocal

FAMILIES: tuple[Family, ...] = (
    Levels(),
    LoudnessFamily(),
    Dynamics(),
    Stereo(),
    Bandwidth(),
    Timbre(),
    Vocal(),
    Tonal(),
    Chords(),
    Rhythm(),
    BeatIntervals(),
    Groove(),
    Danceability(),
    Structure(),
)
#: Raised by hand whenever a descriptor changes its numbers.
REVISION = 6


class _Own:
    """The families of this package, in one pass."""

    def version(self) -> str:
        """Give the revision of the numbers."""
        return str(REVISION)

    def columns(self) -> tuple[Descriptor, ...]:
        """Every descriptor, in the order of the features table."""
        return tuple(d for family in FAMILIES for d in family.descriptors)

    def measure(self, source: Recording | AudioFile) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        return analyse(source, FAMILIES)


ENGINE = _Own()
