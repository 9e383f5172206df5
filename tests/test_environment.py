"""The conda file, the pins and the project file say the same."""

import os
import re
import shutil
import subprocess
import tomllib

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CONDA_NAMES = {
    "python-duckdb": "duckdb",
    "soxr-python": "soxr",
}
CONDA_EXTRAS = ("lab", "spotify", "collect", "av", "forecast")
CONDA_OWN = {"python", "pip"}
BUILD_GROUP = "build"
LOCKS = ("requirements.lock", "requirements-core.lock", "requirements-essentia.lock")
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>\S+)(?: ; (?P<marker>.+?))? \\$", re.MULTILINE)


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def conda(root):
    yaml = pytest.importorskip("yaml", reason="no pyyaml: the conda file is not compared")
    return yaml.safe_load((root / "environment.yml").read_text())


def parsed(lines):
    return {canonicalize_name(one.name): one for one in map(Requirement, lines)}


def wanted(project, *extras):
    lines = list(project["project"]["dependencies"])
    for extra in extras:
        lines += project["project"]["optional-dependencies"][extra]
    return parsed(lines)


def pins(text):
    return [
        (canonicalize_name(found["name"]), found["version"], found["marker"])
        for found in PIN.finditer(text)
    ]


def through_pip(conda):
    (lines,) = (line["pip"] for line in conda["dependencies"] if isinstance(line, dict))
    return lines


def test_conda_names_the_same_packages_with_the_same_bounds(project, conda):
    lines = [line for line in conda["dependencies"] if isinstance(line, str)]
    lines += [line for line in through_pip(conda) if not line.startswith("essentia")]
    there = {CONDA_NAMES.get(name, name): one for name, one in parsed(lines).items()}
    ours = wanted(project, *CONDA_EXTRAS) | parsed(project["dependency-groups"][BUILD_GROUP])
    assert set(there) - CONDA_OWN == set(ours)
    assert {name: str(there[name].specifier) for name in ours} == {
        name: str(one.specifier) for name, one in ours.items()
    }
    assert str(there["python"].specifier) == project["project"]["requires-python"]


def test_conda_gets_essentia_through_pip_with_its_marker(project, conda):
    from_pip = [line for line in through_pip(conda) if line.startswith("essentia")]
    ours = project["project"]["optional-dependencies"]["essentia"]
    assert [str(Requirement(line)) for line in from_pip] == [
        str(Requirement(line)) for line in ours
    ]
    assert conda["channels"] == ["conda-forge"]


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_hashes_and_no_addresses(root, lock):
    text = (root / lock).read_text()
    found = pins(text)
    assert found
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if entry.strip()]
    assert len(entries) == len(found), "a line that is no pin"
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|\bindex\b|find-links|#|[A-Za-z]:\\|(?<![\w.])/\w", text)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
@pytest.mark.parametrize(
    ("lock", "extras", "groups"),
    [
        ("requirements.lock", ("lab", "spotify", "av"), ("build", "runner", "forecast", "test")),
        ("requirements-core.lock", (), ("build", "runner")),
    ],
)
def test_lock_pins_every_dependency_once(root, project, lock, extras, groups, python, system):
    place = default_environment() | {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": system,
        "os_name": "nt" if system == "win32" else "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    chosen = [
        (name, version)
        for name, version, marker in pins((root / lock).read_text())
        if marker is None or Requirement(f"x ; {marker}").marker.evaluate(place)
    ]
    versions = dict(chosen)
    assert len(versions) == len(chosen), "two pins of one package for the same Python"
    needed = list(wanted(project, *extras).values())
    for group in groups:
        lines = [line for line in project["dependency-groups"][group] if isinstance(line, str)]
        needed += map(Requirement, lines)
    here = [one for one in needed if one.marker is None or one.marker.evaluate(place)]
    for one in here:
        assert one.specifier.contains(versions[canonicalize_name(one.name)], prereleases=True), one
    elsewhere = {canonicalize_name(one.name) for one in needed}
    elsewhere -= {canonicalize_name(one.name) for one in here}
    assert elsewhere.isdisjoint(versions)
    assert "essentia" not in versions


def test_core_lock_is_a_part_of_the_full_one(root):
    full = {(name, version) for name, version, _ in pins((root / LOCKS[0]).read_text())}
    core = {(name, version) for name, version, _ in pins((root / LOCKS[1]).read_text())}
    assert core < full


def test_essentia_agrees_with_the_rest_and_with_the_extra(root, project):
    (ours,) = map(Requirement, project["project"]["optional-dependencies"]["essentia"])
    full = {name: set() for name, _, _ in pins((root / LOCKS[0]).read_text())}
    for name, version, _ in pins((root / LOCKS[0]).read_text()):
        full[name].add(version)
    for name, version, marker in pins((root / LOCKS[2]).read_text()):
        if name == "essentia":
            assert ours.specifier.contains(version, prereleases=True)
            assert "sys_platform" in marker
        else:
            assert version in full.get(name, {version})


def test_uv_lock_is_neither_tracked_nor_wanted(root):
    assert "uv.lock" in (root / ".gitignore").read_text().splitlines()
    if not (root / ".git").exists():
        pytest.skip("not a git checkout")
    tracked = subprocess.run(
        ["git", "ls-files", "uv.lock"], cwd=root, capture_output=True, text=True, check=True
    )
    assert tracked.stdout == ""


def test_the_wheel_brings_what_readers_need(root, project):
    """Every notebook and datasheet, and none of the sources that notebooks are built from."""
    shipped = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    folders = [root / "notebooks", root / "datasets"]
    there = {f.relative_to(root).as_posix() for d in folders for f in d.iterdir() if f.is_file()}
    assert set(shipped) == there
    assert all(place == f"musictools/_share/{name}" for name, place in shipped.items())


def test_binder_asks_for_what_there_is(root, project):
    folder = root / ".binder"
    lines = (folder / "requirements.txt").read_text().splitlines()
    asked = [line for line in lines if line and not line.startswith("#")]
    assert len(asked) == 1
    extras = re.fullmatch(r"-e \.\[([\w,]+)\]", asked[0])[1].split(",")
    assert {"lab"} <= set(extras) <= set(project["project"]["optional-dependencies"])
    runtime = (folder / "runtime.txt").read_text().strip().removeprefix("python-")
    assert f"Programming Language :: Python :: {runtime}" in project["project"]["classifiers"]


def test_what_binder_runs_after_the_build_is_a_script(root):
    script = root / ".binder" / "postBuild"
    assert os.name == "nt" or os.access(script, os.X_OK)
    text = script.read_text()
    assert text.startswith("#!/bin/bash\n")
    compile(re.search(r'(?m)^python -c "(.+)"$', text)[1], "postBuild", "exec")
    bash = shutil.which("bash") or pytest.skip("no bash: the script is not parsed")
    subprocess.run([bash, "-n", script], check=True)
