"""How much memory a process holds, and a watch that ends it before it holds too much."""

import os
import sys
import threading
import time
from pathlib import Path

#: Exit code of a process that its watch ended.
EXIT_CODE = 86
_EVERY_S = 0.1
_MIB = 2**20


def resident_mib() -> float:
    """Memory that this process holds, in MiB; 0 where the system does not say.

    Where only the most that it ever held is known (macOS), that is given.
    """
    if sys.platform == "win32":
        return _windows_bytes() / _MIB
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB


def watch(limit_mib: float) -> None:
    """End this process with ``EXIT_CODE`` as soon as it holds more than a limit.

    A limit of the operating system would count what is only reserved, which numerical libraries
    do by the gigabyte.
    """

    def look() -> None:
        while resident_mib() <= limit_mib:
            time.sleep(_EVERY_S)
        os._exit(EXIT_CODE)

    threading.Thread(target=look, daemon=True).start()


def _windows_bytes() -> int:
    import ctypes

    class Counters(ctypes.Structure):
        _fields_ = (
            ("size", ctypes.c_uint32),
            ("faults", ctypes.c_uint32),
            *((f"field_{i}", ctypes.c_size_t) for i in range(8)),
        )

    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined, unused-ignore]  # on Windows only
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    counters = Counters(size=ctypes.sizeof(Counters))
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    if not kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.size):
        return 0
    # PROCESS_MEMORY_COUNTERS: the peak stands first, the present working set second.
    return int(counters.field_1)
