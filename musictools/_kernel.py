"""Loops that are compiled: what NumPy can only do in many passes over memory.

Modules named ``*_kernels`` hold them, and are imported where they are used, since loading numba
takes half a second that listing descriptors must not pay. Every kernel states its signatures, so
that all of them are compiled (or loaded from numba's cache on disk) when its module is imported:
once for each machine, not once for each worker.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])


def kernel(
    *signatures: str, fastmath: bool | set[str] = False, inlined: bool = False
) -> Callable[[F], F]:
    """Compile a function of arrays and numbers.

    Parameters
    ----------
    *signatures : str
        In numba's notation, such as ``"float64[::1](float32[:, ::1], int64)"``. Arrays that are
        read-only are not accepted where a signature says nothing of it; the pass hands out
        writable ones.
    fastmath : bool or set of str, default False
        True lets sums be taken in any order, which lets the processor take several at a time; such
        a kernel must not be given NaN or infinity. A set names single liberties, as LLVM does:
        ``{"contract"}`` lets a product and a sum be rounded once.
    inlined : bool, default False
        True for a kernel with liberties that other kernels call. Else two compilations of it, its
        own and the caller's, answer to one name and sum in other orders, and which of them is
        called depends on what the process found in the cache.

    Notes
    -----
    numba's cache knows a kernel by its own file. Who changes a kernel that another room calls must
    touch that room as well, or what was compiled before goes on there.
    """

    def compiled(function: F) -> F:
        options: dict[str, Any] = {
            "nogil": True,
            "fastmath": fastmath,
            "error_model": "numpy",
            "forceinline": inlined,
        }
        njit: Any = numba.njit
        made: F
        try:
            made = njit(list(signatures), cache=True, **options)(function)
        except RuntimeError:
            # Neither the package's folder nor the reader's own can be written: compile each time.
            made = njit(list(signatures), **options)(function)
        return made

    return compiled
