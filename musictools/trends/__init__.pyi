from ._backtest import Backtest as Backtest
from ._backtest import backtest as backtest
from ._forecast import forecast as forecast
from ._forecast_result import Forecast as Forecast
from ._half_life import Decay as Decay
from ._half_life import half_life as half_life
from ._reconcile import aggregate as aggregate
from ._reconcile import reconcile as reconcile
