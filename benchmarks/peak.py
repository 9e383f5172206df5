"""The most memory that a process has held; each benchmark asks it in a process of its own."""

import sys
from pathlib import Path


def peak_mib() -> float:
    """Most memory that this process has held, in MiB."""
    try:
        # The peak of getrusage is handed down from the process that started this one.
        status = Path("/proc/self/status").read_text("ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 2**10
    except (OSError, IndexError):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (2**20 if sys.platform == "darwin" else 2**10)
