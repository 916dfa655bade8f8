"""Kills a process with SIGKILL right before its Nth write, for one N after another.

A scenario is a function that is given a folder and a way to acknowledge; whatever it acknowledged must be there
afterwards. One process is started for all of them and forks a child for each N, which costs milliseconds. strace kills
every child at the same count of `pwrite64` calls, so a child that is to die at its Nth write first makes as many
calls on a scratch file as are missing to that count.
"""

import contextlib
import importlib
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KILLED_AT = 400
"""At which call strace kills; more than any scenario is swept over."""

Acknowledge = Callable[[str], None]
Scenario = Callable[[Path, Acknowledge], None]


@dataclass(frozen=True)
class KilledRun:
    """What is left of one run."""

    point: int
    folder: Path
    acknowledged: tuple[str, ...]
    was_killed: bool
    """False: the scenario had fewer writes than that."""


def strace_can_kill() -> bool:
    """Whether strace is here and may trace."""
    if shutil.which("strace") is None:
        return False
    tried = subprocess.run(
        ["strace", "-f", "-e", "trace=pwrite64", "-o", os.devnull, "true"],
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


def killed_runs(scenario: str, base: Path, out: Path, points: range) -> list[KilledRun]:
    """Run `module:function` on a copy of a folder for each point and kill it there.

    Where strace cannot, the children are killed after random times instead, as many of them.
    """
    out.mkdir(parents=True, exist_ok=True)
    traced = strace_can_kill()
    command = [sys.executable, "-m", "tests.faults.store_kill_harness", scenario, str(base), str(out)]
    command += [str(points.start), str(points.stop), str(points.step), "traced" if traced else "random"]
    if traced:
        inject = f"inject=pwrite64:signal=KILL:when={KILLED_AT}"
        command = ["strace", "-f", "-e", "trace=pwrite64", "-e", inject, "-o", os.devnull, *command]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the harness failed: {done.stderr[-2000:]}")
    runs = []
    for point in points:
        words = (out / f"{point}.acknowledged").read_text(encoding="utf-8").splitlines()
        runs.append(KilledRun(point, out / str(point), tuple(words[1:]), words[0] == "killed"))
    return runs


def _run_child(
    run: Scenario, folder: Path, scratch: Path, writes_before: int, kill_after_s: float | None = None
) -> tuple[list[str], bool]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 1
        try:
            descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT, 0o600)
            for _ in range(writes_before):
                os.pwrite(descriptor, b"x", 0)
            run(folder, lambda word: _say(writing, word))
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    words = _listen(reading, child, kill_after_s)
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if not killed and os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"the scenario failed in {folder}")
    return words, killed


def _say(descriptor: int, word: str) -> None:
    os.write(descriptor, word.encode() + b"\n")


def _listen(reading: int, child: int, kill_after_s: float | None) -> list[str]:
    data = b""
    until = None if kill_after_s is None else time.monotonic() + kill_after_s
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while True:
            if until is not None:
                ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
                if not ready:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(child, signal.SIGKILL)
                    until = None
            block = pipe.read(4096)
            if not block:
                # A last line without its end was not acknowledged: the child died while saying it.
                return data.decode().split("\n")[:-1]
            data += block


def main(arguments: list[str]) -> None:
    """Run every point; called in the traced process."""
    name, base, out, start, stop, step, how = arguments
    module, _, function = name.partition(":")
    run: Scenario = getattr(importlib.import_module(module), function)
    lasts_s = 0.0
    if how != "traced":
        shutil.copytree(base, Path(out) / "unkilled")
        begun = time.monotonic()
        _run_child(run, Path(out) / "unkilled", Path(out) / "scratch", 0)
        lasts_s = (time.monotonic() - begun) * 0.8
    chance = random.Random(int(stop))
    for point in range(int(start), int(stop), int(step)):
        folder = Path(out) / str(point)
        shutil.copytree(base, folder)
        before = KILLED_AT - point if how == "traced" else 0
        words, killed = _run_child(
            run, folder, Path(out) / "scratch", before, chance.uniform(0, lasts_s) if lasts_s else None
        )
        said = "\n".join(["killed" if killed else "finished", *words])
        (Path(out) / f"{point}.acknowledged").write_text(said + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
