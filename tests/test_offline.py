"""The tests' own walls: this process and all that it starts talk to this machine only."""

import os
import socket
import subprocess
import sys

import pytest

TRY = """
import socket
try:
    socket.create_connection((HOST, 9), timeout=1)
except PermissionError as error:
    print("refused", type(error).__name__)
except OSError as error:
    print("tried", type(error).__name__)
"""


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org", "2001:db8::1"])
def test_the_world_is_refused_here_and_in_what_is_started(host):
    with pytest.raises(PermissionError, match="without the network"):
        socket.create_connection((host, 80), timeout=1)
    program = TRY.replace("HOST", repr(host))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "refused NetworkInTestError\n"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.8.8.8"])
def test_this_machine_is_allowed(host):
    done = subprocess.run(
        [sys.executable, "-c", TRY.replace("HOST", repr(host))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "tried ConnectionRefusedError\n"


def test_no_packet_leaves_either():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe,
        pytest.raises(PermissionError),
    ):
        probe.sendto(b"x", ("192.0.2.1", 9))


def test_settings_of_the_reader_are_gone():
    kept = {"MUSICTOOLS_SHARED", "MUSICTOOLS_VENV", "MUSICTOOLS_DATA_DIR"}
    ours = {name for name in os.environ if name.startswith(("MUSICTOOLS_", "SPOTIPY_"))}
    assert ours <= kept
    assert "musictools-tests-" in os.environ["MUSICTOOLS_DATA_DIR"]
