from . import audio as audio
from . import datasets as datasets
from . import errors as errors
from . import lab as lab
from . import plot as plot
from . import tables as tables
from ._version import __version__ as __version__
from ._versions import show_versions as show_versions
