"""`devices detect`: finds the devices of this till, shows what came of each try, and writes `devices.toml`."""

import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import typer

from app.commands.configuration import read_devices
from app.commands.device_sections import DEVICES_FILE
from app.commands.site import Site, default_folder, writable
from app.commands.world import SystemClock
from app.values.speech import Speech
from app.values.wording import wording

if TYPE_CHECKING:
    from hardware.detection import DetectionSources
    from hardware.detection_findings import Findings, Progress
    from hardware.detection_places import SerialPort


@dataclass(frozen=True, slots=True)
class FindRequest:
    """What the command line says."""

    data: Path | None
    sample: bool = False
    ports: tuple[str, ...] = ()
    """Serial ports to be asked beside those the system lists."""

    hosts: tuple[str, ...] = ()
    search_network: bool = False
    probe: bool = True
    """Whether anything is sent; else places are only listed."""

    write: bool = False
    """Whether to write without asking."""


def find_devices(request: FindRequest, speech: Speech) -> int:
    """Search, show, and write after asking; 1 where the search was broken off, nothing being written then.

    Raises:
        FolderNotWritable: the till's folder does not let itself be written into.
    """
    from hardware.detection import DetectionRequest, detect
    from hardware.detection_proposal import proposed_toml

    site = Site(request.data or default_folder(), sample=request.sample)
    cancel = threading.Event()
    with _cancelled_by_interrupt(cancel):
        findings = detect(
            DetectionRequest(
                probe_serial=request.probe,
                probe_usb=request.probe,
                hosts=request.hosts,
                search_network=request.search_network,
            ),
            sources=_sources(request.ports),
            on_progress=lambda progress: _show_progress(progress, speech),
            cancel=cancel,
        )
    _show(findings, speech)
    if not findings.complete:
        typer.echo(speech.say(wording("The search was broken off; nothing was written.")))
        return 1
    proposal = proposed_toml(findings, speech)
    if not any(place.found for place in findings.places):
        typer.echo(speech.say(wording("No device was found. Check power and cables, then search again.")))
        return 0
    path = site.folder / DEVICES_FILE
    typer.echo(f"\n{proposal}")
    if request.write or _agreed(path, speech):
        _write(path, proposal, SystemClock().now(), speech)
    return 0


def _sources(ports: tuple[str, ...]) -> "DetectionSources":
    from hardware.detection import DetectionSources
    from hardware.detection_places import SerialPort, serial_ports
    from hardware.scanners.evdev import input_devices
    from hardware.usb import usb_printers

    def all_ports() -> "tuple[SerialPort, ...]":
        listed = serial_ports()
        known = {name for port in listed for name in port.names}
        return listed + tuple(SerialPort(path, frozenset({path})) for path in ports if path not in known)

    return DetectionSources(serial_ports=all_ports, usb_printers=usb_printers, input_devices=input_devices)


@contextmanager
def _cancelled_by_interrupt(cancel: threading.Event) -> Iterator[None]:
    """Let Ctrl+C end the search in order, with what was found until then."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        cancel.set()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _show_progress(progress: "Progress", speech: Speech) -> None:
    part = f" {progress.part}/{progress.parts}" if progress.parts else ""
    line = f"[{progress.done}/{progress.steps}] {speech.say(progress.doing)}{part}"
    if sys.stderr.isatty():
        typer.echo(f"\r\x1b[K{line}", nl=progress.done == progress.steps, err=True)
    elif not progress.part:
        typer.echo(line, err=True)


def _show(findings: "Findings", speech: Speech) -> None:
    for place in findings.places:
        mark = "✓" if place.found and place.found.sure else "?" if place.found else "·"
        described = f" ({place.description})" if place.description else ""
        typer.echo(f"{mark} {place.place}{described}: {speech.say(place.sentence)}")
        for one in place.tries:
            typer.echo(f"    {one.probe} {one.line} → {one.sent.hex(' ') or '–'} ← {one.received.hex(' ') or '–'}")
    for sentence in findings.missing:
        typer.echo(f"! {speech.say(sentence)}")


def _agreed(path: Path, speech: Speech) -> bool:
    if not sys.stdin.isatty():
        typer.echo(speech.say(wording("Nothing was written. Add --write to write {file}.", file=str(path))))
        return False
    return typer.confirm(speech.say(wording("Write this to {file}?", file=str(path))), default=False)


def _write(path: Path, proposal: str, at: datetime, speech: Speech) -> None:
    """Write the file whole or not at all; the one before is kept beside it."""
    writable(path.parent)
    fresh = path.with_suffix(".new")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(proposal)
            file.flush()
            os.fsync(file.fileno())
        read_devices(fresh)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    if path.exists():
        kept = path.with_name(f"{path.stem}.{at:%Y%m%d-%H%M%S}.toml")
        shutil.copy2(path, kept)
        typer.echo(speech.say(wording("The file that was there is kept as {file}.", file=kept.name)))
    fresh.replace(path)
    typer.echo(speech.say(wording("Written to {file}. It counts from the till's next start.", file=str(path))))
