from musictools import audio as audio
from musictools import datasets as datasets
from musictools import errors as errors
from musictools import lab as lab
from musictools import plot as plot
from musictools import tables as tables
from musictools._version import __version__ as __version__
from musictools._versions import show_versions as show_versions
