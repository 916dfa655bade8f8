"""`devices`: the bench in a window of its own; `devices list`: a line for each device that is set up."""

import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from app.commands.devices.bench import HouseBench
from app.commands.devices.deaf import NobodySells
from app.commands.devices.house import DeviceHouse, HouseParts
from app.commands.site import Site, default_folder
from app.commands.till import NoDisplay, TillOptions, screen_settings
from app.commands.world import SystemClock, SystemIdentities
from app.devices.conditions import DeviceCondition
from app.values.speech import Speech
from app.values.wording import wording

_LIST_S: Final = 5.0
"""How long `list` waits for devices to answer."""

_END_S: Final = 2.0
_SCREENS: Final = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
_MARKS: Final = {
    DeviceCondition.READY: "✓",
    DeviceCondition.ATTENTION: "!",
    DeviceCondition.STOPPED: "✗",
    DeviceCondition.AWAY: "✗",
    DeviceCondition.ABSENT: "·",
}


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """What the command line says."""

    data: Path | None
    sample: bool
    theme: str
    language: str


def _alone(site: Site) -> DeviceHouse:
    return DeviceHouse(
        site.configuration(), NobodySells(), SystemClock(), SystemIdentities(), HouseParts(at_a_till=False)
    )


def open_bench(options: BenchOptions) -> int:
    """Show the bench until it is closed; return the exit code.

    Raises:
        BadConfiguration: there is no configuration, or it is wrong.
        NoDisplay: there is nowhere to show it.
    """
    if sys.platform == "linux" and not any(os.environ.get(name) for name in _SCREENS):
        raise NoDisplay(
            wording("There is no display. Start the bench in a desktop session, or list the devices: devices list.")
        )
    site = Site(options.data or default_folder(), sample=options.sample)
    till = TillOptions(
        data=options.data,
        sample=options.sample,
        operator_number="",
        theme=options.theme,
        language=options.language,
        fullscreen=False,
        customer_display=False,
        stamp=False,
    )
    settings = screen_settings(site, till)

    def make_bench() -> HouseBench:
        house = _alone(site)
        return HouseBench(house, lambda: house.close(_END_S))

    from ui.devices.application import run_device_bench

    return run_device_bench(make_bench, settings)


def list_devices(data: Path | None, speech: Speech, *, sample: bool) -> int:
    """Print how every configured device is; 1 where one cannot be used.

    Raises:
        BadConfiguration: there is no configuration, or it is wrong.
    """
    site = Site(data or default_folder(), sample=sample)
    house = _alone(site)
    bench = HouseBench(house)
    pause = threading.Event()
    try:
        deadline = time.monotonic() + _LIST_S
        while time.monotonic() < deadline and any(
            device.condition is DeviceCondition.ABSENT for device in bench.devices()
        ):
            pause.wait(0.05)
        shown = bench.devices()
    finally:
        house.close(_END_S)
    for device in shown:
        line = wording(
            "{mark} {title} {name} · {driver} · {place}: {sentence}",
            mark=_MARKS[device.condition],
            title=speech.say(device.title),
            name=device.name,
            driver=device.driver,
            place=device.place or "–",
            sentence=speech.say(device.sentence),
        )
        typer.echo(speech.say(line))
    return 1 if any(device.condition.unusable for device in shown) else 0
