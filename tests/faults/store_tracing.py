"""Runs a scenario under strace: with a fault injected into the disk's calls, or with every write recorded."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.store_kill_harness import ROOT

SECTOR = 512


def run_scenario(scenario: str, folder: Path, *strace: str) -> list[str]:
    """Run a scenario of `store_scenarios` in a process of its own and return what it acknowledged."""
    command = ["strace", *strace, sys.executable, "-m", "tests.faults.store_scenarios", scenario, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the scenario failed: {done.stderr[-3000:]}")
    return done.stdout.splitlines()


@dataclass(frozen=True)
class Written:
    """Bytes given to a file at an offset."""

    file: str
    offset: int
    data: bytes


@dataclass(frozen=True)
class Cut:
    """A file's length changed."""

    file: str
    length: int


@dataclass(frozen=True)
class Flushed:
    """A file was flushed."""

    file: str


@dataclass(frozen=True)
class Said:
    """Something was acknowledged."""

    word: str


Event = Written | Cut | Flushed | Said

_LINE = re.compile(
    r"(?P<call>pwrite64|write|fsync|fdatasync|ftruncate)\((?P<fd>\d+)<(?P<path>[^>]*)>"
    r'(?:, "(?P<data>(?:\\x[0-9a-f]{2})*)")?(?:, (?P<first>\d+))?(?:, (?P<second>\d+))?\)\s*= (?P<result>-?\d+)'
)


def record(scenario: str, folder: Path, trace: Path) -> list[Event]:
    """Run a scenario and return everything it did to the files of its folder, in order."""
    calls = "trace=pwrite64,write,fsync,fdatasync,ftruncate"
    run_scenario(scenario, folder, "-y", "-xx", "-s", "70000", "-e", calls, "-o", str(trace))
    events: list[Event] = []
    for text in trace.read_text(encoding="ascii").splitlines():
        found = _LINE.match(text)
        if found is None or int(found["result"]) < 0:
            continue
        path = bytes.fromhex(found["path"].replace("\\x", "")).decode() if "\\x" in found["path"] else found["path"]
        name = Path(path).name
        data = bytes.fromhex((found["data"] or "").replace("\\x", ""))
        if found["call"] == "write":
            if found["fd"] == "1":
                events.extend(Said(word) for word in data.decode().split("\n") if word)
        elif Path(path).parent != folder:
            continue
        elif found["call"] == "pwrite64":
            events.append(Written(name, int(found["second"]), data))
        elif found["call"] == "ftruncate":
            events.append(Cut(name, int(found["first"])))
        else:
            events.append(Flushed(name))
    return events


@dataclass
class Disk:
    """What a disk holds of each file, and what it was given and has not flushed."""

    durable: dict[str, bytearray]
    pending: dict[str, list[Written | Cut]] = field(default_factory=dict)

    def do(self, event: Event) -> None:
        if isinstance(event, Written | Cut):
            self.pending.setdefault(event.file, []).append(event)
        elif isinstance(event, Flushed):
            for waiting in self.pending.pop(event.file, []):
                _apply(self.durable.setdefault(event.file, bytearray()), waiting)

    def after_power_cut(self, chance: Random) -> dict[str, bytes]:
        """Return the files with a part of what was not flushed: some writes, some torn between sectors."""
        files = {name: bytearray(data) for name, data in self.durable.items()}
        for name, waiting in self.pending.items():
            target = files.setdefault(name, bytearray())
            for event in waiting:
                fate = chance.random()
                if fate < 0.35:
                    _apply(target, event)
                elif fate < 0.7 and isinstance(event, Written):
                    _tear(target, event, chance)
        return {name: bytes(data) for name, data in files.items()}


def _apply(target: bytearray, event: Written | Cut) -> None:
    if isinstance(event, Cut):
        del target[event.length :]
        target.extend(bytes(event.length - len(target)))
        return
    end = event.offset + len(event.data)
    target.extend(bytes(max(0, end - len(target))))
    target[event.offset : end] = event.data


def _tear(target: bytearray, event: Written, chance: Random) -> None:
    place = event.offset
    end = event.offset + len(event.data)
    while place < end:
        until = min(end, (place // SECTOR + 1) * SECTOR)
        if chance.random() < 0.5:
            _apply(target, Written(event.file, place, event.data[place - event.offset : until - event.offset]))
        place = until
