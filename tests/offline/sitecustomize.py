"""No network in tests: every Python that finds this file first on its path talks to itself only.

Loaded by the interpreter at start in each subprocess and kernel, and by ``conftest.py`` in pytest.
"""

import importlib.machinery
import importlib.util
import ipaddress
import socket
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_LOCAL_NAMES = {"localhost", "", None, socket.gethostname()}


class NetworkInTestError(PermissionError):
    """A test tried to leave the machine."""


def is_local(host):
    """Whether a host is this machine."""
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if host in _LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def refuse(host, what):
    """Raise unless the host is this machine."""
    if not is_local(host):
        message = f"tests run without the network, and something wants to {what} {host!r}"
        raise NetworkInTestError(message)


def _guarded(original, what):
    def method(self, *args):
        # The address stands last; addresses of other families are paths on this machine.
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(args[-1], tuple):
            refuse(args[-1][0], what)
        return original(self, *args)

    return method


def close_the_doors():
    """Replace what opens connections and looks up names. Twice is the same as once."""
    if getattr(socket, "musictools_offline", False):
        return
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name), name))
    look_up = socket.getaddrinfo

    def getaddrinfo(host, *args, **kwargs):
        refuse(host, "look up")
        return look_up(host, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo
    socket.musictools_offline = True


def _run_the_one_behind():
    # This file stands before a sitecustomize of the system or of a coverage tool.
    others = [entry for entry in sys.path if Path(entry or ".").resolve() != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


close_the_doors()
if __name__ == "sitecustomize":
    _run_the_one_behind()
