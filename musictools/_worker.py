"""The other end of :mod:`musictools._workers`: one JSON line in, one JSON line out."""

import importlib
import json
import math
import os
import sys
from collections.abc import Callable
from typing import IO, Any

from musictools import _memory
from musictools._workers import MARK
from musictools.errors import MusictoolsError


def main(target: str, memory_mib: float) -> None:
    """Serve calls of ``"package.module:function"`` until standard input ends."""
    # A library that prints must not break the line protocol: keep standard output for replies.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    module, _, name = target.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    if math.isfinite(memory_mib):
        _memory.watch(memory_mib)
    _answer(replies, "ready")
    for line in sys.stdin:
        _answer(replies, _call(function, json.loads(line)))


def _answer(replies: IO[str], reply: Any) -> None:
    replies.write(f"{MARK}{json.dumps(reply)}\n")
    replies.flush()


def _call(function: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"result": function(**arguments)}
    except (MusictoolsError, OSError, MemoryError) as error:
        return {"error": _one_line(error)}
    except Exception as error:  # noqa: BLE001 - one task's failure is one row, never the end of the run
        return {"error": f"{_one_line(error)} (a defect of musictools: please report it)"}


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
