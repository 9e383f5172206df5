"""What tests of collectors stand on: servers of this machine, and pauses that cost no time."""

import json

import pytest

from musictools.collect._transport import Transport
from tests.collect.hostile import Hostile


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(Transport, "first_pause_s", 0.002)


@pytest.fixture
def serve():
    """Serve platforms until the test is over: ``serve(platform, faults=..., share=...)``."""
    running = []

    def start(platform, **kwargs):
        running.append(Hostile(platform, **kwargs))
        return running[-1].__enter__()

    yield start
    for one in running:
        one.__exit__()


@pytest.fixture(scope="session")
def fixtures(shared):
    """Recorded answers of real platforms; nothing of it is part of the product."""
    return shared / "data" / "api-fixtures"


@pytest.fixture
def recorded(fixtures):
    """Read one recorded answer: ``recorded("spotify/tests/fixtures/artist.json")``."""
    return lambda path: json.loads((fixtures / path).read_text("utf-8"))


@pytest.fixture
def cassettes(fixtures):
    """Read what was said in a cassette of vcrpy: address, status and body of each answer."""
    yaml = pytest.importorskip("yaml", reason="pyyaml is in the test group")

    def read(path):
        text = (fixtures / path).read_text("utf-8")
        said = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return [
            (
                one["request"]["uri"],
                one["response"]["status"]["code"],
                one["response"]["body"]["string"],
            )
            for one in said["interactions"]
        ]

    return read
