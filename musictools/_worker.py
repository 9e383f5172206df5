"""The other end of :mod:`musictools._workers`: one JSON line in, one JSON line out."""

import importlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from musictools.errors import MusictoolsError


def main(target: str) -> None:
    """Serve calls of ``"package.module:function"`` until standard input ends."""
    # A library that prints must not break the line protocol: keep standard output for replies.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    module, _, name = target.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    for line in sys.stdin:
        replies.write(json.dumps(_call(function, json.loads(line))) + "\n")
        replies.flush()


def _call(function: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"result": function(**arguments)}
    except MusictoolsError as error:
        return {"error": f"{type(error).__name__}: {error}"}
    except Exception as error:  # noqa: BLE001 - one task's failure is one row, never the end of the run
        return {
            "error": f"{type(error).__name__}: {error} (a defect of musictools: please report it)"
        }


if __name__ == "__main__":
    main(sys.argv[1])
