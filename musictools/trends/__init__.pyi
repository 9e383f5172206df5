from ._chart_runs import chart_runs as chart_runs
from ._diffusion import Diffusion as Diffusion
from ._diffusion import bass as bass
from ._diffusion import gompertz as gompertz
from ._half_life import Decay as Decay
from ._half_life import half_life as half_life
from ._hawkes import HawkesResponse as HawkesResponse
from ._hawkes import hawkes as hawkes
