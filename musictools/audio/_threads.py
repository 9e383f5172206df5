"""One thread for matrix products: more may add in another order, and the sums are to be the same.

Songs are measured side by side, one in each process, so that no core idles for it.
"""

from contextlib import AbstractContextManager

from threadpoolctl import ThreadpoolController

_CONTROLLER = ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Give a context in which matrix products are computed by one thread."""
    limited: AbstractContextManager[object] = _CONTROLLER.limit(limits=1, user_api="blas")
    return limited
