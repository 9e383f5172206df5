from ._audio import chroma as chroma
from ._audio import loudness as loudness
from ._audio import spectrogram as spectrogram
from ._audio import waveform as waveform
from ._features import features as features
from ._labels import label as label
from ._style import PALETTE as PALETTE
from ._style import style as style
