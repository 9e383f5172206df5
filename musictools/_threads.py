"""One thread for matrix products: more may add in another order, and the sums are to be the same.

Songs are measured side by side, one in each process, so that no core idles for it; and of many
small systems more threads only wait for each other. Those of trees wait by turning on the spot:
where another process wants a core too, growing them takes a hundred times as long.
"""

from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


@cache
def _controller() -> "ThreadpoolController":
    # SciPy brings a library of its own, and only those that are loaded by now are held back.
    import scipy.linalg  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Give a context in which matrix products are computed by one thread."""
    limited: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limited


def one_thread_for_trees() -> AbstractContextManager[object]:
    """Give a context in which scikit-learn grows trees, and asks them, in one thread."""
    # Only libraries that are loaded by now are held back.
    import sklearn.ensemble  # noqa: F401
    from threadpoolctl import ThreadpoolController

    limited: AbstractContextManager[object] = ThreadpoolController().limit(limits=1)
    return limited
