from ._label import Label as Label
from ._label import load_label as load_label
from ._platform import SimulatedPlatform as SimulatedPlatform
from ._platform import simulate_platform as simulate_platform
from ._playback_targets import load_playback_targets as load_playback_targets
from ._simulate import SimulatedRecording as SimulatedRecording
from ._simulate import simulate_recording as simulate_recording
from ._synth._spec import Fault as Fault
