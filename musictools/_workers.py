"""A pool of worker processes that survives whatever happens inside one of them.

The standard pools lose every open task when one worker dies, and start workers by importing the
caller's script again, which breaks scripts without a ``__main__`` guard. Here each worker is a
plain ``python -m musictools._worker`` that speaks one JSON line per task, so a crash in a decoder
costs one file, and a worker whose parent was killed sees the end of its input and leaves.
"""

import contextlib
import json
import math
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from musictools import _memory
from musictools.errors import MusictoolsError

#: One thread in each numerical library: the pool is the parallel part.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


#: Begins every line that is an answer.
MARK = "\x1e"


@dataclass(frozen=True)
class Outcome:
    """What became of one task.

    Attributes
    ----------
    task : mapping
        The task as it was given.
    result : Any
        What the function returned, or None after an error.
    error : str or None
        One line: the error's class and message.
    """

    task: Mapping[str, Any]
    result: Any = None
    error: str | None = None


def cpu_count() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def run(
    target: str,
    tasks: Iterable[Mapping[str, Any]],
    *,
    jobs: int,
    timeout_s: float | None = None,
    memory_mib: float = math.inf,
) -> Generator[Outcome, None, None]:
    """Run a function on every task in worker processes, in whatever order they finish.

    Parameters
    ----------
    target : str
        ``"package.module:function"``; called with the task as keyword arguments.
    tasks : iterable of mapping
        Arguments that JSON can carry.
    jobs : int
        Number of worker processes.
    timeout_s : float, optional
        A task that takes longer is ended and reported.
    memory_mib : float, optional
        A task at which the worker comes to hold more than this is ended and reported.

    Yields
    ------
    Outcome
        One for each task. A worker that dies gives an error for its task, and is replaced.

    Raises
    ------
    MusictoolsError
        If a worker cannot be started at all.
    """
    waiting: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
    total = 0
    for task in tasks:
        waiting.put(task)
        total += 1
    finished: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()
    stop = threading.Event()
    workers = [_Worker(target, timeout_s, memory_mib) for _ in range(min(jobs, total))]
    threads = [
        threading.Thread(target=_serve, args=(worker, waiting, finished, stop), daemon=True)
        for worker in workers
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in range(total):
            outcome = finished.get()
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome
    finally:
        stop.set()
        for worker in workers:
            worker.kill()
        for thread in threads:
            thread.join()


def _serve(
    worker: "_Worker",
    waiting: "queue.SimpleQueue[Mapping[str, Any]]",
    finished: "queue.SimpleQueue[Outcome | BaseException]",
    stop: threading.Event,
) -> None:
    try:
        while not stop.is_set():
            finished.put(worker.call(waiting.get_nowait()))
    except queue.Empty:
        pass
    except BaseException as error:  # noqa: BLE001 - handed to the caller's thread, which raises it
        finished.put(error)
    finally:
        worker.release()


class _Worker:
    """One worker process, started when first needed and again after it died."""

    def __init__(self, target: str, timeout_s: float | None, memory_mib: float) -> None:
        self._target, self._timeout_s, self._memory_mib = target, timeout_s, memory_mib
        self._fresh = False
        self._process: subprocess.Popen[str] | None = None
        self._noise: IO[bytes] | None = None
        self._lock = threading.Lock()
        self._closed = False

    def call(self, task: Mapping[str, Any]) -> Outcome:
        process = self._started()
        if process is None:
            return Outcome(task, error="cancelled")
        fresh, self._fresh = self._fresh, False
        late = threading.Event()
        timer = threading.Timer(self._timeout_s or 0.0, _end, args=(process, late))
        if self._timeout_s:
            timer.start()
        try:
            line = _exchange(process, task)
        finally:
            timer.cancel()
        if line:
            reply = json.loads(line.removeprefix(MARK))
            return Outcome(task, reply.get("result"), reply.get("error"))
        if late.is_set():
            return Outcome(task, error=f"TimedOut: no answer within {self._timeout_s:g} s")
        if process.wait() == _memory.EXIT_CODE:
            # What tasks before this one left behind is not its fault.
            return Outcome(task, error=self._too_large()) if fresh else self.call(task)
        return Outcome(task, error=self._obituary(process))

    def _too_large(self) -> str:
        return f"OutOfMemory: the worker process grew beyond {self._memory_mib:g} MiB"

    def _started(self) -> "subprocess.Popen[str] | None":
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.release()
        with self._lock:
            if self._closed:
                return None
            self._noise = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
            process = _launch(self._target, self._memory_mib, self._noise)
            self._process, self._fresh = process, True
        # Outside the lock, so that kill() need not wait for a slow import.
        if _reply(process) or self._closed:
            return process
        raise _no_worker(self._obituary(process))

    def _obituary(self, process: "subprocess.Popen[str]") -> str:
        code = process.wait()
        reason = f"ended by signal {-code}" if code < 0 else f"left with exit code {code}"
        with self._lock:
            last = _last_line(self._noise)
        return f"WorkerDied: the worker process {reason}" + (f" ({last})" if last else "")

    def kill(self) -> None:
        """End the process; its own thread, which may be reading from it, cleans up behind it."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()

    def release(self) -> None:
        """End the process and close what led to it; for the thread that serves it only."""
        with self._lock:
            process, self._process = self._process, None
            noise, self._noise = self._noise, None
        if process is not None:
            process.kill()
            process.wait()
        pipes = (process.stdin, process.stdout) if process is not None else ()
        for stream in (noise, *pipes):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()


def _end(process: "subprocess.Popen[str]", late: threading.Event) -> None:
    late.set()
    process.kill()


def _last_line(noise: IO[bytes] | None) -> str:
    if noise is None or noise.closed:
        return ""
    noise.seek(0)
    lines = noise.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""


def _launch(target: str, memory_mib: float, noise: IO[bytes]) -> "subprocess.Popen[str]":
    # -P: a file numpy.py in the reader's folder is not what a worker should import.
    command = [sys.executable or "python", "-P", "-m", "musictools._worker", target]
    command.append(str(memory_mib))
    try:
        return subprocess.Popen(  # noqa: S603 - our own module, our own interpreter
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=noise,
            text=True,
            encoding="utf-8",
            env=_environment(),
        )
    except OSError as error:
        raise _no_worker(str(error)) from error


def _no_worker(reason: str) -> MusictoolsError:
    return MusictoolsError(
        "start a worker process",
        got=reason,
        expected=f"{sys.executable} that runs musictools",
        hint="python -m musictools doctor",
    )


def _exchange(process: "subprocess.Popen[str]", task: Mapping[str, Any]) -> str:
    """Send one task and wait for its line; an empty line means that the worker died."""
    try:
        if process.stdin is not None:
            process.stdin.write(json.dumps(task) + "\n")
            process.stdin.flush()
    except (OSError, ValueError):
        return ""
    return _reply(process)


def _reply(process: "subprocess.Popen[str]") -> str:
    """Wait for a marked line; whatever else is written to standard output is no answer."""
    try:
        for line in process.stdout or ():
            if line.startswith(MARK):
                return line
    except (OSError, ValueError):
        pass
    return ""


def _environment() -> dict[str, str]:
    # The package may have been put on sys.path by hand (a notebook in a checkout).
    root = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return os.environ | _ONE_THREAD | {"PYTHONPATH": path}
