"""Servers that Prism makes of the platforms' own contracts."""

import json
import shutil
import socket
import subprocess
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

PRISM = "@stoplight/prism-cli@5.14.2"


@pytest.fixture(scope="session")
def prism(root):
    """Node and Prism's program; installed into build/prism the first time, 90 MB."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("no Node and npm: the contracts are not served")
    folder = root / "build" / "prism"
    # Not the short name in .bin: that is a script of the shell on some systems.
    program = folder / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    if not program.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--prefix", folder, "--no-audit", "--no-fund", PRISM]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode or not program.is_file():
            why = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            pytest.skip(f"npm could not install {PRISM}: {''.join(why)[:200]}")
    return [node, str(program)]


class Contract:
    """A contract that is served, and the record of what was asked against it.

    Parameters
    ----------
    url : str
        Of the server.
    description : dict
        OpenAPI.
    """

    def __init__(self, url, description):
        self.url, self.description = url, description
        self.asked = []

    def watch(self, transport):
        """Compare each request with the contract from now on."""
        transport.hooks["response"].append(self._look)

    def _look(self, response, *_, **__):
        parts = urlsplit(response.request.url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.asked.append((response.request.method, parts.path, query))
        # Prism lets parameters pass that the contract does not know: here they do not.
        unknown = set(query) - self.known(response.request.method, parts.path)
        assert not unknown, f"{parts.path}: the contract knows no {unknown}"
        assert response.status_code < 400, f"{parts.path}?{parts.query}: {response.text[:500]}"
        # Its own examples may be against it, since fields were taken out of it; our requests not.
        found = json.loads(response.headers.get("sl-violations", "[]"))
        assert not [one for one in found if one["location"][0] == "request"], found

    def known(self, method, path):
        """Give the parameters of a path."""
        for shape, operations in self.description["paths"].items():
            steps, given = shape.strip("/").split("/"), path.strip("/").split("/")
            if len(steps) == len(given) and all(
                one.startswith("{") or one == other for one, other in zip(steps, given, strict=True)
            ):
                entries = operations[method.lower()].get("parameters", [])
                return {self._resolved(one)["name"] for one in entries}
        raise AssertionError(f"the contract has no {method} {path}")

    def _resolved(self, entry):
        if "$ref" not in entry:
            return entry
        found = self.description
        for step in entry["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return found


@pytest.fixture(scope="session")
def serve_contract(prism, shared):
    """Serve contracts until the session is over: ``serve_contract("spotify-devmode.json")``."""
    running = {}

    def start(name):
        if name not in running:
            path = shared / "data" / "openapi" / name
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            command = [*prism, "mock", "-h", "127.0.0.1", "-p", str(port), str(path)]
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            running[name] = process, f"http://127.0.0.1:{port}"
            _wait_for(*running[name])
        return Contract(
            running[name][1],
            json.loads((shared / "data" / "openapi" / name).read_text("utf-8")),
        )

    yield start
    for process, _ in running.values():
        process.terminate()
        process.wait(10)


def _wait_for(process, url):
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None, "Prism has ended by itself"
        try:
            requests.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("Prism did not begin to serve in two minutes")
