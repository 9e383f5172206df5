"""Learned numbers, kept as plain text beside the code that uses them.

Each file names the script of tools/training that made it, so that anybody can make it again.
"""

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def load_model(name: str) -> dict[str, Any]:
    """Give the contents of ``_models/NAME.json``."""
    file = resources.files("musictools.audio") / "_models" / f"{name}.json"
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found
