"""One door to the checkout: set it up, open the laboratory, run the tests.

``python tools/do.py help`` lists the verbs. Standard library only. The file is kept readable for
Python 3.8, so that a reader with an old Python is told so in a sentence.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile

import _environment as environment
from _environment import ROOT, SetupError

LOCKED = ["--extra", "lab", "--extra", "spotify", "--extra", "collect", "--extra", "av"]
FIRST_NOTEBOOKS = ("00-start-here.ipynb", "01-what-a-recording-measures.ipynb")
INTERRUPTED, NO_TESTS_COLLECTED = 2, 5
# What takes its time, and what needs Node, has verbs of its own.
QUICK = "not slow and not contract"
# On their own: what is measured in time, and what waits for a browser.
ALONE = "browser or alone"
# Tests of one file share what is dear to make, so that one process runs them all.
BY_TWO = ("-n", "2", "--dist", "loadfile")
# Git ignores them, and ruff with it; a downloaded archive has no git.
NOT_OURS = ("--extend-exclude", ".venv*")
SPELLED = ("musictools", "tests", "tools", "benchmarks", "datasets", "notebooks/source")
SPELLED += ("docs", "README.md", "CONTRIBUTING.md", "CHANGELOG.md")
WASTE = ("build", "dist", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis")


def lab(words: list[str]) -> int:
    """Open JupyterLab on the first notebook."""
    return _musictools("lab", *words)


def lab_check(words: list[str]) -> int:
    """Start JupyterLab, run the first notebook through it, stop it again."""
    return _musictools("lab", "--check", *words)


def test(words: list[str]) -> int:
    """Run the tests and the first two notebooks; words after -- go to pytest."""
    code = _pytest(*BY_TWO, "-m", QUICK, *words)
    # A reader who picks tests wants those tests, not two notebooks besides.
    return code or (0 if words else _run_notebooks())


def test_slow(words: list[str]) -> int:
    """Run the tests that take over five seconds each."""
    codes = [_pytest(*BY_TWO, "-m", f"slow and not ({ALONE})", *words)]
    if codes[0] != INTERRUPTED:
        codes.append(_pytest("-m", f"slow and ({ALONE})", *words))
    return max((code for code in codes if code != NO_TESTS_COLLECTED), default=0)


def test_core(words: list[str]) -> int:
    """Run the tests with the core packages only, in .venv-core."""
    core = environment.Environment(
        ROOT / ".venv-core", lock=ROOT / "requirements-core.lock", essentia=False
    )
    return _pytest(*BY_TWO, "-m", QUICK, "-q", *words, place=core)


def test_contract(words: list[str]) -> int:
    """Compare the collectors with the platforms' own contracts; needs Node."""
    # Without Node each test says that it is skipped, and why.
    return _pytest("-m", "contract", *words)


def gallery(words: list[str]) -> int:
    """Run every notebook into build/gallery/index.html."""
    return _musictools("gallery", *words)


def docs(words: list[str]) -> int:
    """Build the site into build/docs/index.html, running notebooks that have changed."""
    return environment.call([environment.ready(), ROOT / "tools" / "docs.py", "build", *words])


def bench_audio(words: list[str]) -> int:
    """Compare the audio engine with essentia, librosa and decoding; --long adds two hours."""
    return environment.call([environment.ready(), ROOT / "benchmarks" / "audio.py", *words])


def lint(words: list[str]) -> int:
    """Check style and spelling."""
    python = environment.ready()
    targets = words or ["."]
    commands = (
        ["ruff", "check", *targets, *NOT_OURS],
        ["ruff", "format", "--check", *targets, *NOT_OURS],
        ["codespell_lib", *(words or SPELLED)],
    )
    # All of them, so that one run shows all there is to mend.
    return max(environment.call([python, "-m", *command]) for command in commands)


def types(words: list[str]) -> int:
    """Check the types of the package."""
    return environment.call([environment.ready(), "-m", "mypy", *words])


def format_(words: list[str]) -> int:
    """Format the code and mend what can be mended by itself."""
    python = environment.ready()
    targets = words or ["."]
    fixed = environment.call([python, "-m", "ruff", "check", "--fix-only", *targets, *NOT_OURS])
    return environment.call([python, "-m", "ruff", "format", *targets, *NOT_OURS]) or fixed


def setup(words: list[str]) -> int:
    """Set up .venv, or bring it up to date and put back what is missing."""
    if words:
        raise SetupError(what="setup takes no words, got " + " ".join(words), hint="make setup")
    python = environment.ready(again=True)
    print(f"ready: {python}")
    return 0


def lock(words: list[str]) -> int:
    """Pin every package anew; needs uv."""
    uv = shutil.which("uv")
    if not uv:
        raise SetupError(what="pinning needs uv, which is not on PATH", hint="pipx install uv")
    compiling = [uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    compiling += ["--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate"]
    full = [*LOCKED, "--group", "build", "--group", "test", "-o", "requirements.lock"]
    core = ["--group", "build", "--group", "runner", "-o", "requirements-core.lock"]
    essentia = ["requirements-essentia.in", "-o", "requirements-essentia.lock"]
    same = ["-c", "requirements.lock"]
    for parts in (["pyproject.toml", *full], ["pyproject.toml", *core, *same], [*essentia, *same]):
        code = environment.call([*compiling, *parts, *words])
        if code:
            return code
    return 0


def clean(_words: list[str]) -> int:
    """Remove build products and caches; the environment stays."""
    for name in WASTE:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for top in ("musictools", "tests", "tools", "benchmarks", "notebooks"):
        for name in ("__pycache__", ".ipynb_checkpoints"):
            for folder in (ROOT / top).rglob(name):
                shutil.rmtree(folder, ignore_errors=True)
    return 0


def bench_collect(words: list[str]) -> int:
    """Compare collecting and storing with plain requests and one bulk insert."""
    return environment.call([environment.ready(), ROOT / "benchmarks" / "collect.py", *words])


def bench_resolve(words: list[str]) -> int:
    """Measure resolution of made-up catalogues beside plain rapidfuzz; --rows 1000000 is long."""
    return environment.call([environment.ready(), ROOT / "benchmarks" / "resolve.py", *words])


def bench_imports(words: list[str]) -> int:
    """Compare reading a large statement with DuckDB reading it as text."""
    return environment.call([environment.ready(), ROOT / "benchmarks" / "imports.py", *words])


def bench_fraud(words: list[str]) -> int:
    """Measure how well bought listening is found, beside the best rule of one column."""
    return environment.call([environment.ready(), ROOT / "benchmarks" / "fraud.py", *words])


def bench_payouts(words: list[str]) -> int:
    """Compare payouts with the same by hand in DuckDB and polars; 100 million plays are long."""
    return environment.call([environment.ready(), ROOT / "benchmarks" / "payouts.py", *words])


def bench_mix(words: list[str]) -> int:
    """Measure the media mix on campaigns whose truth is known, beside an oracle and ridge."""
    return environment.call([environment.ready(), ROOT / "benchmarks" / "mix.py", *words])


def bench_impact(words: list[str]) -> int:
    """Measure how often intervals of impact() hold the truth; --runs 40 is quick."""
    return environment.call([environment.ready(), ROOT / "benchmarks" / "impact.py", *words])


def bench_forecast(words: list[str]) -> int:
    """Compare forecasts with naive and classical models on charts and simulated streams."""
    return environment.call([environment.ready(), ROOT / "benchmarks" / "forecast.py", *words])


def help_(_words: list[str]) -> int:
    """Show this list."""
    print("python tools/do.py VERB [words]        or        make VERB\n")
    for name, verb in VERBS.items():
        print(f"  {name:<13} {(verb.__doc__ or '').splitlines()[0]}")
    print("\nFor example: python tools/do.py test -- -k loudness")
    print('         or: make test ARGS="-k loudness"')
    print("MUSICTOOLS_VENV names another folder than .venv for the environment.")
    return 0


VERBS = {
    "lab": lab,
    "lab-check": lab_check,
    "test": test,
    "test-slow": test_slow,
    "test-core": test_core,
    "test-contract": test_contract,
    "gallery": gallery,
    "docs": docs,
    "bench-audio": bench_audio,
    "bench-collect": bench_collect,
    "bench-resolve": bench_resolve,
    "bench-imports": bench_imports,
    "bench-fraud": bench_fraud,
    "bench-payouts": bench_payouts,
    "bench-mix": bench_mix,
    "bench-impact": bench_impact,
    "bench-forecast": bench_forecast,
    "lint": lint,
    "types": types,
    "format": format_,
    "setup": setup,
    "lock": lock,
    "clean": clean,
    "help": help_,
}


def _musictools(*words: str) -> int:
    python = environment.ready()
    # The laboratory belongs to where the reader stands: relative paths are theirs.
    return environment.become([python, "-m", "musictools", *words])


def _pytest(*words: str, place: environment.Environment | None = None) -> int:
    python = environment.ready(place)
    return environment.call([python, "-m", "pytest", *words])


def _run_notebooks() -> int:
    present = [ROOT / "notebooks" / name for name in FIRST_NOTEBOOKS]
    present = [path for path in present if path.is_file()]
    if not present:
        print("notebooks: none of the first two is there yet; not run")
        return 0
    python = environment.ready()
    with tempfile.TemporaryDirectory(prefix="musictools-test-") as data:
        env = environment.clean_env()
        env.update(MUSICTOOLS_DATA_DIR=data, JUPYTER_PREFER_ENV_PATH="1")
        # Kernels refuse the network as the tests do.
        env["PYTHONPATH"] = str(ROOT / "tests" / "offline")
        # Without the project's options: those are for code, and nbmake has its own.
        command = [python, "-m", "pytest", "--nbmake", "-n", "2", "-p", "no:cacheprovider"]
        command += ["--nbmake-timeout=600", *map(str, present)]
        return environment.call(command, env=env)


def main(words: list[str]) -> int:
    """Run one verb; the exit code is its own."""
    name, rest = (words[0] if words else "help"), words[1:]
    if rest[:1] == ["--"]:
        rest = rest[1:]
    name = "help" if name in ("-h", "--help") else name
    if name not in VERBS:
        print(f"do.py: no verb {name!r}; one of: {', '.join(VERBS)}", file=sys.stderr)
        return 2
    try:
        environment.check_python(
            (sys.version_info[0], sys.version_info[1]), sys.executable, verb=name
        )
        return VERBS[name](rest)
    except SetupError as error:
        print(f"do.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    # Lines must stand in order with those of the programs that are started.
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)
    os.environ.setdefault("PYTHONUTF8", "1")
    sys.exit(main(sys.argv[1:]))
