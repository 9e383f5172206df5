"""Things for a worker to do, some of them terrible."""

import os
import signal
import sys
import time

from musictools.errors import InputError


def double(number):
    return 2 * number


def crash_on_odd(number):
    if number % 2:
        print(f"last words {number}", file=sys.stderr, flush=True)
        os._exit(7)
    return number


def kill_itself():
    os.kill(os.getpid(), signal.SIGKILL)


def fail(kind):
    if kind == "ours":
        raise InputError("try", got="1", expected="2", hint="3")
    return 1 / 0


def sleep(seconds):
    time.sleep(seconds)


def chatter(number):
    print("a library prints")
    os.write(1, b"and another writes\n")
    return number


def pid(number):
    return os.getpid()


KEPT = []


def hold(mebibytes, then_wait_s=0.0):
    """Fill memory, and keep it for the tasks to come."""
    KEPT.append(bytearray(int(mebibytes * 2**20)))
    time.sleep(then_wait_s)
    return len(KEPT)
