from ._capabilities import capabilities as capabilities
from ._store import Collected as Collected
from ._store import Store as Store
from ._terms import Policy as Policy
from ._terms import check_use as check_use
from ._terms import policy as policy
from .platforms._deezer import Deezer as Deezer
